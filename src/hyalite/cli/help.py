"""Help pages in the user's language: click's, looked up and wrapped by columns of the terminal."""

from __future__ import annotations

from collections.abc import Iterable

import click

from hyalite.text import wrapped
from hyalite.translation import is_english, translated

AS_IT_STANDS = "\b\n"  # click's mark of a paragraph whose lines stay


class Formatter(click.HelpFormatter):
    """Writes headings, paragraphs and descriptions; in English all is click's own."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, None if is_english() else translated("Usage:"))

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{translated(f'{heading}:')}\n")

    def write_text(self, text: str) -> None:
        if is_english():
            super().write_text(text)
            return
        paragraphs = []
        for paragraph in text.split("\n\n"):
            if paragraph.startswith(AS_IT_STANDS):
                lines = translated(paragraph.removeprefix(AS_IT_STANDS)).split("\n")
            else:
                whole = translated(" ".join(paragraph.split("\n")))
                lines = wrapped(whole, self.width - self.current_indent)
            paragraphs.append("".join(f"{'':>{self.current_indent}}{line}\n" for line in lines))
        self.write("\n".join(paragraphs))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        if is_english():
            super().write_dl(rows, col_max, col_spacing)
            return
        rows = list(rows)
        first = min(max(len(name) for name, _ in rows), col_max) + col_spacing
        for name, meaning in rows:
            room = self.width - self.current_indent - first
            lines = wrapped(translated(meaning), max(room, 10)) or [""]
            if len(name) > first - col_spacing:
                lines = ["", *lines]
            for number, line in enumerate(lines):
                left = f"{name:<{first}}" if number == 0 else " " * first
                self.write(f"{'':>{self.current_indent}}{left}{line}".rstrip() + "\n")


class Context(click.Context):
    """Of all commands."""

    formatter_class = Formatter
