"""What a terminal adds to text: colours, and lines that end between words. Files and pipes get neither."""

from __future__ import annotations

import os
import shutil
import textwrap
from typing import IO, Any

import click

WIDEST = 100
"""Longer lines are hard to read even on a wide terminal."""

_COLOURS = {"met": "green", "doubtful": "yellow", "missed": "red", "none": "red"}
"""Colour of a verdict by the standing of the panel."""


def is_terminal(stream: IO[Any]) -> bool:
    """Whether a stream is a terminal that understands escape sequences."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: IO[Any]) -> int | None:
    """Return the usable width of a terminal; None for files and pipes."""
    return min(shutil.get_terminal_size().columns, WIDEST) if stream.isatty() else None


def styled(text: str, stream: IO[Any], **style: Any) -> str:
    """Return text in a style; unchanged where the stream shows none or NO_COLOR is set (https://no-color.org)."""
    if not is_terminal(stream) or os.environ.get("NO_COLOR"):
        return text
    return click.style(text, **style)


def coloured(verdict: str, standing: str, stream: IO[Any]) -> str:
    """Return a verdict in the colour of its standing."""
    return styled(verdict, stream, fg=_COLOURS.get(standing), bold=True)


def fitted(line: str, stream: IO[Any]) -> str:
    """Return a line wrapped between words where the stream is a terminal; paths and other long words stay whole."""
    width = width_of(stream)
    if width is None:
        return line
    indent = len(line) - len(line.lstrip(" ")) + (2 if line.lstrip(" ").startswith("- ") else 0)
    return textwrap.fill(
        line,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
