"""``python -m hyalite``: the command line."""

from hyalite.cli import main

main()
