"""`hyalite play`: a page in the browser on which one sees a network learn."""

from __future__ import annotations

import click

from hyalite.cli.wording import echo


@click.command(short_help="Open a page on which one sees a network learn.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=0,
    show_default=False,
    help="On which to listen.  [a free one]",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.option("--stop-with-page", is_flag=True, help="End when the last page is closed.")
def play(port: int, no_browser: bool, stop_with_page: bool) -> None:
    """Watch a network learn, and try what changes it: in a page in the browser.

    Data are painted, chosen or dropped; layers, losses and optimizers are those of the library,
    and what the page trains is byte for byte what `hyalite train` or the Python code that it shows
    trains. Nothing leaves this machine.

    The address is good for one page; when it has been used, another is printed. Ctrl-C ends it.

    \b
    Examples:
      hyalite play
      hyalite play --no-browser --port 8000
    """  # noqa: D301  # \b: click, leave the lines as they are
    import threading
    from contextlib import suppress
    from importlib.util import find_spec

    from hyalite.engines.threads import get_num_threads
    from hyalite.errors import require
    from hyalite.play.guard import Keys
    from hyalite.play.server import EXTRA, listening, serve

    if find_spec("uvicorn") is None:  # what is there is imported while the browser starts
        require("uvicorn", EXTRA, "hyalite play")
    threads = max(1, get_num_threads() - 1)  # one core draws the page
    listener = listening(port)
    address = "http://{}:{}/".format(*listener.getsockname())
    keys = Keys()
    shown: list[str] = []

    def show(form: str) -> None:
        shown.append(keys.new_key())
        echo(form.format(f"{address}#key={shown[-1]}"))

    def entered(key: str) -> None:
        if key == shown[-1]:
            show("For one more page: {}")

    show("The page is at {}")
    echo("Ctrl-C ends it.")
    if not no_browser:
        import webbrowser

        # with a key of its own, since the list of processes shows it to others
        opened = f"{address}#key={keys.new_key()}"
        threading.Thread(target=webbrowser.open, args=[opened], daemon=True).start()
    with suppress(KeyboardInterrupt):
        serve(listener, keys, entered, threads=threads, stop_with_page=stop_with_page)
    echo("Stopped.")
