"""Small images in rows on one Axes."""

from __future__ import annotations

import numpy as np
import pytest

from hyalite.plots.tiles import columns_for, draw_tiles

figures = pytest.importorskip("matplotlib.figure")


@pytest.mark.parametrize(
    ("count", "columns"),
    [(1, 1), (2, 2), (3, 3), (4, 2), (6, 3), (7, 3), (8, 4), (16, 4), (20, 5), (32, 8), (64, 8)],
)
def test_rows_are_full_where_that_goes(count: int, columns: int) -> None:
    assert columns_for(count) == columns


def test_tiles_lie_row_by_row_apart_from_each_other() -> None:
    ax = figures.Figure().add_subplot()
    images = [np.full((2, 4), value) for value in range(5)]
    last = draw_tiles(ax, images, 3, cmap="gray", vmin=0, vmax=4)
    assert last is ax.images[4]
    assert [image.get_array()[0, 0] for image in ax.images] == [0, 1, 2, 3, 4]
    boxes = [image.get_extent() for image in ax.images]  # left, right, bottom, top
    assert list(boxes[0]) == [0, 4, 2, 0]
    assert boxes[1][0] > boxes[0][1]
    assert boxes[3][0] == 0
    assert boxes[3][3] > boxes[0][2]
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    assert left < 0 < boxes[2][1] < right
    assert top < 0 < boxes[4][2] < bottom  # rows go down
