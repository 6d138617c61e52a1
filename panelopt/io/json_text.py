"""Parses JSON, rejecting documents that would take more memory than any result needs."""

from __future__ import annotations

import json
import re
from typing import Any

from panelopt.domain.base import repeated
from panelopt.errors import input_error
from panelopt.io.documents import decoded
from panelopt.io.file_kinds import JSON, packed_kind, refuse_other_kind

MAX_MEMORY_BYTES = 600_000_000
"""Maximum estimated memory of a document's objects, bytes."""

_VALUE_BYTES = 48  # a number and its reference, for each `,` or `:`
_LIST_BYTES = 80
_TABLE_BYTES = 260

_WIDE = re.compile(rb"[\xf0-\xff]")
_NOT_NARROW = re.compile(rb"[\xc4-\xff]")


def parse_json(content: bytes, where: str, *, unique_keys: bool = False, hint: str = "") -> Any:
    """Return the content of a JSON document.

    Args:
        content: Document bytes.
        where: File name for messages.
        unique_keys: Reject duplicate keys; otherwise the last one counts.
        hint: What to do with a file of another kind, or with one that is no JSON.

    Raises:
        InputError: if it is not UTF-8 or JSON, is nested too deeply, needs too much memory, or repeats a key.
    """
    refuse_large(content, where)
    if packed_kind(content):
        refuse_other_kind(content, JSON, where, hint)
    text = decoded(content, where)
    try:
        return json.loads(text, object_pairs_hook=_with_unique_keys if unique_keys else None)
    except _RepeatedKeyError as error:
        raise input_error("repeated-key", f"the key {error} occurs twice in an object", where=where) from None
    except json.JSONDecodeError as error:
        refuse_other_kind(content, JSON, where, hint)
        place = f"{where}:{error.lineno}"
        raise input_error("json-syntax", f"not valid JSON: {error.msg}", where=place, hint=hint) from None
    except ValueError:  # raised by Python, not by the JSON parser
        raise input_error("json-syntax", "a number has too many digits", where=where) from None
    except RecursionError:
        raise input_error("json-syntax", "values are nested too deeply", where=where) from None


class _RepeatedKeyError(Exception):
    """An object has a duplicate key."""


def _with_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedKeyError(repr(repeated(key for key, _ in pairs)[0]))
    return found


def refuse_large(content: bytes, where: str) -> None:
    """Reject a JSON document whose objects would take too much memory.

    Raises:
        InputError: if so.
    """
    memory = _memory_bytes(content)
    if memory > MAX_MEMORY_BYTES:
        message = f"the document is too large: its values would take {memory / 1e6:,.0f} MB of memory"
        raise input_error("file-too-large", message, where=where)


def _memory_bytes(content: bytes) -> int:
    """Return an upper estimate of the memory of a document's text and objects."""
    values = content.count(b",") + content.count(b":")
    objects = values * _VALUE_BYTES + content.count(b"[") * _LIST_BYTES + content.count(b"{") * _TABLE_BYTES
    # one wide character widens the whole text; strings of the document are copies of parts of it
    width = 4 if _WIDE.search(content) else 2 if _NOT_NARROW.search(content) else 1
    return objects + 2 * width * len(content)
