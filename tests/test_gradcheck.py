"""The check of gradients finds what is wrong, and only that."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite import gradcheck
from tests import parts


class TestTheCheckerItself:
    """It must find what is wrong, and say where."""

    def test_it_finds_a_wrong_factor_and_names_the_entry(self, monkeypatch) -> None:
        right = hy.Dense.backward

        def wrong(self, dy):
            dx = right(self, dy)
            self.dW[2, 1] *= 1.001
            return dx

        monkeypatch.setattr(hy.Dense, "backward", wrong)
        model = hy.Sequential([hy.Dense(3)])
        model.compile("mean_squared_error")
        rng = np.random.default_rng(0)
        report = gradcheck.check_model(model, rng.normal(size=(6, 4)), rng.normal(size=(6, 3)))
        assert not report.ok
        assert report.name == "dense_1.W[2, 1]"
        assert report.error == pytest.approx(1e-3, rel=0.01)
        assert "WRONG" in str(report)
        along = gradcheck.check_model(
            model, rng.normal(size=(6, 4)), rng.normal(size=(6, 3)), directions=5
        )
        assert not along.ok

    def test_it_skips_kinks(self) -> None:
        x = np.array([[0.0, 1.0, -1.0, 1e-7]])
        report = gradcheck.check_layer(hy.ReLU(), x)
        assert (report.ok, report.checked, report.skipped) == (True, 2, 2)

    def test_nothing_compared_is_not_right(self) -> None:
        report = gradcheck.check_layer(hy.ReLU(), np.zeros((2, 2)))
        assert not report.ok
        assert "NOT CHECKED" in str(report)

    def test_it_refuses_integers(self) -> None:
        for call in (
            lambda: gradcheck.check_layer(hy.ReLU(), np.ones((2, 2), int)),
            lambda: gradcheck.check_loss(hy.MeanSquaredError(), [[1, 2]], [[1, 2]]),
            lambda: gradcheck.numerical_gradient(np.sum, np.arange(3)),
        ):
            with pytest.raises(ValueError, match=r"must hold floats, got int64.*astype"):
                call()

    def test_it_leaves_the_model_alone(self) -> None:
        model, x, y, weight = parts.random_model(np.random.default_rng(5), dtype="float32")
        before = model.theta.copy(), model.state.copy(), model.network.clock.step
        gradcheck.check_model(model, x, y, sample_weight=weight)
        np.testing.assert_array_equal(model.theta, before[0])
        np.testing.assert_array_equal(model.state, before[1])
        assert model.theta.dtype == np.float32
        assert model.network.clock.step == before[2]

    def test_large_models_are_checked_along_directions(self) -> None:
        model = hy.Sequential([hy.Dense(64, "tanh"), hy.Dense(64, "gelu"), hy.Dense(10, "softmax")])
        model.compile("categorical_crossentropy")
        rng = np.random.default_rng(6)
        report = gradcheck.check_model(model, rng.normal(size=(10, 64)), rng.integers(0, 10, 10))
        assert report.ok, str(report)
        assert report.checked == 20

    def test_it_needs_a_compiled_model(self) -> None:
        with pytest.raises(ValueError, match="compile the model first"):
            gradcheck.check_model(hy.Sequential([hy.Dense(1)]), np.ones((2, 2)), np.ones(2))

    def test_numerical_gradients_of_functions(self) -> None:
        x = np.array([[1.0, -2.0], [0.5, 3.0]])
        np.testing.assert_allclose(
            gradcheck.numerical_gradient(lambda x: (x**2).sum(), x), 2 * x, rtol=1e-10
        )
        np.testing.assert_array_equal(x, [[1.0, -2.0], [0.5, 3.0]])
