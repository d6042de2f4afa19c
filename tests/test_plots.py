from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

import hyalite as hy
from hyalite import plots
from hyalite.errors import MissingExtra
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
    axes[0].figure.canvas.draw()
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
    axes = plots.mistakes(model, x, np.eye(2)[y], ax=given)
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
    red, _, blue = picture[plots.GRID // 2, 0]
    assert blue > red
    red, _, blue = picture[plots.GRID // 2, -1]
    assert red > blue


def test_decision_regions_of_many_classes_and_of_other_models(spiral, pictures) -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    model = hy.Sequential([hy.Dense(12, "softmax")])
    model.build(2, seed=0)
    ax = plots.decision_regions(model, x, np.arange(30) % 12)
    assert len(labels_of(ax)) == 13
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


def test_probabilities_of_numbers_are_refused() -> None:
    model = hy.Sequential([hy.Dense(1)])
    model.compile("mean_squared_error")
    model.build(1, seed=0)
    with pytest.raises(ValueError, match=r"predicts no classes.*mean_squared_error"):
        plots.probabilities(model, [[1.0]])


def test_a_missing_matplotlib_is_named_in_one_line(monkeypatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"needs matplotlib: pip install 'hyalite\[plot\]'"):
        plots.curves(history_of(1, loss=[1.0]))
