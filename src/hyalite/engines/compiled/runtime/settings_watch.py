"""Whether the settings that tables were made from are still the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# Attributes of layers and losses that tables hold,
SETTINGS = (
    "activation", "slope", "epsilon", "momentum", "scale", "offset", "rate", "l1", "l2",
    "bias_l1", "bias_l2", "label_smoothing", "delta", "q", "classes", "from_logits",
    "stddev", "shift", "rotation", "zoom", "fill", "mode",
)  # fmt: skip
# and those of layers that predictions use.
PREDICTION_SETTINGS = ("activation", "slope", "epsilon", "scale", "offset")


class SettingsWatch:
    """Some attributes of some objects, and of the activations within them.

    Args:
        objects: layers, or a loss.
        names: of the attributes; an object may lack any.
    """

    def __init__(self, objects: Iterable[object], names: Sequence[str]) -> None:
        self._read = [
            (part, name)
            for one in objects
            for part in (one, getattr(one, "activation", None))
            for name in names
            if hasattr(part, name)
        ]
        self._values = [getattr(part, name) for part, name in self._read]

    @property
    def changed(self) -> bool:
        """Whether one has another value than at first."""
        return [getattr(part, name) for part, name in self._read] != self._values
