"""Every kind of operation has its file and its branch."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


pytestmark = pytest.mark.compiled


def test_every_kind_of_operation_has_its_file_and_its_branch_in_the_passes() -> None:
    import inspect

    from hyalite.engines.compiled.kernels import passes
    from hyalite.engines.compiled.kernels.operations import OPERATIONS
    from hyalite.engines.compiled.structs import OperationKind

    assert sorted(operation.kind for operation in OPERATIONS) == list(OperationKind)
    text = inspect.getsource(passes)
    for kind in OperationKind:
        assert text.count(f"operation == {kind.name}:") == 2
        assert getattr(passes, kind.name) == kind


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
    from hyalite.engines.compiled.kernels.operations.runs import runs_of

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
