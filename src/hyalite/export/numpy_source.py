"""One file of Python that predicts with NumPy alone, the weights inside."""

from __future__ import annotations

from pathlib import Path

from hyalite.export.numpy_network import arrays, body, helpers
from hyalite.export.numpy_table import table_source
from hyalite.export.steps import steps_of, title
from hyalite.export.table_model import filled, inputs_note, table_form
from hyalite.files.replacing import replace
from hyalite.model import Sequential
from hyalite.recipes.pipelines import RowModel
from hyalite.version import __version__

HEAD = '''\
"""A neural network: {title}.

Made by Hyalite {version}; it needs NumPy and nothing else::

    from {module} import predict
    y = predict(x)  # x: (n, {inputs}), y: (n, {outputs})
{note}"""

import base64

import numpy as np


def predict(x):
    """The outputs (n, {outputs}) for samples (n, {inputs})."""
    x = np.asarray(x, np.float32)
{body}
    return x


{helpers}

'''


def to_numpy(model: Sequential | RowModel, path: str | Path) -> None:
    """Write the file; import it anywhere and call `predict`.

    Of a table's model (`TabularModel`, `TablePipeline`) the preparation goes in, too: ``predict``
    takes columns by name, or rows, as they stand in the table; see the guide to exports.

    Args:
        model: built.
        path: of the file; an older one is replaced at once, or not at all.

    Raises:
        ValueError: the model is not built, or has a layer that is not the library's.
        OSError: it cannot be written; an older file is then untouched.

    Examples:
        >>> import runpy
        >>> from hyalite.export import to_numpy
        >>> model = hy.Sequential([hy.Dense(3, "relu"), hy.Dense(1)])
        >>> model.build(2)
        >>> to_numpy(model, "network.py")
        >>> predict = runpy.run_path("network.py")["predict"]
        >>> np.allclose(predict([[1, 2]]), model.predict([[1, 2]]))
        True
    """
    path = Path(path)
    if isinstance(model, Sequential):
        text = _network(model, path.stem)
    else:
        text = table_source(table_form(model), path.stem)
    replace(path, text.encode())


def _network(model: Sequential, module: str) -> str:
    steps, note = steps_of(model), inputs_note(model)
    text = HEAD.format(
        title=title(model),
        version=__version__,
        module=module,
        inputs=", ".join(map(str, model.network.input_shape)),
        outputs=", ".join(map(str, model.network.output_shape)),
        body=body(steps),
        note=note and f"\n{filled(note, '')}\n",
        helpers=helpers(steps),
    )
    return text + arrays(steps)
