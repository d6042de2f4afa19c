"""Every kind of operation has its file and its branch."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_every_kind_of_operation_has_its_lowering_and_its_kernels() -> None:
    from hyalite.engines.compiled.kernels.catalogue import ENTRIES, kernel_of
    from hyalite.engines.compiled.lowering.operations import OPERATIONS
    from hyalite.engines.compiled.structs import OperationKind

    assert sorted(operation.kind for operation in OPERATIONS) == list(OperationKind)
    for operation in OPERATIONS:
        name = operation.kind.name.lower()
        assert type(operation).__module__.endswith(f"lowering.operations.{name}")
        for key in (f"{name}_forward", f"{name}_backward"):
            function, entry = kernel_of(key).py_func, ENTRIES[key]
            assert function.__module__.endswith(f"kernels.operations.{name}")
            assert function.__code__.co_argcount == len(entry.hints)


ELEMENTWISE = {
    "selu": hy.SELU,
    "mish": hy.Mish,
    "silu": hy.SiLU,
    "parametric mish": lambda: hy.ParametricActivation("mish", 0.5),
    "smooth clip": hy.SmoothClip,
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_extreme_numbers_overflow_nowhere(name: str) -> None:
    """Values, and slopes by way of the bias of the layer before; as the reference has them."""
    column = np.float32([-1e4, -90, -1, -1e-6, 0, 1e-6, 1, 90, 1e4])[:, None]
    found = []
    for engine in ("numpy", "compiled"):
        model = hy.Sequential([hy.Dense(1), ELEMENTWISE[name]()])
        model.compile("mean_absolute_error", hy.SGD(1.0), engine=engine)
        model.build(1, seed=0)
        each = []
        for x in column:
            model.set_weights({key: np.zeros_like(a) for key, a in model.get_weights().items()})
            model.layers[0].W[...] = 1
            each.append(model.predict(x[None])[0, 0])
            model.fit(x[None], [[-1e6]], batch_size=1, seed=0, verbose=0)
            each.append(-model.layers[0].b[0])
        found.append(each)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(*found, rtol=2e-6, atol=2e-6)


def test_runs_of_columns() -> None:
    from hyalite.engines.compiled.lowering.operations.runs import runs_of

    assert runs_of(range(5)).tolist() == [3, 0, 5, 0]
    assert runs_of((0, 1, 2, 7)).tolist() == [6, 0, 3, 0, 7, 1, 3]
    assert runs_of((4, 3)).tolist() == [6, 4, 1, 0, 3, 1, 1]


def test_the_bytes_of_elementwise_layers_are_those_of_any_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(600, 20)), rng.integers(0, 3, 600)
    bytes_of = []
    for threads in (1, 2):
        hy.set_num_threads(threads)
        try:
            layers = [hy.SmoothClip(columns=range(9)), hy.Scale((3, 4, 19)), hy.Dense(40)]
            layers += [hy.ParametricActivation("mish"), hy.Dense(20, "selu"), hy.Scale()]
            model = hy.Sequential([*layers, hy.Dense(3, "softmax")])
            model.compile("categorical_crossentropy", hy.Adam(0.01), engine="compiled")
            model.fit(x, y, batch_size=256, epochs=3, seed=0, verbose=0)
        finally:
            hy.set_num_threads(None)
        bytes_of.append(model.theta.tobytes() + model.predict(x).tobytes())
    assert bytes_of[0] == bytes_of[1]


def embedded(dtype: str = "float64") -> tuple[hy.Sequential, np.ndarray]:
    """A model of the three embeddings, not yet trained, and samples for it."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 8))
    x[:, 2], x[:, 5] = rng.integers(0, 4, 600), rng.integers(0, 30, 600)
    bins = [np.linspace(-2, 2, 9), (-1, 0.3, 2)]
    layers = [
        hy.Embedding((4, 30), 3, columns=[2, 5]),
        hy.PeriodicEmbedding([0, 2, 3], 5, 4, 0.5),
        hy.PiecewiseLinearEmbedding(bins, 3, columns=[1, 9]),
        hy.Dense(16, "relu"),
        hy.Dense(2),
    ]
    model = hy.Sequential(layers, dtype=dtype)
    model.compile("mean_squared_error", hy.Adam(0.01), engine="compiled")
    model.build(8, seed=1)
    model.theta += 0.1 * rng.normal(size=model.theta.shape).astype(dtype)
    return model, x


def test_the_embeddings_agree_with_the_reference() -> None:
    y = np.random.default_rng(1).normal(size=(600, 2))
    found = []
    for engine in ("numpy", "compiled"):
        model, x = embedded()
        model.engine = engine
        loss = model.fit(x, y, epochs=3, batch_size=100, seed=0, shards=2, verbose=0)["loss"]
        few = [model.predict(x[:rows]) for rows in (1, 3, 600)]
        found.append([loss, model.theta, *few])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


def test_the_bytes_of_embeddings_are_those_of_any_number_of_threads() -> None:
    y = np.random.default_rng(1).normal(size=(600, 2))
    bytes_of = []
    for threads in (1, 2):
        hy.set_num_threads(threads)
        try:
            model, x = embedded(dtype="float32")
            model.fit(x, y, batch_size=256, epochs=3, seed=0, verbose=0)
        finally:
            hy.set_num_threads(None)
        bytes_of.append(model.theta.tobytes() + model.predict(x).tobytes())
    assert bytes_of[0] == bytes_of[1]


def test_a_category_that_is_none_is_the_same_error_in_both_engines() -> None:
    y = np.zeros((600, 2))
    for place, column, wrong in ((250, 5, 30), (401, 2, -1), (599, 5, 1e9)):
        texts = []
        for engine in ("numpy", "compiled"):
            model, x = embedded()
            model.engine = engine
            x[place, column] = wrong
            before = model.theta.copy()
            for call in (
                lambda: model.predict(x),  # noqa: B023
                lambda: model.predict(x[place : place + 1]),  # noqa: B023
                lambda: model.evaluate(x, y),  # noqa: B023
                lambda: model.fit(x, y, batch_size=600, seed=5, shards=3, verbose=0),  # noqa: B023
            ):
                with pytest.raises(ValueError, match="x must have categories from 0 to") as caught:
                    call()
                texts.append(str(caught.value))
            np.testing.assert_array_equal(model.theta, before)
            assert model.optimizer.steps == 0
        assert texts[:4] == texts[4:]
