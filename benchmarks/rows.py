"""Rows of measurements: a CSV file that grows row by row, and plain tables for the screen."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

Cell = str | float | int | bool | None


class RowFile:
    """A CSV file to which every row is written as soon as it is known, so that a long run may be cut in pieces.

    Args:
        path: The file; None keeps nothing.
        columns: Names of the columns.

    Raises:
        click.ClickException: if the file has other columns.
    """

    def __init__(self, path: Path | None, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = list(columns)
        self.rows: list[dict[str, str]] = []
        if path is None:
            return
        if path.is_file() and path.stat().st_size:
            with path.open(encoding="utf-8", newline="") as stream:
                reader = csv.DictReader(stream)
                if list(reader.fieldnames or ()) != self.columns:
                    raise click.ClickException(f"{path} has other columns than this program writes; name another file")
                self.rows = list(reader)
        else:
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerow(self.columns)

    def add(self, row: Mapping[str, Cell]) -> dict[str, str]:
        """Append a row, and return it as text."""
        texts = {name: as_text(row.get(name)) for name in self.columns}
        self.rows.append(texts)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8", newline="") as stream:
                csv.DictWriter(stream, self.columns, lineterminator="\n").writerow(texts)
        return texts


def as_text(value: Cell) -> str:
    """Return a value as it stands in a CSV file; None is empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def number(text: str) -> float | None:
    """Return the number in a cell, or None where it is empty."""
    return float(text) if text else None


def shown(value: float | None, digits: int = 3) -> str:
    """Return a number for the screen."""
    return "-" if value is None else f"{value:.{digits}f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a plain table; the first column is flush left, the others flush right."""
    widths = [max(len(line[i]) for line in (header, *rows)) for i in range(len(header))]
    lines = []
    for line in (header, *rows):
        cells = [line[0].ljust(widths[0]), *(text.rjust(w) for text, w in zip(line[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
