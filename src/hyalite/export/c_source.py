"""One file of C99 without dependencies but the mathematics library: for microcontrollers."""

from __future__ import annotations

import math
from pathlib import Path

from hyalite.export.c_network import arrays, body, layout
from hyalite.export.c_table import table_source
from hyalite.export.steps import steps_of, title
from hyalite.export.table_model import filled, inputs_note, table_form
from hyalite.files.replacing import replace
from hyalite.model import Sequential
from hyalite.recipes.pipelines import RowModel
from hyalite.version import __version__

HEAD = """\
/* A neural network: {title}.
   Made by Hyalite {version}. C99; link with -lm.

   void predict(const float *x, float *y);   x: {inputs} numbers, y: {outputs} numbers
{note}
   Memory: {constants} bytes of constants; {scratch} bytes that stay its own between
   calls, so one thread at a time may call it; less than {stack} bytes of stack,
   compiled with -Os or -O2. */

#include <math.h>

#define INPUTS {inputs}
#define OUTPUTS {outputs}

"""
STACK = 256  # bytes; GCC needs 80 to 150, however many layers there are


def to_c(model: Sequential | RowModel, path: str | Path) -> None:
    """Write the file: ``void predict(const float *x, float *y)`` for one sample of a network.

    Of a table's model (`TabularModel`, `TablePipeline`) the preparation goes in, too: ``predict``
    takes a row of the table; see the guide to exports.

    Args:
        model: built.
        path: of the file; an older one is replaced at once, or not at all.

    Raises:
        ValueError: the model is not built, or has a layer that is not the library's.
        OSError: it cannot be written; an older file is then untouched.

    Examples:
        >>> from hyalite.export import to_c
        >>> model = hy.Sequential([hy.Dense(3, "relu"), hy.Dense(1)])
        >>> model.build(2)
        >>> to_c(model, "network.c")
        >>> with open("network.c") as file:
        ...     print(file.readline(), end="")
        /* A neural network: (2,) -> dense 3 -> relu -> dense 1.
    """
    text = _network(model) if isinstance(model, Sequential) else table_source(table_form(model))
    replace(Path(path), text.encode())


def _network(model: Sequential) -> str:
    steps, network = steps_of(model), model.network
    inputs, outputs = (math.prod(s) for s in (network.input_shape, network.output_shape))
    size, note = layout(steps, inputs)[1], inputs_note(model)
    text = HEAD.format(
        title=title(model),
        version=__version__,
        inputs=inputs,
        outputs=outputs,
        note=note and "\n   " + filled(note, "   ") + "\n",
        constants=4 * sum(array.size for step in steps for array in step.arrays.values()),
        scratch=4 * size,
        stack=STACK,
    )
    text += arrays(steps)
    text += f"\nstatic float scratch[{size}];\n\nvoid predict(const float *x, float *y)\n{{\n"
    text += body(steps, inputs)
    return text + "    for (int i = 0; i < OUTPUTS; i++) y[i] = a[i];\n}\n"
