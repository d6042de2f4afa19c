"""`hyalite export`: a model file into what other programs and machines run."""

from __future__ import annotations

import click

from hyalite.cli.arguments import MODEL
from hyalite.cli.wording import echo

OUT = click.Path(dir_okay=False)
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
    """Write the saved MODEL in forms that need no hyalite; numbers are rounded to float32.

    \b
    Examples:
      hyalite export runs/mnist/mnist.safetensors --onnx mnist.onnx
      hyalite export runs/mnist/mnist.safetensors --numpy mnist.py --c mnist.c
      hyalite export runs/mnist/mnist.safetensors --torch mnist.torch.safetensors

    With --torch it also prints the torch.nn.Sequential that takes the weights.
    """  # noqa: D301  # \b: click, leave the lines as they are
    from hyalite.export import to_c, to_numpy, to_onnx, to_torch, torch_modules
    from hyalite.loading import load

    wanted = [(to_onnx, onnx), (to_numpy, numpy), (to_torch, torch), (to_c, c)]
    if not any(path for _, path in wanted):
        raise click.UsageError(
            "say what to write: --onnx, --numpy, --torch or --c, each with a file's name"
        )
    network = load(model)
    for write, path in wanted:
        if path:
            write(network, path)
            echo(f"{path} written.")
    if torch:
        echo(LOADING.format(modules=torch_modules(network), path=torch))
