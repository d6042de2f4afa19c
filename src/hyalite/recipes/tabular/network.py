"""From the schema of a table's inputs to the layers of a network for it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hyalite.layers import Dense, Dropout, Embedding, Layer
from hyalite.recipes.tabular.problem import Schema
from hyalite.recipes.tabular.settings import MemberSettings


def layers_for(schema: Schema, outputs: int, settings: MemberSettings) -> list[Layer]:
    """Categories embedded, then hidden layers with an activation and dropout, then the outputs.

    Args:
        schema: of the inputs.
        outputs: a logit for each class, or one number.
        settings: of the network.
    """
    layers: list[Layer] = []
    if schema.categories:
        layers.append(Embedding([count for _, count in schema.categories], 8))
    for number in range(settings.layers):
        layers.append(Dense(settings.units, "gelu", initializer="he_normal", name=f"hidden_{number + 1}"))
        if settings.dropout:
            layers.append(Dropout(settings.dropout))
    layers.append(Dense(outputs, name="output"))
    return layers
