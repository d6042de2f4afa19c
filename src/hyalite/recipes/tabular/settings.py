"""The settings of one network for a table; the fixed set of them that `effort="best"` mixes."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class MemberSettings:
    """How one network is made and trained.

    Attributes:
        units: of each hidden layer.
        layers: hidden ones.
        activation: of the hidden layers; None: "selu" for classes, "mish" for numbers.
        learning_rate: the highest; None: 0.04 for classes, 0.2 for numbers... of `width` units.
        dropout: share of the hidden units, at first.
        weight_decay: at first.
        beta_2: of AdamW.
        embedding: whether numbers are embedded by waves.
        sigma: spread of the waves' frequencies at the start.
        epochs: None leaves it to the number of rows.
        log: whether the network is trained to give the target's logarithm.
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
    epochs: int | None = None
    log: bool = False

    def but(self, **changes: object) -> MemberSettings:
        """The same with some others."""
        return replace(self, **changes)  # type: ignore[arg-type]
