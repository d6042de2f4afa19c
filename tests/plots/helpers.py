"""What the tests of the pictures share: a history, labels, and that nothing overlaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import hyalite as hy
from hyalite import plots
from hyalite.training.history import History


def history_of(epochs: int, **figures_by_name: list[float]) -> History:
    history = History(0)
    for epoch in range(epochs):
        values = {name: column[epoch] for name, column in figures_by_name.items()}
        history.append(epoch + 1, values, 0.0)
    return history


def labels_of(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def cells_of(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def assert_nothing_overlaps(axes: np.ndarray) -> None:
    """No panel with its title and ticks covers another."""
    axes[0].figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in axes]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:place])


def assert_no_texts_overlap(ax: Any) -> None:
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:place])
        assert box.y0 >= 0
        assert box.x0 >= 0
        assert box.x1 <= ax.figure.bbox.x1


def trained(outputs: str) -> tuple[hy.Sequential, np.ndarray, np.ndarray]:
    """A model with dropout and running statistics, of flat square samples, pictures or points."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 2 if outputs == "plane" else 9)), rng.integers(0, 3, 40)
    layers: list[hy.Layer] = [hy.Dense(6, "relu"), hy.BatchNormalization(), hy.Dropout(0.2)]
    if outputs == "pictures":
        x = rng.normal(size=(40, 6, 6))
        layers = [hy.Conv2D(4, 3, activation="relu"), hy.BatchNormalization(), hy.Flatten()]
        model = hy.Sequential([*layers, hy.Dropout(0.2), hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy")
    elif outputs == "numbers":
        model = hy.Sequential([*layers, hy.Dense(2)])
        model.compile("mean_squared_error")
        y = rng.normal(size=(40, 2))
    else:
        model = hy.Sequential([*layers, hy.Dense(3, "softmax")])
        model.compile("categorical_crossentropy")
    norms = plots.GradientNorms()
    model.fit(x, y, epochs=2, seed=0, callbacks=[norms], verbose=0)
    model.norms = norms  # type: ignore[attr-defined]
    return model, x, y


Picture = Callable[[Any, Any, Any], Any]
PICTURES: dict[str, tuple[str, Picture]] = {
    "activations": ("classes", lambda model, x, y: plots.activations(model, x)),
    "augmentations": (
        "classes",
        lambda model, x, y: plots.augmentations(hy.RandomAffine(), np.eye(6).reshape(1, 6, 6)),
    ),
    "confusion_matrix": ("classes", plots.confusion_matrix),
    "curves": ("classes", lambda model, x, y: plots.curves(model.history)),
    "decision_regions": ("plane", plots.decision_regions),
    "diagram": ("classes", lambda model, x, y: plots.diagram(model)),
    "feature_maps": ("pictures", lambda model, x, y: plots.feature_maps(model, x[0])),
    "filters": ("pictures", lambda model, x, y: plots.filters(model, model.get_weights())),
    "first_layer_weights": ("classes", lambda model, x, y: plots.first_layer_weights(model)),
    "gradient_field": (
        "classes",
        lambda model, x, y: plots.gradient_field(lambda v: v[0] * v[1], points=3),
    ),
    "gradient_norms": ("classes", lambda model, x, y: plots.gradient_norms(model.norms)),
    "importance": (
        "numbers",
        lambda model, x, y: plots.importance(hy.permutation_importance(model, x, y, repeats=2)),
    ),
    "learning_rates": (
        "classes",
        lambda model, x, y: plots.learning_rates(hy.find_learning_rate(model, x, y, steps=20)),
    ),
    "mistakes": ("classes", lambda model, x, y: plots.mistakes(model, x, y, count=4)),
    "occlusion": (
        "pictures",
        lambda model, x, y: plots.occlusion(plots.occlusion_map(model, x[:3])),
    ),
    "predictions": ("classes", lambda model, x, y: plots.predictions(model, x[:4])),
    "regression_fit": ("numbers", plots.regression_fit),
}
