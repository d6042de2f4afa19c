"""Descriptions of tables in model files of former versions, brought into today's form."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyalite.data.tables.number_texts import NumberFormat
from hyalite.parameters import Array

OLD_LIMIT = 10.0  # standard deviations


class EitherNumberFormat(NumberFormat):
    """Numbers with a decimal point, or else with a decimal comma.

    A former version looked at each file anew for its decimal sign, and kept none.
    """

    def parse(self, texts: list[str]) -> Array:
        """float64, NaN where there is no number."""
        found = super().parse(texts)
        return np.where(np.isnan(found), NumberFormat(",", ".", gaps=self.gaps).parse(texts), found)


def upgraded(config: Any) -> Any:
    """A description with what was called `mean` and limited to ±10 as today's columns take it."""
    if isinstance(config, list):
        return [upgraded(item) for item in config]
    if not isinstance(config, dict):
        return config
    config = {key: upgraded(value) for key, value in config.items()}
    if config.get("type") == "Number" and "mean" in config:
        config["center"] = config.pop("mean")
        config.setdefault("limit", OLD_LIMIT)
        config.setdefault("format", {"type": "EitherNumberFormat"})
    return config
