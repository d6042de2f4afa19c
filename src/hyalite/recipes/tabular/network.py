"""From the schema of a table's inputs to the layers of a network for it, and how fast each learns.

The recipe is RealMLP's (Holzmüller, Grinsztajn & Steinwart, *Better by default*, 2024): numbers
are brought within ±3 and embedded by waves, every input is scaled by a trained number, and three
hidden layers follow whose activation may be weakened or strengthened unit by unit.
"""

from __future__ import annotations

import math

from hyalite.data.tables.schema import Schema
from hyalite.exact import is_exactly
from hyalite.layers import (
    Dense,
    Dropout,
    Embedding,
    Layer,
    ParametricActivation,
    PeriodicEmbedding,
    Scale,
    SmoothClip,
)
from hyalite.model import Sequential
from hyalite.recipes.tabular.settings import MemberSettings
from hyalite.schedules import Schedule

MOST_WAVES = 1000  # numbers; the waves of more would be nearly all of the time and of the file


def layers_for(
    schema: Schema, outputs: int, settings: MemberSettings, dropout: float | Schedule
) -> list[Layer]:
    """Inputs clipped and embedded, hidden layers with an activation and dropout, the outputs.

    Args:
        schema: of the inputs.
        outputs: a logit for each class, or one number.
        settings: of the network.
        dropout: share of the hidden units that are dropped; 0 for none.
    """
    layers: list[Layer] = []
    embedded = {place for place, _ in schema.categories}
    # the embedded ones come last, so the others move up
    numbers = [place - sum(e < place for e in embedded) for place in schema.numbers]
    if embedded:
        counts = [count for _, count in schema.categories]
        own = [place for place, _ in schema.categories]
        size = settings.category_dimension
        layers.append(Embedding(counts, size, columns=own, name="categories"))
    if numbers:
        layers.append(SmoothClip(columns=numbers, name="clip"))
    if numbers and settings.embedding and len(numbers) <= MOST_WAVES:
        waves = PeriodicEmbedding(columns=numbers, sigma=settings.sigma, name="waves")
        layers.append(waves)
    layers.append(Scale(name="scale"))
    activation = settings.activation or ("selu" if outputs > 1 else "mish")
    for number in range(1, settings.layers + 1):
        layers.append(Dense(settings.units, initializer="lecun_normal", name=f"hidden_{number}"))
        layers.append(ParametricActivation(activation, name=f"activation_{number}"))
        if settings.dropout:
            layers.append(Dropout(dropout, name=f"dropout_{number}"))
    layers.append(Dense(outputs, initializer="lecun_normal", name="output"))
    return layers


def rate_factors(model: Sequential) -> dict[str, float]:
    """Factors of the learning rate for the weights of a built network's dense layers.

    Under Adam, whose steps are as long whatever the gradient, the neural-tangent form W/√inputs of
    a weight is a start of 1/√inputs and a rate of that factor.
    """
    return {
        f"{name}.W": 1 / math.sqrt(len(layer.W))
        for name, layer in zip(model.network.names, model.layers, strict=True)
        if is_exactly(layer, Dense)
    }


def decay_factors(model: Sequential) -> dict[str, float]:
    """Factors of the weight decay: none for biases, and none of the rate's factor for weights."""
    return {"*.b": 0.0} | {name: 1 / factor for name, factor in rate_factors(model).items()}
