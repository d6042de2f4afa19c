from __future__ import annotations

import copy
import importlib.util
import itertools
import os
import subprocess
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from hyalite.errors import MissingExtra
from hyalite.plots.canvas import BLUE, VERMILLION
from hyalite.plots.regions import GRID_POINTS
from hyalite.training.history import History

figures = pytest.importorskip("matplotlib.figure")


def history_of(epochs: int, **figures_by_name: list[float]) -> History:
    history = History(0)
    for epoch in range(epochs):
        values = {name: column[epoch] for name, column in figures_by_name.items()}
        history.append(epoch + 1, values, 0.0)
    return history


@pytest.fixture(scope="module")
def spiral() -> tuple[hy.Sequential, np.ndarray, np.ndarray]:
    x, y = hy.datasets.spiral(40)
    model = hy.Sequential([hy.Dense(16, "tanh"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.02), ["accuracy"])
    model.fit(x, y, epochs=20, seed=0, verbose=0)
    return model, x, y


@pytest.fixture(scope="module")
def pictures() -> tuple[hy.Sequential, np.ndarray, np.ndarray]:
    """A model that says 1 where the middle is bright, the surer the brighter."""
    x = np.zeros((10, 5, 5), np.uint8)
    x[:, 2, 2] = np.arange(10) * 25
    model = hy.Sequential([hy.Flatten(), hy.Rescaling(1 / 255), hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy")
    model.build((5, 5), seed=0)
    W = np.zeros((25, 2))
    W[12, 1] = 10
    model.set_weights({"dense_1.W": W, "dense_1.b": [0.5, 0.0]})
    return model, x, np.zeros(10, int)


def labels_of(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_curves_draws_a_panel_for_loss_and_each_metric() -> None:
    history = history_of(
        3,
        loss=[1.0, 0.5, 0.4],
        accuracy=[0.5, 0.6, 0.7],
        val_loss=[1.1, 0.6, 0.5],
        val_accuracy=[0.4, 0.5, 0.6],
        learning_rate=[0.1, 0.1, 0.1],
    )
    axes = plots.curves(history, validation="test")
    assert [ax.get_title() for ax in axes] == ["Loss", "Accuracy"]
    assert labels_of(axes[0]) == ["training", "test"]
    assert axes[0].lines[1].get_ydata().tolist() == [1.1, 0.6, 0.5]
    assert axes[0].lines[0].get_xdata().tolist() == [1, 2, 3]
    axes[0].figure.draw_without_rendering()
    ticks = [text.get_text() for text in axes[0].get_xticklabels()]
    assert all("." not in tick for tick in ticks)
    assert axes[1].get_yticklabels()[0].get_text().endswith(" %")
    assert axes[0].get_yscale() == "linear"


def test_curves_shows_the_loss_with_and_without_penalty() -> None:
    history = history_of(
        1, loss=[1.5], data_loss=[1.0], penalty=[0.5], val_loss=[1.1], learning_rate=[0.1]
    )
    (ax,) = plots.curves(history)
    assert labels_of(ax) == ["training", "training, with penalty", "validation"]
    assert [line.get_ydata()[0] for line in ax.lines] == [1.0, 1.5, 1.1]


def test_curves_of_large_falls_are_logarithmic_and_matrices_are_left_out() -> None:
    history = history_of(
        2, loss=[1.0, 1e-4], confusion_matrix=[[[1, 0], [0, 1]]] * 2, learning_rate=[0.1, 0.1]
    )
    (ax,) = plots.curves(history)
    assert ax.get_yscale() == "log"


def test_curves_draws_on_given_axes_and_counts_them() -> None:
    history = history_of(2, loss=[1.0, 0.9], accuracy=[0.5, 0.6])
    given = figures.Figure().subplots(1, 2)
    assert plots.curves(history, given)[1] is given[1]
    with pytest.raises(ValueError, match=r"axes must be 2 Axes, for loss, accuracy; got 1"):
        plots.curves(history, given[0])
    with pytest.raises(ValueError, match="no epochs yet"):
        plots.curves(History(0))


def test_mistakes_come_surest_first_with_both_classes(pictures) -> None:
    model, x, y = pictures
    axes = plots.mistakes(model, x, y, ["dark", "bright"], count=4)
    titles = [ax.get_title() for ax in axes]
    assert len(titles) == 4
    assert titles[0] == "is dark\nsaid bright, 100.0 %"
    shares = [float(title.split(", ")[1].removesuffix(" %")) for title in titles]
    assert shares == sorted(shares, reverse=True)
    assert np.array_equal(axes[0].images[0].get_array(), x[9])
    assert axes[0].figure.get_suptitle() == "The 4 surest of 9 mistakes on 10 images"


def test_mistakes_takes_flat_and_coloured_pictures_one_hot_labels_and_axes(pictures) -> None:
    model, x, y = pictures
    given = figures.Figure().subplots(2, 2)
    axes = plots.mistakes(model, x, np.eye(2)[y], axes=given)
    assert axes[3] is given[1, 1]
    assert axes[3].get_title().startswith("is 0\nsaid 1, ")

    flat = hy.Sequential([hy.Dense(2, "softmax")])
    flat.build(9, seed=1)
    wrong = 1 - flat.predict_classes(np.ones((1, 9)))
    (ax,) = plots.mistakes(flat, np.ones((1, 9)), wrong)
    assert ax.images[0].get_array().shape == (3, 3)

    coloured = hy.Sequential([hy.Flatten(), hy.Dense(2, "softmax")])
    coloured.build((4, 4, 3), seed=1)
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 3))
    (ax,) = plots.mistakes(coloured, x, 1 - coloured.predict_classes(x))
    assert ax.images[0].get_array().max() == pytest.approx(1)


def test_mistakes_without_any_says_so(pictures) -> None:
    model, x, _ = pictures
    right = model.predict_classes(x)
    (ax,) = plots.mistakes(model, x, right)
    assert ax.figure.get_suptitle() == "No mistakes on 10 images"
    axes = plots.mistakes(model, x, 1 - right, count=30)
    assert axes[0].figure.get_suptitle() == "All mistakes on 10 images (10), the surest first"


def test_long_class_names_leave_room(pictures) -> None:
    model, x, y = pictures
    (ax,) = plots.mistakes(model, x, y, ["a" * 40, "b" * 13], count=1)
    assert ax.get_title().startswith(f"is {'a' * 12}…\nsaid {'b' * 13}, ")


def test_mistakes_refuses_what_is_no_picture(spiral, pictures) -> None:
    with pytest.raises(ValueError, match=r"x must hold pictures .* got shape \(120, 2\)"):
        plots.mistakes(*spiral)
    model, x, y = pictures
    with pytest.raises(ValueError, match="classes must be 2 names, got 3"):
        plots.mistakes(model, x, y, ["a", "b", "c"])
    with pytest.raises(ValueError, match="same number of rows"):
        plots.mistakes(model, x, y[:5])
    with pytest.raises(ValueError, match=r"labels from 0 to 1, .* 2 classes; y\[3\] is 2"):
        plots.mistakes(model, x, [0, 0, 0, 2, 0, 0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"y\[1\] is 0.5"):
        plots.mistakes(model, x, [0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"one-hot rows \(10, 2\), got shape \(10, 3\)"):
        plots.mistakes(model, x, np.eye(10)[:, :3])
    with pytest.raises(ValueError, match="one label a sample, got the single number 1"):
        plots.mistakes(model, x, 1)


def test_decision_regions_shows_every_class_and_rings_mistakes(spiral) -> None:
    model, x, y = spiral
    ax = plots.decision_regions(model, x, y, ["a", "b", "c"])
    assert labels_of(ax) == ["a", "b", "c", "answered wrong"]
    right = int((model.predict_classes(x) == y).sum())
    assert ax.get_title() == f"Decision regions: {right} of 120 samples right"
    ringed = sum(
        len(dots.get_offsets())
        for dots in ax.collections
        if len(dots.get_offsets()) and tuple(dots.get_edgecolors()[0][:3]) == (0, 0, 0)
    )
    assert ringed == 120 - right


def test_decision_regions_has_the_colours_of_the_classes_around_their_samples() -> None:
    x = np.array([[-1.0, 0.0], [1.0, 0.0]])
    model = hy.Sequential([hy.Dense(1, "sigmoid")])
    model.compile("binary_crossentropy")
    model.build(2, seed=0)
    model.set_weights({"dense_1.W": [[20.0], [0.0]], "dense_1.b": [0.0]})
    given = figures.Figure().add_subplot()
    ax = plots.decision_regions(model, x, [[0], [1]], ax=given)
    assert ax is given
    picture = ax.images[0].get_array()
    red, _, blue = picture[GRID_POINTS // 2, 0]
    assert blue > red
    red, _, blue = picture[GRID_POINTS // 2, -1]
    assert red > blue


def test_decision_regions_of_many_classes_and_of_other_models(spiral, pictures) -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    model = hy.Sequential([hy.Dense(12, "softmax")])
    model.build(2, seed=0)
    ax = plots.decision_regions(model, x, np.arange(30) % 12)
    assert len(labels_of(ax)) == 13
    looks = {
        (tuple(dots.get_facecolors()[0]), dots.get_paths()[0].vertices.tobytes())
        for dots in ax.collections[:-1]
        if len(dots.get_offsets())
    }
    assert len(looks) == 12  # colour and shape together tell the classes apart
    with pytest.raises(ValueError, match=r"2 features, this one takes samples of shape \(5, 5\)"):
        plots.decision_regions(*pictures)


def test_regression_fit_of_one_and_of_more_features() -> None:
    x, y = hy.datasets.sine(50)
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mean_squared_error")
    model.build(1, seed=0)
    model.set_weights({"dense_1.W": [[0.0]], "dense_1.b": [0.5]})
    ax = plots.regression_fit(model, x[::-1], y[::-1, 0])
    assert labels_of(ax) == ["true", "model"]
    assert (np.diff(ax.lines[1].get_xdata()) > 0).all()
    assert set(ax.lines[1].get_ydata()) == {0.5}
    assert ax.get_title().endswith(" 1.5 at most")

    wide = hy.Sequential([hy.Dense(2)])
    wide.build(3, seed=0)
    given = figures.Figure().add_subplot()
    assert plots.regression_fit(wide, np.ones((4, 3)), np.zeros((4, 2)), ax=given) is given
    assert given.get_xlabel() == "true value"
    with pytest.raises(ValueError, match=r"y must have shape \(4, 2\), got \(4,\)"):
        plots.regression_fit(wide, np.ones((4, 3)), np.zeros(4))


def test_save_takes_axes_arrays_and_figures_and_leaves_nothing_half_done(tmp_path) -> None:
    axes = plots.curves(history_of(2, loss=[1.0, 0.5], accuracy=[0.1, 0.2]))
    plots.save(axes, tmp_path / "array.png")
    plots.save(axes[0], tmp_path / "axes.png")
    plots.save(axes[0].figure, tmp_path / "figure.svg")
    assert (tmp_path / "array.png").read_bytes() == (tmp_path / "axes.png").read_bytes()
    assert (tmp_path / "array.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "figure.svg").read_bytes()
    (tmp_path / "old.xyz").write_text("old")
    with pytest.raises(ValueError, match="xyz"):
        plots.save(axes, tmp_path / "old.xyz")
    assert (tmp_path / "old.xyz").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 4


def test_pictures_are_drawn_in_threads(spiral, tmp_path) -> None:
    failed: list[BaseException] = []

    def draw(number: int) -> None:
        try:
            plots.save(plots.decision_regions(*spiral), tmp_path / f"{number}.png", dpi=40)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1


def test_pyplot_is_never_loaded_nor_matplotlib_before_a_picture() -> None:
    program = (
        "import sys; from hyalite import plots\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from hyalite.training.history import History\n"
        "h = History(0); h.append(1, {'loss': 1.0}, 0.0)\n"
        "plots.curves(h)\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("kind", ["logits", "one logit", "one share"])
def test_probabilities_come_from_every_kind_of_classifier(kind) -> None:
    model = hy.Sequential([hy.Dense(2 if kind == "logits" else 1)])
    if kind == "logits":
        model.compile(hy.CategoricalCrossentropy(from_logits=True))
    elif kind == "one logit":
        model.compile(hy.BinaryCrossentropy(from_logits=True))
    else:
        model.add(hy.Sigmoid())
        model.compile("binary_crossentropy")
    model.build(1, seed=0)
    W = [[0.0, 2.0]] if kind == "logits" else [[2.0]]
    model.set_weights({"dense_1.W": W, "dense_1.b": np.zeros(len(W[0]))})
    given = plots.probabilities(model, [[1.0], [-500.0]])
    share = 1 / (1 + np.exp(-2))
    assert given == pytest.approx(np.array([[1 - share, share], [1, 0]]), abs=1e-6)


def grouped() -> hy.Sequential:
    model = hy.Sequential([hy.Dense(5)])
    model.compile(hy.GroupedCrossentropy((2, 3)))
    model.build(2, seed=0)
    return model


def test_probabilities_of_groups_are_a_distribution_each() -> None:
    model, x = grouped(), np.random.default_rng(0).normal(size=(7, 2))
    given = plots.probabilities(model, x)
    assert [p.shape for p in given] == [(7, 2), (7, 3)]
    for p, labels in zip(given, model.predict_classes(x).T, strict=True):
        assert p.sum(axis=1) == pytest.approx(1)
        np.testing.assert_array_equal(p.argmax(axis=1), labels)


def test_probabilities_of_yes_no_outputs_are_those_of_yes() -> None:
    model = hy.Sequential([hy.Dense(3)])
    model.compile(hy.BinaryCrossentropy(from_logits=True))
    model.build(2, seed=0)
    given = plots.probabilities(model, [[1.0, -2.0]])
    assert given == pytest.approx(1 / (1 + np.exp(-model.predict([[1.0, -2.0]]))), abs=1e-6)


@pytest.mark.parametrize("draw", [plots.confusion_matrix, plots.decision_regions, plots.mistakes])
def test_pictures_of_one_class_a_sample_refuse_groups(draw) -> None:
    x = np.zeros((4, 2))
    model = grouped()
    if draw is plots.mistakes:  # of pictures
        model = hy.Sequential([hy.Flatten(), hy.Dense(5)])
        model.compile(hy.GroupedCrossentropy((2, 3)))
        model.build((2, 2), seed=0)
        x = np.zeros((4, 2, 2))
    with pytest.raises(ValueError, match=r"one class, but its loss is 'grouped_crossentropy'"):
        draw(model, x, [0, 1, 0, 1])


def test_pictures_show_the_classes_that_the_model_predicts() -> None:
    class Careful(hy.BinaryCrossentropy):
        """Says yes only where it is sure."""

        def labels(self, prediction):
            return (prediction[:, 0] > 0.9).astype(np.int64)

    model = hy.Sequential([hy.Sigmoid()])
    model.compile(Careful())
    model.build(1)
    x, y = [[0.0], [1.0], [3.0]], [0, 1, 1]
    assert model.predict_classes(x).tolist() == [0, 0, 1]
    assert plots.confusion_matrix(model, x, y).get_title() == "Confusion matrix: 2 of 3 right"


def test_probabilities_of_numbers_are_refused() -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mean_squared_error")
    model.build(1, seed=0)
    with pytest.raises(ValueError, match=r"predicts no classes.*mean_squared_error"):
        plots.probabilities(model, [[1.0]])


# Weights of the first layer -------------------------------------------------------------------


def test_first_layer_weights_are_columns_of_W_on_one_centred_scale() -> None:
    model = hy.Sequential([hy.Dense(30, "relu"), hy.Dense(2, "softmax")])
    model.build(16, seed=0)
    axes = plots.first_layer_weights(model, 9)
    assert [ax.get_title() for ax in axes] == [f"unit {unit}" for unit in range(9)]
    W = model.layers[0].W
    for unit, ax in enumerate(axes):
        assert np.array_equal(ax.images[0].get_array(), W[:, unit].reshape(4, 4))
        low, high = ax.images[0].get_clim()
        assert -low == high == pytest.approx(np.abs(W[:, :9]).max())
        assert ax.images[0].get_cmap().name == "RdBu_r"
    figure = axes[0].figure
    assert figure.get_suptitle() == "dense_1.W: the first 9 of 30 units"
    assert figure.axes[-1].get_ylabel() == "weight"  # the colour bar
    assert_nothing_overlaps(axes)


@pytest.mark.parametrize(
    ("input_shape", "shape", "picture"),
    [
        ((6, 4), None, (6, 4)),
        ((6, 4, 1), None, (6, 4)),
        ((5, 8, 3), None, (5, 3 * 8 + 2)),
        ((24,), (2, 12), (2, 12)),
        ((48,), (4, 4, 3), (4, 3 * 4 + 2)),
        ((1,), None, (1, 1)),
    ],
)
def test_first_layer_weights_have_the_shape_of_the_samples(input_shape, shape, picture) -> None:
    model = hy.Sequential([hy.Rescaling(0.5), hy.Flatten(), hy.Dense(1)])
    model.build(input_shape, seed=0)
    (ax,) = plots.first_layer_weights(model, shape=shape)
    assert ax.images[0].get_array().shape == picture
    assert ax.figure.get_suptitle().startswith("dense_1.W: 1 unit")
    if picture[1] > 12:
        array = ax.images[0].get_array().filled(np.nan)
        W = model.layers[2].W[:, 0].reshape(picture[0], -1, 3)
        assert np.array_equal(array[:, : W.shape[1]], W[:, :, 0])
        assert np.array_equal(array[:, -W.shape[1] :], W[:, :, 2])
        assert ax.figure.get_suptitle().endswith("for red, green and blue")


def test_first_layer_weights_of_many_units_of_zeros_and_on_given_axes() -> None:
    model = hy.Sequential([hy.Dense(70, initializer="zeros")])
    model.build(4, seed=0)
    axes = plots.first_layer_weights(model, 100)
    assert len(axes) == 70
    assert not any(ax.get_title() for ax in axes)  # too small for numbers
    assert axes[0].images[0].get_clim() == (-1, 1)
    given = figures.Figure().subplots(1, 2)
    assert plots.first_layer_weights(model, 2, axes=given)[1] is given[1]
    with pytest.raises(ValueError, match=r"axes must be 3 Axes, for unit 0, .* got 2"):
        plots.first_layer_weights(model, 3, axes=given)


def test_first_layer_weights_refuses_what_makes_no_picture() -> None:
    model = hy.Sequential([hy.Dense(2)])
    with pytest.raises(ValueError, match="not built"):
        plots.first_layer_weights(model)
    model.build(6, seed=0)
    with pytest.raises(ValueError, match=r"6 numbers make no square .* give shape="):
        plots.first_layer_weights(model)
    with pytest.raises(ValueError, match=r"shape \(2, 2\) has not the 6 numbers"):
        plots.first_layer_weights(model, shape=(2, 2))
    with pytest.raises(ValueError, match=r"shape must be \(height, width\)"):
        plots.first_layer_weights(model, shape=(6,))
    without = hy.Sequential([hy.ReLU()])
    without.build(4, seed=0)
    with pytest.raises(ValueError, match="no layer with weights W for the 4 numbers"):
        plots.first_layer_weights(without)


# Activations ----------------------------------------------------------------------------------


def heights(ax: Any) -> np.ndarray:
    return ax.patches[0].get_data().values


def test_activations_has_a_panel_for_each_layer_that_does_something() -> None:
    model = hy.Sequential(
        [
            hy.Flatten(),
            hy.Rescaling(1 / 255),
            hy.Dense(8),
            hy.BatchNormalization(),
            hy.ReLU(),
            hy.Dropout(0.5),
            hy.Dense(4, "tanh", name="a_name_that_is_too_long_for_its_panel"),
            hy.Dense(3, "softmax"),
        ]
    )
    model.build((3, 3), seed=0)
    x = np.random.default_rng(0).integers(0, 256, (50, 3, 3), np.uint8)
    axes = plots.activations(model, x)
    assert [ax.get_title().split("\n")[0] for ax in axes] == [
        "rescaling_1",
        "dense_1",
        "batch_normalization_1",
        "relu_1, ReLU",
        "a_name_that_is_too_long_for…, Tanh",
        "dense_3, Softmax",
    ]
    assert heights(axes[0]).sum() == pytest.approx(1)
    edges = axes[4].patches[0].get_data().edges
    assert (edges[0], edges[-1]) == (-1, 1)
    assert axes[0].figure.get_suptitle() == "Outputs of each layer, 50 samples"
    assert_nothing_overlaps(axes)
    axes[0].figure.draw_without_rendering()
    assert axes[0].get_yticklabels()[0].get_text() == "0 %"


def test_activations_counts_dead_units_and_saturated_outputs() -> None:
    model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(1, "sigmoid")])
    model.build(1, seed=0)
    # unit 0 gives x, unit 1 max(0, x - 2), units 2 and 3 are dead; x = 1, 2, 3, 4
    model.set_weights(
        {
            "dense_1.W": [[1, 1, 1, -1]],
            "dense_1.b": [0, -2, -9, 0],
            "dense_2.W": [[2.5], [0], [0], [0]],
            "dense_2.b": [-7.5],
        }
    )
    first, second = plots.activations(model, [[1.0], [2.0], [3.0], [4.0]])
    assert first.get_title() == "dense_1, ReLU\n50 % of units dead, 62 % zeros"
    assert heights(first).sum() == pytest.approx(6 / 16)  # the zeros are not among the bars
    # sigmoid(-5), (-2.5), (0), (2.5): one within 0.01 of an end
    assert second.get_title() == "dense_2, Sigmoid\n25 % of outputs saturated"


def test_activations_says_none_and_all_only_of_none_and_all() -> None:
    model = hy.Sequential([hy.Dense(1, "tanh")])
    model.build(1, seed=0)
    model.set_weights([[[1.0]], [0.0]])
    few = np.zeros((1000, 1))
    few[0] = 9
    for x, words in ((few, "<1"), (9 - few, ">99"), (few * 0, "0"), (few * 0 + 9, "100")):
        (ax,) = plots.activations(model, x)
        assert ax.get_title().endswith(f"\n{words} % of outputs saturated")


def test_activations_of_a_dead_layer_and_of_what_cannot_be_shown() -> None:
    model = hy.Sequential([hy.Dense(2, "relu"), hy.Dense(1)])
    with pytest.raises(ValueError, match="not built"):
        plots.activations(model, [[1.0]])
    model.build(1, seed=0)
    model.set_weights([[[1, 1]], [-9, -9], [[1], [1]], [0]])
    given = figures.Figure().subplots(1, 2)
    axes = plots.activations(model, [[1.0]], axes=given)
    assert axes[0] is given[0]
    assert axes[0].texts[0].get_text() == "every output is 0"
    assert axes[0].get_title().endswith("100 % of units dead, 100 % zeros")
    with pytest.raises(ValueError, match="axes must be 2 Axes, for dense_1, dense_2; got 1"):
        plots.activations(model, [[1.0]], axes=given[0])
    model.set_weights([[[1e30, 1]], [0, 0], [[1e30], [1]], [0]])
    with pytest.raises(ValueError, match="layer dense_2: its output is not finite"):
        plots.activations(model, [[1.0]])
    idle = hy.Sequential([hy.Flatten()])
    idle.build((2, 2), seed=0)
    with pytest.raises(ValueError, match="nothing to show"):
        plots.activations(idle, np.ones((1, 2, 2)))


# Gradient norms -------------------------------------------------------------------------------


def recorded(layers: int, epochs: int) -> plots.GradientNorms:
    recorder = plots.GradientNorms()
    recorder.epochs = list(range(1, epochs + 1))
    recorder.norms = {
        f"dense_{layer}": [10.0**-layer * epoch for epoch in recorder.epochs]
        for layer in range(1, layers + 1)
    }
    return recorder


def test_the_recorder_keeps_the_length_of_dW_over_all_fits() -> None:
    x, y = hy.datasets.spiral(20)
    model = hy.Sequential(
        [hy.Dense(4, "tanh", l2=0.1), hy.BatchNormalization(), hy.Dropout(0.1), hy.Dense(3)]
    )
    model.compile(hy.CategoricalCrossentropy(from_logits=True), "adam")
    norms = plots.GradientNorms()
    last: list[list[float]] = []

    class Check(hy.Callback):
        def on_epoch_end(self, model, epoch, figures) -> None:
            first, second, _, third = model.network.layers
            arrays = first.dW, second.dgamma, third.dW
            last.append([float(np.sqrt((a.astype(float) ** 2).sum())) for a in arrays])

    model.fit(x, y, epochs=2, seed=0, callbacks=[norms, Check()], verbose=0)
    model.fit(x, y, epochs=1, callbacks=[norms, Check()], verbose=0)
    assert norms.epochs == [1, 2, 3]
    assert list(norms.norms) == ["dense_1", "batch_normalization_1", "dense_2"]
    kept = np.array(list(norms.norms.values())).T
    assert kept == pytest.approx(np.array(last))
    ax = plots.gradient_norms(norms)
    assert ax.lines[2].get_ydata() == pytest.approx(norms.norms["dense_2"])

    model.compile("mean_squared_error")  # epochs are counted anew
    model.fit(x, np.zeros((60, 3)), callbacks=[norms], verbose=0)
    assert norms.epochs == [1]
    other = hy.Sequential([hy.Dense(1)])
    other.compile("mean_squared_error")
    other.fit(x, y.astype(float), epochs=2, callbacks=[norms], verbose=0)
    assert norms.epochs == [1, 2]
    assert list(norms.norms) == ["dense_1"]


def test_gradient_norms_draws_a_line_for_each_layer() -> None:
    ax = plots.gradient_norms(recorded(3, 30))
    assert ax.get_yscale() == "log"
    assert labels_of(ax) == ["dense_1", "dense_2", "dense_3"]
    assert ax.lines[1].get_ydata() == pytest.approx(0.01 * np.arange(1, 31))
    assert len({line.get_linestyle() for line in ax.lines}) == 3
    assert len({line.get_color().tobytes() for line in ax.lines}) == 3
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "‖dW‖")
    ax.figure.draw_without_rendering()
    legend, axes = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.x0 >= axes.x1
    assert legend.x1 <= ax.figure.bbox.x1


def test_gradient_norms_of_one_epoch_of_many_and_of_many_layers() -> None:
    given = figures.Figure().add_subplot()
    ax = plots.gradient_norms(recorded(2, 1), ax=given)
    assert ax is given
    assert {line.get_marker() for line in ax.lines} == {"o"}
    assert ax.get_xlim() == (0, 2)

    ax = plots.gradient_norms(recorded(2, 10_000))
    assert ax.get_title().endswith("means of 100 epochs")
    single, means = ax.lines[:2]
    assert len(single.get_ydata()) == 10_000
    assert means.get_xdata()[0] == pytest.approx(50.5)
    expected = np.exp(np.log(0.1 * np.arange(1, 101)).mean())
    assert means.get_ydata()[0] == pytest.approx(expected)
    assert len(means.get_ydata()) == 100
    assert labels_of(ax) == ["dense_1", "dense_2"]

    ax = plots.gradient_norms(recorded(40, 3))
    assert len(labels_of(ax)) == 40
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().height < ax.figure.bbox.height


def test_gradient_norms_of_layers_that_learn_nothing_and_of_no_epochs() -> None:
    recorder = recorded(2, 300)
    recorder.norms["dense_2"] = [0.0] * 300
    ax = plots.gradient_norms(recorder)
    assert labels_of(ax) == ["dense_1", "dense_2: always 0"]
    ax.figure.draw_without_rendering()
    recorder.norms["dense_1"] = [0.0] * 300
    plots.gradient_norms(recorder).figure.draw_without_rendering()
    with pytest.raises(ValueError, match=r"no epochs yet; .*callbacks=\[recorder\]"):
        plots.gradient_norms(plots.GradientNorms())


# Confusion matrix -----------------------------------------------------------------------------


def cells_of(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_confusion_matrix_of_a_model_counts_true_rows_and_predicted_columns(spiral) -> None:
    model, x, y = spiral
    ax = plots.confusion_matrix(model, x, y, ["a", "b", "c"])
    said = model.predict_classes(x)
    counts = [[int(((y == i) & (said == j)).sum()) for j in range(3)] for i in range(3)]
    assert cells_of(ax) == [f"{count}" for row in counts for count in row]
    shares = np.array(counts) / 40
    assert ax.images[0].get_array().data == pytest.approx(shares)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert ax.get_title() == f"Confusion matrix: {(said == y).sum()} of 120 right"
    assert cells_of(plots.confusion_matrix(model, x, np.eye(3)[y])) == cells_of(ax)
    metric = hy.metrics.ConfusionMatrix()(model.predict(x), y)
    assert cells_of(plots.confusion_matrix(metric)) == cells_of(ax)


def test_confusion_matrix_of_one_output_has_two_classes() -> None:
    model = hy.Sequential([hy.Dense(1, "sigmoid")])
    model.compile("binary_crossentropy")
    model.build(1, seed=0)
    model.set_weights([[[1.0]], [0.0]])
    ax = plots.confusion_matrix(model, [[-1.0], [1.0], [2.0]], [[0], [0], [1]])
    assert cells_of(ax) == ["1", "1", "0", "1"]
    assert ax.texts[2].get_color() != ax.texts[3].get_color()  # zeros stand back


@pytest.mark.parametrize("count", [1, 2, 10, 20])
@pytest.mark.parametrize("length", [1, 60])
def test_confusion_matrix_is_readable_for_few_and_many_classes(count, length) -> None:
    matrix = np.arange(count**2).reshape(count, count) * 7 + 1
    matrix[0, 0] = 12_345
    names = [f"{number:x>{length}}" for number in range(count)]
    ax = plots.confusion_matrix(matrix, classes=names)
    assert len(ax.texts) == count**2
    assert cells_of(ax)[0] == "12,345"
    ax.figure.draw_without_rendering()
    cell = ax.get_window_extent().width / count
    boxes = [text.get_window_extent() for text in ax.texts]
    assert max(box.width for box in boxes) < cell
    assert all(text.get_fontsize() >= 6 for text in ax.texts)
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert len(labels) == count
        assert all(len(text.get_text()) <= 22 for text in labels)
        for text in labels:
            box = text.get_window_extent()
            assert box.x0 >= 0
            assert box.y0 >= 0
    upright = [text for text in ax.get_xticklabels() if text.get_rotation() == 0]
    for one, other in itertools.pairwise(upright):
        assert one.get_window_extent().x1 < other.get_window_extent().x0


def test_confusion_matrix_of_very_many_classes_and_of_large_and_broken_counts() -> None:
    ax = plots.confusion_matrix(np.eye(100, dtype=int))
    assert not ax.texts
    assert len(ax.get_xticklabels()) == 34
    small = figures.Figure(figsize=(3, 3)).add_subplot()
    assert not plots.confusion_matrix(np.eye(30, dtype=int) * 1000, ax=small).texts
    matrix = np.full((20, 20), 7)
    matrix[0, 0] = 12_345_678
    assert cells_of(plots.confusion_matrix(matrix))[:2] == ["12.3M", "7"]
    ax = plots.confusion_matrix([[1.5, 0.25], [0, 0]], classes=["a", "b"])
    assert cells_of(ax) == ["1.5", "0.25", "0", "0"]
    assert ax.get_title() == "Confusion matrix: 1.5 of 1.75 right"
    assert ax.images[0].get_array()[1].tolist() == [0, 0]  # a class without samples


def test_confusion_matrix_refuses_what_is_none(spiral) -> None:
    model, x, y = spiral
    for wrong, match in (
        ([[1, 2, 3], [4, 5, 6]], r"shape \(classes, classes\), got \(2, 3\)"),
        ([[1, -1], [0, 1]], "none below 0"),
        ([[0, 0], [0, 0]], "not all 0"),
    ):
        with pytest.raises(ValueError, match=match):
            plots.confusion_matrix(wrong)
    with pytest.raises(ValueError, match="a model needs x and y"):
        plots.confusion_matrix(model, x)
    with pytest.raises(ValueError, match="a model with x and y, or a matrix without"):
        plots.confusion_matrix([[1]], x, y)
    with pytest.raises(ValueError, match=r"labels from 0 to 2, .* y\[0\] is -1"):
        plots.confusion_matrix(model, x[:1], [-1])
    with pytest.raises(ValueError, match="classes must be 3 names, got 2"):
        plots.confusion_matrix(model, x, y, ["a", "b"])


# Gradient field -------------------------------------------------------------------------------


def arrows_of(ax: Any) -> Any:
    from matplotlib.quiver import Quiver

    (arrows,) = [part for part in ax.collections if isinstance(part, Quiver)]
    return arrows


def test_gradient_field_points_downhill_as_long_as_it_is_steep() -> None:
    ax = plots.gradient_field(lambda x: float(x[0] ** 2 + x[1] ** 2), points=5)
    arrows = arrows_of(ax)
    assert arrows.XY.shape == (25, 2)
    ratio = np.stack([arrows.U, arrows.V], axis=1) / np.where(arrows.XY == 0, np.nan, arrows.XY)
    # -∇f = -2x, all to one scale: the longest is 1.3 gaps of 1
    assert ratio[np.isfinite(ratio)] == pytest.approx(-0.65)
    assert arrows.angles == arrows.scale_units == "xy"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x[0]", "x[1]")
    assert ax.get_aspect() == 1
    bar = ax.figure.axes[1]
    shown = [text.get_text() for text in bar.get_yticklabels()]
    assert shown == ["0.8", "1.6", "2.4", "3.2", "4", "4.8", "5.6", "6.4", "7.2"]


def test_gradient_field_of_steep_rims_has_equal_arrows_and_lines_near_the_bottom() -> None:
    def valley(x: np.ndarray) -> float:
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    given = figures.Figure().add_subplot()
    ax = plots.gradient_field(valley, (-2, 2), (-1, 3), points=6, equal=True, ax=given)
    assert ax is given
    arrows = arrows_of(ax)
    length = np.maximum(np.abs(arrows.U), np.abs(arrows.V)) / 0.8
    assert length == pytest.approx(0.8)
    shown = [text.get_text() for text in ax.figure.axes[1].get_yticklabels()]
    assert (shown[0], shown[-1]) == ("2.51", "2,007")


def test_gradient_field_leaves_holes_and_plains_and_stretched_axes() -> None:
    ax = plots.gradient_field(lambda x: np.log(x[0]) + x[1] / 100, (-1, 3), (-90, 90), points=5)
    arrows = arrows_of(ax)
    assert arrows.Umask.sum() == 10  # x[0] of -1 and of 0
    assert ax.get_aspect() == "auto"
    ax = plots.gradient_field(lambda x: 3.0, points=3)
    assert not arrows_of(ax).U.any()
    plots.gradient_field(lambda x: np.nan, points=3).figure.draw_without_rendering()


def test_gradient_field_refuses_ranges_without_width_and_arrays() -> None:
    for ends in ((2, 2), (2, 1), (1,)):
        with pytest.raises(ValueError, match=r"y_range must be \(low, high\)"):
            plots.gradient_field(lambda x: 0.0, (0, 1), ends)
    with pytest.raises(ValueError, match=r"one number .* got shape \(2,\)"):
        plots.gradient_field(lambda x: x)
    with pytest.raises(ValueError, match="points must be a whole number of at least 2"):
        plots.gradient_field(lambda x: 0.0, points=1)


# Network diagram ------------------------------------------------------------------------------


def circles_of(ax: Any) -> list[int]:
    """How many each column has."""
    return [
        len(part.get_offsets())
        for part in ax.collections
        if type(part).__name__ == "PathCollection"
    ]


def lines_of(ax: Any) -> list[Any]:
    return [part for part in ax.collections if type(part).__name__ == "LineCollection"]


def test_diagram_has_a_column_for_each_layer_and_colours_weights_by_sign() -> None:
    from matplotlib.colors import to_hex

    model = hy.Sequential([hy.Dense(3, "relu"), hy.Dense(1, "sigmoid", name="answer")])
    model.build(2, seed=0)
    model.set_weights({**model.get_weights(), "answer.W": [[2.0], [-1.0], [0.5]]})
    ax = plots.diagram(model)
    assert circles_of(ax) == [2, 3, 1]
    assert cells_of(ax) == [
        "input\n(2,)",
        "dense_1\nDense, ReLU\n(3,)",
        "answer\nDense, Sigmoid\n(1,)",
    ]
    assert ax.get_title() == "2 layers, 13 parameters"
    assert labels_of(ax) == ["weight above 0", "below 0"]
    first, second = lines_of(ax)
    assert len(first.get_segments()) == 6
    # drawn from the weakest to the strongest
    colors = [to_hex(color).upper() for color in second.get_colors()]
    assert colors == [VERMILLION, BLUE, VERMILLION]
    widths = second.get_linewidths()
    assert widths == sorted(widths)
    assert second.get_segments()[2][0].tolist() == [1, -1]  # from the first of three circles


def test_diagram_of_many_units_leaves_some_out_and_of_other_layers_draws_no_weights() -> None:
    model = hy.Sequential(
        [
            hy.Flatten(),
            hy.Dense(11),
            hy.BatchNormalization(),
            hy.Dense(10, "softmax"),
        ]
    )
    model.build((28, 28), seed=0)
    ax = plots.diagram(model)
    assert circles_of(ax) == [8, 8, 8, 8, 10]
    assert cells_of(ax).count("⋮") == 4
    assert "flatten_1\nFlatten\n(784,)" in cells_of(ax)
    assert "batch_\nnormalization_1\nBatchNormalization\n(11,)" in cells_of(ax)
    assert [len(lines.get_segments()) for lines in lines_of(ax)] == [8, 64, 8, 80]
    assert ax.get_legend() is None
    assert_no_texts_overlap(ax)


@pytest.mark.parametrize("kind", ["one unit", "deep", "long names", "zeros"])
def test_diagram_keeps_texts_apart(kind) -> None:
    layers = {
        "one unit": [hy.Dense(1)],
        "deep": [hy.Dense(3, "leaky_relu") for _ in range(20)],
        "long names": [hy.Dense(2, name=f"the_{i}th_of_the_many_layers_of_this") for i in range(4)],
        "zeros": [hy.Dense(2, initializer="zeros")],
    }[kind]
    model = hy.Sequential(layers)
    model.build(1, seed=0)
    ax = plots.diagram(model)
    assert_no_texts_overlap(ax)
    assert len(circles_of(ax)) == len(layers) + 1


def test_diagram_of_a_model_that_is_not_built_and_on_given_axes() -> None:
    model = hy.Sequential([hy.Dense(1)])
    with pytest.raises(ValueError, match="not built"):
        plots.diagram(model)
    model.build(1, seed=0)
    given = figures.Figure().add_subplot()
    assert plots.diagram(model, ax=given) is given


# All pictures ---------------------------------------------------------------------------------


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
    """A model with dropout and running statistics, of flat square samples or of two features."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 2 if outputs == "plane" else 9)), rng.integers(0, 3, 40)
    layers = [hy.Dense(6, "relu"), hy.BatchNormalization(), hy.Dropout(0.2)]
    if outputs == "numbers":
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
    "regression_fit": ("numbers", plots.regression_fit),
}


def everything(model: hy.Sequential) -> list[Any]:
    optimizer = model.optimizer
    return copy.deepcopy(
        [
            model.theta.tobytes(),
            model.grad.tobytes(),
            model.state.tobytes(),
            vars(model.network.clock),
            model.network.epochs,
            optimizer.steps,
            {name: slot.tobytes() for name, slot in optimizer.slots.items()},
            model.history.history,
            model.norms.norms,  # type: ignore[attr-defined]
        ]
    )


def test_the_public_names_are_the_pictures_and_what_they_need() -> None:
    others = {"GradientNorms", "LivePlot", "probabilities", "save"}
    assert plots.__all__ == sorted({*PICTURES, *others}, key=lambda name: (name.islower(), name))
    for name in plots.__all__:
        assert callable(getattr(plots, name)), name


@pytest.mark.parametrize(
    "draw", [plots.confusion_matrix, plots.regression_fit, plots.mistakes, plots.decision_regions]
)
def test_a_model_that_is_not_built_is_told_so(draw) -> None:
    model = hy.Sequential([hy.Dense(2)])
    model.compile("mse")
    with pytest.raises(ValueError, match="the model is not built"):
        draw(model, np.ones((3, 2)), np.ones(3))


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_changes_what_it_shows(name, tmp_path) -> None:
    outputs, picture = PICTURES[name]
    model, x, y = trained(outputs)
    before, x_before, y_before = everything(model), x.copy(), y.copy()
    drawn = picture(model, x, y)
    plots.save(drawn, tmp_path / "picture.png", dpi=50)
    assert everything(model) == before
    assert np.array_equal(x, x_before)
    assert np.array_equal(y, y_before)
    assert (tmp_path / "picture.png").stat().st_size > 1000
    again = tmp_path / "again.png"
    plots.save(picture(model, x, y), again, dpi=50)
    assert again.read_bytes() == (tmp_path / "picture.png").read_bytes()
    model.fit(x, y, verbose=0)  # and the model still learns
    assert everything(model) != before


@pytest.mark.parametrize("name", PICTURES)
def test_a_missing_matplotlib_is_named_in_one_line(name, monkeypatch) -> None:
    outputs, picture = PICTURES[name]
    model, x, y = trained(outputs)
    for module in [module for module in sys.modules if module.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"needs matplotlib: pip install 'hyalite\[plot\]'"):
        picture(model, x, y)


def test_no_picture_loads_pyplot() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import test_plots as t\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "for outputs, picture in t.PICTURES.values():\n"
        "    picture(*t.trained(outputs))\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    folder = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", program, folder], check=True)


def test_augmentations_stand_beside_their_originals() -> None:
    x = np.random.default_rng(0).integers(0, 256, (3, 5, 5)).astype(np.uint8)
    layer = hy.RandomAffine(1, 90)
    axes = plots.augmentations(layer, x, variants=4)
    assert axes.shape == (3, 5)
    assert not layer.built
    assert axes[0, 0].figure.get_suptitle() == "RandomAffine(shift=1.0, rotation=90.0)"
    shown = [[np.asarray(ax.images[0].get_array()) for ax in row] for row in axes]
    again = hy.RandomAffine(1, 90).build((5, 5), seed=0)
    for column in range(1, 5):
        y = again.forward(x, training=True)
        for row in range(3):
            np.testing.assert_array_equal(shown[row][0], x[row])
            np.testing.assert_array_equal(shown[row][column], y[row])
    model = hy.Sequential([hy.RandomAffine(), hy.GaussianNoise(9), hy.Flatten(), hy.Dropout(0.5)])
    coloured = np.repeat(x[..., None], 3, axis=3)
    given = figures.Figure().subplots(3, 2)
    axes = plots.augmentations(model, coloured, variants=1, axes=given)
    assert axes[2, 1] is given[2, 1]
    assert not model.built
    with pytest.raises(ValueError, match=r"must be a RandomAffine or .*got Dropout\(rate=0.5\)"):
        plots.augmentations(hy.Dropout(0.5), x)
    with pytest.raises(ValueError, match="takes pictures"):
        plots.augmentations(layer, x.reshape(3, 25))
    with pytest.raises(ValueError, match=r"x must hold pictures .* got shape \(16, 4, 5, 2\)"):
        plots.augmentations(hy.GaussianNoise(1), np.ones((2, 4, 5, 2)))
    with pytest.raises(ValueError, match=r"axes must be 24 Axes"):
        plots.augmentations(layer, x, axes=given)


class Screen:
    """Stands in for IPython: what a notebook would show."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kernel: object | None = "kernel") -> None:
        self.shown: list[bytes] = []
        self.ids = 0
        package, module = types.ModuleType("IPython"), types.ModuleType("IPython.display")
        package.version_info = (9, 0)  # Matplotlib looks at it
        package.get_ipython = lambda: types.SimpleNamespace(kernel=kernel)
        module.Image = lambda data, format, retina: data
        module.display = self.display
        package.display = module
        monkeypatch.setitem(sys.modules, "IPython", package)
        monkeypatch.setitem(sys.modules, "IPython.display", module)

    def display(self, picture: bytes, display_id: bool) -> Any:
        assert display_id
        self.ids += 1
        self.shown.append(picture)
        return types.SimpleNamespace(update=self.shown.append)


class Blank:
    """Stands in for a figure, which takes a while to draw."""

    def savefig(self, file: Any, format: str, dpi: int) -> None:
        file.write(b"\x89PNG")


class Slow(hy.Callback):
    """Epochs that take so many seconds by the clock that LivePlot looks at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.now = 0.0
        self.seconds = seconds
        stand_in = types.SimpleNamespace(perf_counter=self.clock)
        monkeypatch.setattr("hyalite.plots.live_plot.time", stand_in)

    def clock(self) -> float:
        self.now += 0.05  # a drawing takes as long
        return self.now

    def on_epoch_begin(self, model: Any, epoch: int) -> None:
        self.now += self.seconds


def live(*callbacks: hy.Callback, epochs: int) -> hy.Sequential:
    x, y = hy.datasets.spiral(10)
    model = hy.Sequential([hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", metrics=["accuracy"], engine="numpy")
    model.fit(x, y, epochs=epochs, seed=0, verbose=0, callbacks=list(callbacks))
    return model


@pytest.mark.parametrize(
    ("every", "seconds", "drawn"),
    [
        (1, 100, [1, 2, 3, 4, 5, 6, 7]),
        (3, 100, [1, 3, 6, 7]),
        (7, 100, [1, 7]),
        (1, 0.0, [1, 7]),
    ],
)
def test_live_plot_draws_as_often_as_it_should(monkeypatch, every, seconds, drawn) -> None:
    screen, slow = Screen(monkeypatch), Slow(monkeypatch, seconds)
    epochs: list[int] = []

    def curves(history: History, **options: Any) -> Any:
        epochs.append(len(history))
        assert history.epochs == list(range(1, len(history) + 1))
        if len(history) == 7:
            return plots.curves(history, **options)
        return [types.SimpleNamespace(figure=Blank())]

    monkeypatch.setattr("hyalite.plots.live_plot.curves", curves)
    plot = plots.LivePlot(every, "test")
    live(slow, plot, epochs=7)
    assert epochs == drawn
    assert screen.ids == 1, "one output, replaced each time"
    assert len(screen.shown) == len(drawn)
    assert all(picture.startswith(b"\x89PNG") for picture in screen.shown)
    live(slow, plot, epochs=1)
    assert screen.ids == 2, "a further fit has an output of its own"


def test_live_plot_takes_a_tenth_of_the_time_at_most(monkeypatch) -> None:
    screen = Screen(monkeypatch)
    slow = Slow(monkeypatch, 0.1)
    blank = [types.SimpleNamespace(figure=Blank())]
    monkeypatch.setattr("hyalite.plots.live_plot.curves", lambda *_, **__: blank)
    live(slow, plots.LivePlot(), epochs=200)
    assert len(screen.shown) >= 2
    assert (len(screen.shown) - 1) * 0.05 <= 0.1 * slow.now


def test_live_plot_draws_what_there_is_when_a_fit_is_broken_off(monkeypatch) -> None:
    class Stop(hy.Callback):
        def on_epoch_end(self, model: Any, epoch: int, figures: Any) -> None:
            if epoch == 3:
                raise KeyboardInterrupt

    screen = Screen(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        live(Slow(monkeypatch, 0.0), plots.LivePlot(), Stop(), epochs=9)
    assert len(screen.shown) == 2


@pytest.mark.parametrize("terminal", [True, False])
def test_live_plot_says_once_that_it_needs_a_notebook(monkeypatch, caplog, terminal) -> None:
    if terminal:  # IPython in a terminal has no kernel
        screen = Screen(monkeypatch, kernel=None)
    else:
        monkeypatch.delitem(sys.modules, "IPython", raising=False)
    plot = plots.LivePlot()
    for _ in range(2):
        live(plot, epochs=2)
    assert caplog.messages == [
        "LivePlot draws in a notebook only; elsewhere use "
        "hyalite.plots.curves(model.history) after the fit"
    ]
    assert not terminal or not screen.shown
    with pytest.raises(ValueError, match="every must be a whole number"):
        plots.LivePlot(0)


def test_live_plot_needs_matplotlib_before_training_begins(monkeypatch) -> None:
    Screen(monkeypatch)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"LivePlot needs matplotlib: pip install"):
        live(plots.LivePlot(), epochs=1)


NOTEBOOK = """
import sys
import nbformat
from nbclient import NotebookClient

cell = '''
import numpy as np, hyalite as hy
model = hy.Sequential([hy.Dense(3, "softmax")])
model.compile("categorical_crossentropy", metrics=["accuracy"], engine="numpy")
_ = model.fit(*hy.datasets.spiral(10), epochs=30, verbose=0, callbacks=[hy.plots.LivePlot()])
'''
cells = [nbformat.v4.new_code_cell(text) for text in (cell, "model.diagram()")]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
for cell in notebook.cells:
    print(*[f"{out.output_type} {' '.join(sorted(out.data))}" for out in cell.outputs], sep=", ")
"""


def test_live_plot_and_diagram_in_a_notebook(tmp_path) -> None:
    for module in ("nbformat", "nbclient", "ipykernel"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed; no notebook can be run")
    environment = os.environ | {
        "PYTHONPATH": str(Path(hy.__file__).parents[1]),
        "IPYTHONDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "display_data image/png text/plain",
        "execute_result image/svg+xml text/plain",
    ]
