"""The command line, `hyalite`: its commands, one a file, and how errors end them.

NumPy, matplotlib and the rest of the library are imported inside the commands, so that
``hyalite --help`` answers at once.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import click

from hyalite.cli.convert import convert
from hyalite.cli.evaluate import evaluate
from hyalite.cli.export import export
from hyalite.cli.help import Context
from hyalite.cli.inspect import datasets, summary
from hyalite.cli.lessons import lessons
from hyalite.cli.pack import pack
from hyalite.cli.play import play
from hyalite.cli.predict import predict
from hyalite.cli.trace import trace
from hyalite.cli.train import train
from hyalite.cli.wording import EXPECTED, tell
from hyalite.cli.workers import tell_as_group
from hyalite.translation import speaking, wanted
from hyalite.version import __version__


class Commands(click.Group):
    """A group whose commands end with one line, not a traceback, where the input is at fault.

    All that they print is in the language of the environment.
    """

    context_class = Context

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        cmd.context_class = Context
        super().add_command(cmd, name)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        with speaking(wanted(os.environ)):
            return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        words = list(ctx.args)  # click takes them away
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # the reader has gone, as in `hyalite datasets | head -1`; click ends quietly
        except (click.UsageError, *EXPECTED, KeyboardInterrupt) as error:
            if isinstance(error, click.UsageError):
                tell_as_group(error, words)
            ctx.exit(tell(error))


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from hyalite.engines.compiled.machine_code.choice import describe

        click.echo(f"hyalite, version {__version__}\nkernels: {describe()}")
        context.exit()


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "show_default": True,
    },
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version, and which kernels run here.",
)
def commands() -> None:
    """Neural networks you can see through: train one, look at it, use it.

    \b
    First steps:
      hyalite train mnist              handwritten digits, a few seconds
      hyalite train spiral             three spiral arms, and a picture of their regions
      hyalite predict MODEL IMAGE      what is in a picture
    """  # noqa: D301  # \b: click, leave the lines as they are
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "█" shows "?" instead


for command in (
    *(train, play, pack, evaluate, predict, summary, trace),
    *(convert, export, datasets, lessons),
):
    commands.add_command(command)


def main() -> None:
    """Run the command line."""
    commands()
