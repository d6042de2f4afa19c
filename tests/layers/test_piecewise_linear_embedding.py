"""Piecewise-linear embeddings of numbers."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy

quantile_bins = hy.PiecewiseLinearEmbedding.quantile_bins


class TestPiecewiseLinearEmbedding:
    def test_values_by_hand(self) -> None:
        bins = [(0, 1, 3), (-1, 1)]
        layer = hy.PiecewiseLinearEmbedding(bins, 2, columns=[2, 0]).build(3, dtype="float64")
        layer.w0[...], layer.b0[...] = [[1, 0], [0, 1]], [[0, 5], [0, 0]]
        layer.V[...] = [[10, 0], [100, 0], [0, 6]]
        y = layer.forward([[1, 7, -1], [0, 8, 0.5], [3, 9, 5]])
        # of -1: -1 piece; of 0.5: half of the first; of 5: the first and two of the second
        np.testing.assert_allclose(
            y, [[7, -11, 5, 0, 7], [8, 5.5, 5, 0, 3], [9, 215, 5, 0, 15]], atol=1e-14
        )

    def test_it_starts_as_a_line(self) -> None:
        layer = hy.PiecewiseLinearEmbedding([(0, 1, 2)], 4).build(1, seed=0)
        y = layer.forward([[0], [1], [2], [7]])
        np.testing.assert_allclose(np.diff(y, axis=0)[1], np.diff(y, axis=0)[0], rtol=1e-5)
        assert (layer.V == 0).all()
        assert 0 < np.abs(layer.w0).max() <= 0.5

    def test_edges_that_do_not_rise_are_refused(self) -> None:
        for wrong in ((), (1,), (0, 0), (0, 2, 1), (1e9, 1e9 + 1)):
            with pytest.raises(ValueError, match=r"two edges or more .* for column 1"):
                hy.PiecewiseLinearEmbedding([(0, 1), wrong])
        for wrong in ([], (0, 1), 3):
            with pytest.raises(ValueError, match=r"list of edges for each column"):
                hy.PiecewiseLinearEmbedding(wrong)
        with pytest.raises(ValueError, match="bins must be a number"):
            hy.PiecewiseLinearEmbedding([(0, np.nan)])

    def test_quantiles_as_edges(self) -> None:
        x = np.column_stack([np.arange(101), [0] * 60 + [1] * 41])
        assert quantile_bins(x, 4) == ((0, 25, 50, 75, 100), (0, 1))
        many = quantile_bins(np.random.default_rng(0).normal(size=(5000, 1)))
        assert len(many[0]) == 49
        near = quantile_bins(1e7 + x[:, :1] / 9)  # some are equal in single precision
        assert len(hy.PiecewiseLinearEmbedding(near).bins[0]) == 12

    def test_a_constant_column_is_refused_by_name(self) -> None:
        with pytest.raises(ValueError, match=r"one value only in column 1; leave"):
            quantile_bins([[0, 3], [1, 3]])
        pandas = pytest.importorskip("pandas")
        with pytest.raises(ValueError, match="one value only in column 'b'"):
            quantile_bins(pandas.DataFrame({"a": [0, 1], "b": [2, 2]}))
        for wrong in ([1, 2], np.empty((0, 2))):
            with pytest.raises(ValueError, match=r"x must have shape \(samples, columns\)"):
                quantile_bins(wrong)
