"""A user's subclass is never replaced by what the library takes it for: its own methods run."""

from __future__ import annotations

import ast
import copy
import math
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite import export
from hyalite.losses import Objective

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 4))
LABELS = RNG.integers(0, 3, 24)
NUMBERS = RNG.normal(size=(24, 1))


class Tempered(hy.Softmax):
    """A softmax with a temperature."""

    def __init__(self, temperature: float = 3.0, name: str | None = None) -> None:
        super().__init__(name)
        self.temperature = temperature

    def forward(self, x, training=False):
        return super().forward(self.receive(x) / self.temperature, training)

    def backward(self, dy):
        return super().backward(dy) / self.temperature


class Steep(hy.Sigmoid):
    def forward(self, x, training=False):
        return super().forward(5 * self.receive(x), training)

    def backward(self, dy):
        return 5 * super().backward(dy)


class Doubling(hy.Dense):
    """Twice what a dense layer gives, its activation included."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)

    def backward(self, dy):
        return super().backward(2 * self.receive_dy(dy))


class Ridge(hy.Dense):
    """A penalty of its own."""

    def penalty(self):
        return float((self.W**4).sum())

    def add_penalty_gradient(self):
        self.dW[...] += 4 * self.W**3

    @property
    def has_penalty(self):
        return True


class Renamed(hy.Dense):
    """A constructor of its own, and nothing else."""

    def __init__(self, units: int = 3) -> None:
        super().__init__(units, "softmax")


class Squared(hy.ReLU):
    def forward(self, x, training=False):
        return super().forward(x, training) ** 2

    def backward(self, dy):
        return super().backward(2 * self.y * self.receive_dy(dy))


class Always(hy.Dropout):
    """Scales, at prediction, too."""

    def forward(self, x, training=False):
        return self.receive(x) * (1 - self.rate)

    def backward(self, dy):
        return self.receive_dy(dy) * (1 - self.rate)


class Shifted(hy.Rescaling):
    def forward(self, x, training=False):
        return super().forward(x, training) + 1


class Focal(hy.CategoricalCrossentropy):
    """-(1 - p)·ln p: what is sure counts less."""

    def values(self, prediction, target):
        p = prediction[np.arange(len(target)), target]
        return -(1 - p) * np.log(p)

    def gradient(self, prediction, target):
        rows = np.arange(len(target))
        p, result = prediction[rows, target], np.zeros_like(prediction)
        result[rows, target] = np.log(p) - (1 - p) / p
        return result


class Halved(hy.BinaryCrossentropy):
    def values(self, prediction, target):
        return super().values(prediction, target) / 2

    def gradient(self, prediction, target):
        return super().gradient(prediction, target) / 2


class Cubed(hy.MeanSquaredError):
    def values(self, prediction, target):
        return (np.abs(prediction - target) ** 3).mean(axis=1)

    def gradient(self, prediction, target):
        error = prediction - target
        return 3 * error * np.abs(error) / prediction.shape[1]


class Signs(hy.Adam):
    """The sign of the gradient alone."""

    def update(self, theta, grad, rate, scratch, *slots):
        theta -= rate * np.sign(grad)


class Late(hy.SGD):
    """A learning rate of its own."""

    @property
    def current_learning_rate(self):
        return 0.0 if self.steps < 3 else 0.25


class Twice(hy.metrics.CategoricalAccuracy):
    name = "twice"

    def values(self, prediction, target):
        return 2 * super().values(prediction, target)


class Stairs(hy.ExponentialDecay):
    def __call__(self, step):
        return 0.5 if step < 3 else 0.0


class Ones(hy.initializers.GlorotUniform):
    def __call__(self, shape, stream):
        return np.ones(shape)


def compiled(*layers: hy.Layer, loss="categorical_crossentropy", **options) -> hy.Sequential:
    model = hy.Sequential(layers, dtype="float64")
    model.compile(loss, **{"optimizer": hy.SGD(0.1), "engine": "numpy", **options})
    model.build(4, seed=0)
    return model


ENDINGS = {
    "softmax": (lambda: [hy.Dense(3), Tempered()], hy.CategoricalCrossentropy, LABELS),
    "softmax inside": (lambda: [hy.Dense(3, Tempered())], hy.CategoricalCrossentropy, LABELS),
    "sigmoid": (lambda: [hy.Dense(1, Steep())], hy.BinaryCrossentropy, LABELS > 1),
    "dense": (lambda: [Doubling(1, "tanh")], hy.MeanSquaredError, NUMBERS),
    "dense, renamed": (lambda: [Renamed()], hy.CategoricalCrossentropy, LABELS),
    "dense, penalty": (lambda: [Ridge(3, "softmax")], hy.CategoricalCrossentropy, LABELS),
    "loss of classes": (lambda: [hy.Dense(3, "softmax")], Focal, LABELS),
    "binary loss": (lambda: [hy.Dense(1, "sigmoid")], Halved, LABELS > 1),
    "loss of numbers": (lambda: [hy.Dense(1)], Cubed, NUMBERS),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_training_and_evaluation_have_the_loss_of_the_predictions(name: str) -> None:
    layers, loss, y = ENDINGS[name]
    model = compiled(*layers(), loss=loss())
    wanted = loss()(model.predict(X), y)
    penalty = model.network.penalty()
    assert model.evaluate(X, y)["loss"] == pytest.approx(wanted, rel=1e-12)
    assert float(model.trace(X, y)["loss"]) == pytest.approx(wanted, rel=1e-12)
    history = copy.deepcopy(model).fit(X, y, batch_size=24, verbose=0)
    assert history["loss"][0] == pytest.approx(wanted + penalty, rel=1e-12)
    assert hy.gradcheck.check_model(model, X, y).ok


def test_a_wrong_derivative_of_a_subclass_is_found() -> None:
    class Wrong(Tempered):
        def backward(self, dy):
            return hy.Softmax.backward(self, dy)  # the temperature is missing

    assert not hy.gradcheck.check_model(compiled(hy.Dense(3), Wrong()), X, LABELS).ok


def test_only_the_librarys_own_classes_are_fused() -> None:
    def fused(loss: hy.losses.Loss, last: hy.Layer) -> bool:
        return Objective(loss, last, (3,)).fuses_last

    assert fused(hy.CategoricalCrossentropy(), hy.Softmax())
    assert fused(hy.BinaryCrossentropy(), hy.Sigmoid())
    assert not fused(hy.CategoricalCrossentropy(), Tempered())
    assert not fused(hy.BinaryCrossentropy(), Steep())
    assert not fused(Focal(), hy.Softmax())
    assert not fused(Halved(), hy.Sigmoid())


def test_a_loss_of_the_users_may_follow_any_layer() -> None:
    class Hinge(hy.CategoricalCrossentropy):
        """max(0, 1 + the best wrong score - the right one): of scores, not probabilities."""

        def values(self, prediction, target):
            rows = np.arange(len(target))
            others = prediction.copy()
            others[rows, target] = -np.inf
            return np.maximum(0, 1 + others.max(axis=1) - prediction[rows, target])

    model = compiled(hy.Dense(3), loss=Hinge())
    assert model.evaluate(X, LABELS)["loss"] == Hinge()(model.predict(X), LABELS)


def test_a_dense_subclass_computes_in_a_model_what_it_does_alone() -> None:
    for dtype in ("float32", "float64"):
        model = hy.Sequential([Doubling(3, "tanh")], dtype=dtype)
        model.build(4, seed=0)
        alone = Doubling(3, "tanh").build(4, dtype=dtype)
        alone.theta[...] = model.theta
        assert model.predict(X).dtype == dtype
        np.testing.assert_array_equal(model.predict(X), alone.forward(X))
        assert model.layers[0].activation.built is False, "the user's object was run, not a twin"


def test_a_softmax_of_the_users_may_follow_a_softmax() -> None:
    compiled(hy.Dense(3, "softmax"), Tempered())
    with pytest.raises(ValueError, match="softmax of a softmax"):
        compiled(hy.Dense(3, "softmax"), hy.Softmax())


LAYERS = {
    "Doubling": lambda: [Doubling(3)],
    "Doubling, tanh": lambda: [Doubling(3, "tanh")],
    "Renamed": lambda: [Renamed()],
    "Squared": lambda: [hy.Dense(3, Squared())],
    "Squared, alone": lambda: [Squared()],
    "Tempered": lambda: [Tempered()],
    "Always": lambda: [Always(0.5)],
    "Shifted": lambda: [Shifted(2.0)],
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("form", ["onnx", "numpy", "c", "torch"])
def test_an_export_refuses_and_names_a_subclass(form: str, name: str, tmp_path: Path) -> None:
    if form == "onnx":
        pytest.importorskip("onnx")
    kind = name.partition(",")[0]
    model = hy.Sequential([hy.Dense(3, name="first"), *LAYERS[name]()])
    model.build(4, seed=0)
    with pytest.raises(ValueError, match=rf"layer {model.network.names[1]}: {kind} is not one of"):
        getattr(export, f"to_{form}")(model, tmp_path / "model")
    assert not list(tmp_path.iterdir())


PARTS = {
    **{name: (layers, {}) for name, layers in LAYERS.items()},
    "Ridge": (lambda: [Ridge(3, "softmax")], {}),
    "Signs": (lambda: [hy.Dense(3, "softmax")], {"optimizer": Signs(0.01)}),
    "Late": (lambda: [hy.Dense(3, "softmax")], {"optimizer": Late()}),
    "Focal": (lambda: [hy.Dense(3, "softmax")], {"loss": Focal()}),
}


@pytest.mark.parametrize("name", PARTS)
def test_the_fast_engine_refuses_a_subclass_and_auto_takes_the_other(name: str) -> None:
    pytest.importorskip("numba")
    layers, options = PARTS[name]
    options = {"loss": "mse" if name in LAYERS else "categorical_crossentropy", **options}
    y = NUMBERS.repeat(3, axis=1) if options["loss"] == "mse" else LABELS

    def trained(engine: str) -> hy.Sequential:
        model = compiled(hy.Dense(3), *layers(), **options, engine=engine)
        model.fit(X, y, epochs=3, seed=0, verbose=0)
        return model

    with pytest.raises(ValueError, match=rf"cannot run this model.* {name.partition(',')[0]} has"):
        trained("compiled")
    auto, reference = trained("auto"), trained("numpy")
    assert auto.theta.tobytes() == reference.theta.tobytes()
    if "optimizer" not in options:  # it has no part in these
        assert auto.predict(X).tobytes() == reference.predict(X).tobytes()
        assert auto.evaluate(X, y) == reference.evaluate(X, y)


def test_stages_of_the_librarys_do_not_hide_a_penalty_of_the_users() -> None:
    pytest.importorskip("numba")

    class Wrapped(Ridge):
        """Runs as a plain dense layer, and adds its penalty."""

        def stages(self):
            plain = hy.Dense(3)
            plain.__dict__.update(self.replica().__dict__)
            return [plain]

    model = compiled(Wrapped(3), loss="mse", engine="compiled")
    with pytest.raises(ValueError, match="penalty of the layer Wrapped"):
        model.fit(X, NUMBERS.repeat(3, axis=1), verbose=0)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_metrics_schedules_and_initializers_of_the_users_run_in_both_engines(engine: str) -> None:
    if engine == "compiled":
        pytest.importorskip("numba")
    metrics = ["accuracy", Twice()]
    dense = hy.Dense(3, "softmax", initializer=Ones())
    model = compiled(dense, optimizer=hy.SGD(Stairs(0.5, 0.9, 1)), metrics=metrics, engine=engine)
    assert (dense.W == 1).all()
    history = model.fit(X, LABELS, batch_size=8, epochs=1, shuffle=False, verbose=0)
    assert history["twice"][0] == pytest.approx(2 * history["accuracy"][0])
    before = model.theta.copy()
    history = model.fit(X, LABELS, batch_size=8, epochs=2, verbose=0)
    assert history["learning_rate"] == [0.0, 0.0]
    assert (model.theta == before).all(), "from the third step on the rate is 0"
    figures = model.evaluate(X, LABELS)
    assert figures["twice"] == pytest.approx(2 * figures["accuracy"])


def test_a_metric_of_a_users_loss_asks_that_loss() -> None:
    class FromOne(hy.CategoricalCrossentropy):
        """Labels count from 1."""

        def target(self, y, output_shape, argument="y"):
            return super().target(np.asarray(y) - 1, output_shape, argument)

    p = hy.Softmax().forward(X[:, :3])
    wanted = hy.CategoricalCrossentropy()(p, LABELS)
    assert hy.metrics.LossMetric(FromOne())(p, LABELS + 1) == pytest.approx(wanted)


def test_a_trace_shows_no_formula_that_a_subclass_may_not_follow() -> None:
    text = str(compiled(Doubling(3, l2=0.1), Tempered(), loss=Focal()).trace(X[:2], LABELS[:2]))
    for formula in ("x·W + b", "dy·Wᵀ", "eˣ", "ln p", "λ2·w²", "λ2·W"):
        assert formula not in text
    assert "doubling_1.y   (2, 3)" in text
    assert "doubling_1.dW with penalty = doubling_1.dW + the gradient of the penalty" in text

    class Told(Doubling):
        formulas = {"y": "2·(x·W + b)"}

    assert "told_1.y = 2·(x·W + b)" in str(compiled(Told(3), loss="mse").trace(X[:2], X[:2, :3]))


def test_a_file_tells_a_users_class_from_the_librarys_of_that_name(tmp_path: Path) -> None:
    Softmax = type("Softmax", (Tempered,), {})
    model = hy.Sequential([hy.Dense(3), Softmax(), hy.Dense(3, "softmax")])
    model.build(4, seed=0)
    model.save(tmp_path / "model.safetensors")
    with pytest.raises(hy.FileFormatError, match=r"user\.Softmax.*layers=\["):
        hy.load(tmp_path / "model.safetensors")
    other = hy.load(tmp_path / "model.safetensors", layers=[Softmax])
    assert other.predict(X).tobytes() == model.predict(X).tobytes()
    assert type(other.layers[1]) is Softmax
    assert type(other.layers[2].activation) is hy.Softmax


# Where the class of an object decides what is computed, the question is `exact.is_exactly`. -------
KINDS = {  # that may be asked for, by `isinstance`: what every part of a kind has
    *("Activation", "Callback", "Configurable", "Initializer", "Layer", "Loss", "Metric"),
    *("Optimizer", "Schedule", "Sequential"),
}
CHECKED = {  # with the classes that they ask for, and why they may
    "engines/compiled": "`support.check` has let only the library's classes through",
    "diagram.py": "colours alone",
    "plots/augmented.py": "the layer's own methods run",
    "plots/reading.py": "weights and outputs are shown as they are",
}


def test_no_part_is_taken_for_another_by_isinstance() -> None:
    package = Path(hy.__file__).parent
    parts = set(hy.loading.REGISTRY) - KINDS
    for path in package.rglob("*.py"):
        place = path.relative_to(package).as_posix()
        if place.startswith(tuple(CHECKED)):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                names = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
                names |= {n.attr for n in ast.walk(node.args[1]) if isinstance(n, ast.Attribute)}
                assert not names & parts, f"{place}:{node.lineno}: ask exact.is_exactly"


def test_the_temperature_of_the_issue() -> None:
    model = compiled(hy.Dense(3), Tempered(1.0))
    plain = compiled(hy.Dense(3, "softmax"))
    assert model.evaluate(X, LABELS)["loss"] == pytest.approx(plain.evaluate(X, LABELS)["loss"])
    model.layers[1].temperature = math.inf
    assert model.evaluate(X, LABELS)["loss"] == pytest.approx(math.log(3))
