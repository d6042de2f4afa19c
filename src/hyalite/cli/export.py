"""`hyalite export`: a model file into what other programs and machines run."""

from __future__ import annotations

import click

from hyalite.cli.arguments import MODEL
from hyalite.cli.wording import echo
from hyalite.translation import translated

OUT = click.Path(dir_okay=False)
WHOLE = """\
The preparation is in {paths}: rows go in as the table has them, answers come out with their
names or in their unit. The columns and what they take are listed at the file's beginning."""
TYPED = """\
In {paths} numbers are numbers, and dates the days since 1970: what texts such as "1.234,50 EUR"
mean is known to the Python file alone."""
ALONE = """\
In {path} are weights alone, without the preparation: inputs are scaled numbers, and 1 or 0 for
each category; outputs are what the last layer gives, before they are weighed and calibrated."""
CHANNELS_FIRST = "It takes pictures with the channels first: (n, channels, height, width)."
LOADING = """\
In PyTorch:

import torch
from safetensors.torch import load_file

net = {modules}
net.load_state_dict(load_file({path!r}))
net.eval()"""


@click.command(short_help="Write a model as ONNX, for PyTorch, as a Python or C file.")
@click.argument("model", type=MODEL)
@click.option("--onnx", type=OUT, metavar="OUT.onnx", help="For ONNX runtimes.")
@click.option("--numpy", type=OUT, metavar="OUT.py", help="Python with NumPy alone.")
@click.option("--torch", type=OUT, metavar="OUT.safetensors", help="PyTorch's state_dict.")
@click.option("--c", type=OUT, metavar="OUT.c", help="C99, for microcontrollers.")
def export(
    model: str, onnx: str | None, numpy: str | None, torch: str | None, c: str | None
) -> None:
    """Write the saved MODEL in forms that need no hyalite; weights are rounded to float32.

    Of a table's model the preparation goes in, too: rows as they stand, answers by name.

    \b
    Examples:
      hyalite export runs/mnist/mnist.safetensors --onnx mnist.onnx
      hyalite export runs/mnist/mnist.safetensors --numpy mnist.py --c mnist.c
      hyalite export runs/mnist/mnist.safetensors --torch mnist.torch.safetensors

    With --torch it also prints the torch.nn.Sequential that takes the weights.
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.export import to_c, to_numpy, to_onnx, to_torch, torch_modules
    from hyalite.export.steps import of_pictures
    from hyalite.model import Sequential
    from hyalite.recipes.pipelines import RowModel, load

    wanted = [(to_onnx, onnx), (to_numpy, numpy), (to_torch, torch), (to_c, c)]
    if not any(path for _, path in wanted):
        raise click.UsageError(
            "say what to write: --onnx, --numpy, --torch or --c, each with a file's name"
        )
    found = load(model)
    what = found if isinstance(found, RowModel) else found.model
    for write, path in wanted:
        if path:
            write(what, path)
            echo(f"{path} written.")
    if isinstance(what, RowModel):
        echo(_about(onnx, numpy, torch, c))
    if torch:
        echo(LOADING.format(modules=torch_modules(what), path=torch))
        if isinstance(what, Sequential) and of_pictures(what):
            echo(f"\n{CHANNELS_FIRST}")


def _about(onnx: str | None, numpy: str | None, torch: str | None, c: str | None) -> str:
    """What the files of a table's model hold, and what not."""
    lines = []
    if whole := [path for path in (onnx, numpy, c) if path]:
        lines.append(WHOLE.format(paths=_listed(whole)))
    if typed := [path for path in (onnx, c) if path]:
        lines.append(TYPED.format(paths=_listed(typed)))
    if torch:
        lines.append(ALONE.format(path=torch))
    return "\n".join(lines)


def _listed(paths: list[str]) -> str:
    both = f" {translated('and')} "
    return both.join([", ".join(paths[:-1]), paths[-1]] if paths[1:] else paths)
