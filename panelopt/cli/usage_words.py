"""Click's messages about wrong values, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

_RANGE = re.compile(
    r"(?P<value>\S+) is not in the range (?:(?P<low>\S+?)(?P<from><=?))?x(?:(?P<to><=?|>=?)(?P<high>\S+?))?\.$"
)
_EXTRA = re.compile(r"^Got unexpected extra arguments? \((?P<what>.*)\)$")
_PLAIN = (
    (re.compile(r"is not a valid float(?: range)?\.$"), "is not a number."),
    (re.compile(r"is not a valid integer(?: range)?\.$"), "is not a whole number."),
)


def in_plain_words(message: str) -> str:
    """Return a message of click, its ranges and types in words."""
    for pattern, words in _PLAIN:
        message = pattern.sub(words, message)
    rewritten: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = ((_RANGE, _range), (_EXTRA, _extra))
    for pattern, text in rewritten:
        message = pattern.sub(text, message)
    return message


def missing_option(error: click.UsageError) -> str:
    """Return what to add where a required option is missing, as its help says it; empty for any other error."""
    option = error.param if isinstance(error, click.MissingParameter) else None
    if not isinstance(option, click.Option) or not option.help:
        return ""
    name = f"{max(option.opts, key=len)} {option.metavar or ''}".rstrip()
    return f"Add {name}: {option.help[0].lower()}{option.help[1:]}"


def _range(found: re.Match[str]) -> str:
    bounds = []
    if found["low"]:
        bounds.append(f"{'at least' if found['from'] == '<=' else 'above'} {found['low']}")
    if found["high"]:
        words = {"<=": "at most", "<": "below", ">=": "at least", ">": "above"}
        bounds.append(f"{words[found['to']]} {found['high']}")
    return f"{found['value']} is out of range: it must be {' and '.join(bounds)}."


def _extra(found: re.Match[str]) -> str:
    return f"Too many arguments: {found['what']}"
