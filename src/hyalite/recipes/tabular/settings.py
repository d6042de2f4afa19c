"""The settings of one network for a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class MemberSettings:
    """How one network is made and trained; the defaults are RealMLP-TD's but for the width.

    Attributes:
        units: of each hidden layer.
        layers: hidden ones.
        activation: of the hidden layers; None: "selu" for classes, "mish" for numbers.
        learning_rate: the highest; None: 0.04 for classes, 0.2 for numbers.
        dropout: share of the hidden units at first; it falls to 0 in the second half.
        weight_decay: of weights, not of biases.
        beta_2: of AdamW.
        embedding: whether numbers are embedded by waves.
        sigma: spread of the waves' frequencies at the start.
        category_dimension: numbers for each embedded category.
        log: whether the network gives the target's logarithm.
    """

    units: int = 128
    layers: int = 3
    activation: str | None = None
    learning_rate: float | None = None
    dropout: float = 0.15
    weight_decay: float = 0.02
    beta_2: float = 0.95
    embedding: bool = True
    sigma: float = 0.1
    category_dimension: int = 8
    log: bool = False

    def but(self, **changes: Any) -> Self:
        """The same with some others."""
        return replace(self, **changes)
