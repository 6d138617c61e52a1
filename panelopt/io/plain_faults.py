"""Faults of single values in plain words, with a remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from panelopt.errors import did_you_mean

MAX_SHOWN = 60
"""Characters shown of a faulty value."""

_HUNDRED = 100.0
_PATTERNS = (
    (re.compile(r"^Value error, "), ""),
    (re.compile(r"^Field required$"), "the key is missing"),
    (re.compile(r"^Input should be a valid (number|integer|string|boolean|list|dictionary).*"), r"must be a \1"),
    (re.compile(r"^Input should be (?:less than or equal to|at most) "), "must be at most "),
    (re.compile(r"^Input should be greater than or equal to "), "must be at least "),
    (re.compile(r"^Input should be less than "), "must be below "),
    (re.compile(r"^Input should be greater than "), "must be above "),
    (re.compile(r"^Input should be "), "must be "),
)
_TYPES = {"a number": "a number", "a integer": "a whole number", "a string": "a text", "a boolean": "true or false",
          "a list": "a list, in [ ]", "a dictionary": "a table, in { }"}  # fmt: skip
_QUOTED = re.compile(r"'([^']+)'")


def plain_message(fault: Mapping[str, Any]) -> str:
    """Return the message of a fault that pydantic found, with the value."""
    if fault["type"] == "extra_forbidden":
        return f"unknown key {fault['loc'][-1]!r}"
    message = str(fault["msg"])
    for pattern, words in _PATTERNS:
        message = pattern.sub(words, message)
    for words, plain in _TYPES.items():
        message = message.replace(f"must be {words}", f"must be {plain}")
    if fault["type"] in ("value_error", "missing") or isinstance(fault["input"], dict | list):
        return message
    return f"{message} (found {_short(fault['input'])})"


def remedy(fault: Mapping[str, Any]) -> str:
    """Return what to do about a fault: the closest word allowed, or a fraction instead of percent."""
    value = fault["input"]
    if fault["type"] == "literal_error" and isinstance(value, str):
        return did_you_mean(value, _QUOTED.findall(str(fault["ctx"]["expected"])))
    if not isinstance(value, int | float) or isinstance(value, bool) or not 1 < value <= _HUNDRED:
        return ""
    if (fault["type"] == "less_than_equal" and fault["ctx"]["le"] == 1) or _ENDS_AT_1.search(str(fault["msg"])):
        return f"Write a fraction: {value / _HUNDRED:g} for {value:g} %."
    return ""


_ENDS_AT_1 = re.compile(r"allowed range, from [\d.e+-]+ to (?:below )?1$")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."
