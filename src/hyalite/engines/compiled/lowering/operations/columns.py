"""The constants of the embeddings of columns: which columns, and into how many numbers each."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.structs import Vector
from hyalite.layers.columns import ColumnEmbedding
from hyalite.parameters import Array

COUNT, DIMENSION, PLACES = 0, 1, 2  # where the constants hold what


def column_constants(stage: ColumnEmbedding, *others: Array) -> Vector:
    """How many columns are embedded, into how many numbers each, the places of these columns, of
    those that pass, and then others: int64.
    """
    head = np.array([len(stage.chosen), stage.dimension])
    return np.concatenate([head, stage.chosen, stage.passing, *others]).astype(np.int64)
