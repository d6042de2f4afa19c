"""What a model's file says of the data that it was trained on: its classes, its table's columns."""

from __future__ import annotations

from hyalite.config import to_config
from hyalite.data.tables import Preparation
from hyalite.data.tables.columns import ClassTarget
from hyalite.data.tables.stored import preparation_from
from hyalite.errors import FileFormatError
from hyalite.model import Sequential

TABLE_KEY = "table"  # key of the preparation in a model's metadata


def target_offset(model: Sequential) -> float:
    """What the model's answers leave off the target, and is added in float64; mostly 0."""
    table = model.metadata.get(TABLE_KEY)
    target = table.get("target") if isinstance(table, dict) else None
    offset = target.get("offset", 0.0) if isinstance(target, dict) else 0.0
    return float(offset) if isinstance(offset, int | float) else 0.0


def class_names(model: Sequential) -> list[str]:
    """The classes' names that came with the model, or numbers."""
    count = max(2, model.network.output_shape[-1])
    names = model.metadata.get("classes")
    if isinstance(names, list) and len(names) == count:
        return [str(name) for name in names]
    return [str(number) for number in range(count)]


def store_preparation(model: Sequential, preparation: Preparation) -> None:
    """Put a table's preparation into the model's metadata, which its file keeps.

    Raises:
        ValueError: the model takes another number of inputs.
    """
    if (len(preparation.features),) != model.network.input_shape:
        raise ValueError(
            f"preparation gives {len(preparation.features)} features, the model takes samples of "
            f"shape {model.network.input_shape}; build it with len(preparation.features)"
        )
    model.metadata[TABLE_KEY] = to_config(preparation)
    if isinstance(preparation.target, ClassTarget):
        model.metadata["classes"] = list(preparation.target.known)


def preparation_of(model: Sequential) -> Preparation:
    """The preparation that `store_preparation` put there.

    Raises:
        ValueError: the model was not trained on a table.
        FileFormatError: what is stored is no preparation.
    """
    if TABLE_KEY not in model.metadata:
        trained = f", but on {model.metadata['data']}" if "data" in model.metadata else ""
        raise ValueError(f"this model was not trained on a table{trained}")
    found = preparation_from(model.metadata[TABLE_KEY])
    if (len(found.features),) != model.network.input_shape:
        raise FileFormatError(
            f"the model's table has {len(found.features)} features, its network takes "
            f"{model.network.input_shape}"
        )
    return found
