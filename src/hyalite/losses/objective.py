"""A loss joined to the layer that ends a model: fused where the two belong together."""

from __future__ import annotations

from hyalite.exact import is_own
from hyalite.layers.activations import Sigmoid, Softmax
from hyalite.layers.base import Layer
from hyalite.losses.base import Loss, scale_rows
from hyalite.losses.crossentropy import BinaryCrossentropy, CategoricalCrossentropy
from hyalite.parameters import Array, Shape

# by exact class: what a subclass computes is not known
FUSED: dict[type[Loss], type[Layer]] = {
    CategoricalCrossentropy: Softmax,
    BinaryCrossentropy: Sigmoid,
}


class Objective:
    """A loss joined to the activation that ends a model.

    `Softmax` with `CategoricalCrossentropy` and `Sigmoid` with `BinaryCrossentropy` are fused: the
    two are computed as one, from the logits. A subclass of any of them is not: its own methods run.

    Args:
        loss: the loss.
        last: the model's last stage.
        outputs: shape of one output sample.

    Raises:
        ValueError: the two do not fit, as softmax before a loss that expects logits, or the
            outputs of a sample are not one row.

    Examples:
        >>> loss = hy.CategoricalCrossentropy()
        >>> fused = hy.losses.Objective(loss, hy.Softmax(), outputs=(2,))
        >>> fused.fuses_last
        True
        >>> logits, labels = np.zeros((1, 2)), np.array([1])
        >>> prediction, values, gradient = fused(logits, labels, weight=None, total=1.0)
        >>> prediction.tolist(), values.round(3).tolist(), gradient.tolist()  # p, ln 2, p - t
        ([[0.5, 0.5]], [0.693], [[0.5, -0.5]])
    """

    def __init__(self, loss: Loss, last: Layer, outputs: Shape) -> None:
        check_ending(loss, last)
        if len(outputs) != 1:
            raise ValueError(
                f"a loss takes one row of outputs a sample, but the model gives {outputs}; "
                "put a Flatten() before the last dense layer"
            )
        self.loss = loss
        self.outputs = outputs
        self.fuses_last = not loss.from_logits and FUSED.get(type(loss)) is type(last)

    def __call__(
        self, output: Array, target: Array, weight: Array | None, total: float
    ) -> tuple[Array, Array, Array]:
        """The end of the forward pass and the start of the backward pass.

        Args:
            output: of the last stage, or of the one before where `fuses_last`.
            target: as `Loss.target` gives it.
            weight: of the samples, (n,), or None.
            total: what the gradient is divided by: the weight of the whole batch.

        Returns:
            prediction (n, d), per-sample losses (n,), gradient by `output` (n, d).
        """
        if self.fuses_last:
            prediction, values, gradient = self.loss.fused(output, target)
        else:
            prediction, values = output, self.loss.values(output, target)
            gradient = self.loss.gradient(output, target)
        return prediction, values, scale_rows(gradient, weight, total)

    def values(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Prediction and per-sample losses alone."""
        if self.fuses_last:
            prediction, values, _ = self.loss.fused(output, target)
            return prediction, values
        return output, self.loss.values(output, target)


def check_ending(loss: Loss, last: Layer) -> None:
    """Raise a ValueError, with the fix, where a loss cannot follow the layer `last`.

    Args:
        loss: of the model.
        last: its last layer or stage. Of a user's own layer or loss nothing is known, so it passes.

    Raises:
        ValueError: as said.

    Examples:
        >>> hy.losses.check_ending(hy.BinaryCrossentropy(), hy.Sigmoid())
        >>> hy.losses.check_ending(hy.BinaryCrossentropy(), hy.ReLU())
        Traceback (most recent call last):
            ...
        ValueError: loss 'binary_crossentropy' expects probabilities, but the model ends ...
    """
    ending, name = type(last).__name__, loss.name
    if loss.kind == "regression" or not (is_own(loss) and is_own(last)):
        return  # any numbers will do; and of what is the user's own nothing is known
    if loss.kind == "groups":
        if last.output_kind != "numbers":
            raise ValueError(
                f"loss {name!r} expects logits, but the model ends with {ending}. Leave the "
                f"{ending} out; a softmax of each group is part of the loss"
            )
    elif loss.from_logits:
        if last.output_kind != "numbers":
            raise ValueError(
                f"loss {type(loss).__name__}(from_logits=True) expects logits, but the model ends "
                f"with {ending}, which would be applied twice. Leave out from_logits=True (the "
                f"two are then computed as one from the logits), or the {ending}"
            )
    elif loss.kind == "classes" and last.output_kind != "a distribution":
        raise ValueError(
            f"loss {name!r} expects probabilities that sum to 1, but the model ends with {ending}. "
            "End it with activation='softmax', or, to work with logits, use "
            "CategoricalCrossentropy(from_logits=True)"
        )
    elif loss.kind == "binary" and last.output_kind == "numbers":
        raise ValueError(
            f"loss {name!r} expects probabilities, but the model ends with {ending}. End it with "
            "activation='sigmoid', or, to work with logits, use "
            "BinaryCrossentropy(from_logits=True)"
        )
