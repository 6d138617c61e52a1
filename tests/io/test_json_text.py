"""JSON that would take much memory is refused before it does."""

from __future__ import annotations

import sys

import pytest

from panelopt.errors import InputError
from panelopt.io import json_text
from panelopt.io.json_text import parse_json


def test_values_come_back() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": [1, 2.5, null, "\xc3\xa9"]}', "x") == {"a": [1, 2.5, None, "\u00e9"]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": 1,}', "not valid JSON"),
        (b"\xff", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"9" * 5000, "too many digits"),
    ],
)
def test_what_is_no_json_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_json(content, "x.json")


@pytest.mark.parametrize("unit", ["[],", "{},", '{"a":0},', "1.5,", '"ab",', "[1.5,[2.5]],"])
def test_the_estimate_is_no_less_than_what_objects_take(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    content = b"[" + unit.encode() * 2000 + b"0]"
    taken = _size(parse_json(content, "x"))
    monkeypatch.setattr(json_text, "MAX_MEMORY_BYTES", taken * 0.9)
    with pytest.raises(InputError, match="MB of memory"):
        parse_json(content, "x")


def _size(value: object) -> int:
    """Memory of an object and all that is in it; texts are counted by the size of the file."""
    if isinstance(value, dict):
        return sys.getsizeof(value) + sum(map(_size, value.values()))
    if isinstance(value, list):
        return sys.getsizeof(value) + sum(map(_size, value))
    return 0 if isinstance(value, str | int) else sys.getsizeof(value)
