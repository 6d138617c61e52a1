"""Formats plain values as readable TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

WIDTH = 110
"""Line width above which texts are broken."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_key(name: str) -> str:
    """Return a key, quoted if necessary."""
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def toml_value(value: Any) -> str:
    """Return a text, number, boolean, list or table as TOML (tables inline).

    Raises:
        TypeError: for anything else.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{int(value):_}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        entries = ", ".join(f"{toml_key(key)} = {_on_one_line(entry)}" for key, entry in value.items())
        return f"{{ {entries} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return _array([_on_one_line(item) for item in value])
    raise TypeError(f"{type(value).__name__} has no TOML form")


def toml_lines(table: Mapping[str, Any]) -> Iterable[str]:
    """Yield ``key = value`` for each entry of a table."""
    for key, value in table.items():
        yield f"{toml_key(key)} = {toml_value(value)}"


def _on_one_line(value: Any) -> str:
    return _quoted(value) if isinstance(value, str) else toml_value(value)


def _array(items: list[str]) -> str:
    flat = "[" + ", ".join(items) + "]"
    if len(flat) <= WIDTH - 20:
        return flat
    lines, line = ["["], ""
    for item in items:
        if line and len(line) + len(item) > WIDTH:
            lines.append(line)
            line = ""
        line += f" {item}," if line else f"  {item},"
    return "\n".join([*lines, line, "]"])


def _text(text: str) -> str:
    quoted = _quoted(text)
    if len(quoted) <= WIDTH or "  " in text or any(ord(c) < 32 for c in text):
        return quoted
    # a backslash at the end of a line joins it to the next; the space before it stays
    lines, line = ['"""\\'], ""
    for word in quoted[1:-1].split(" "):
        if line and len(line) + len(word) + 1 > WIDTH:
            lines.append(line + " \\")
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line + '"""'])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
