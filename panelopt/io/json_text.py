"""JSON text as plain Python objects, refused before it takes more memory than any answer needs."""

from __future__ import annotations

import json
from typing import Any

from panelopt.errors import input_error
from panelopt.io.documents import decoded

MAX_MEMORY_BYTES = 600_000_000
"""Estimated memory of the objects of a document; those that need more are refused."""

_VALUE_BYTES = 48  # a number and its place; `,` or `:` stands before it
_LIST_BYTES = 80
_TABLE_BYTES = 260


def parse_json(content: bytes, where: str) -> Any:
    """Return the content of a JSON document.

    Raises:
        InputError: if it is not UTF-8, not JSON, nested too deeply, or would take too much memory.
    """
    text = decoded(content, where)
    values = content.count(b",") + content.count(b":")
    memory = values * _VALUE_BYTES + content.count(b"[") * _LIST_BYTES + content.count(b"{") * _TABLE_BYTES
    if memory > MAX_MEMORY_BYTES:
        message = f"the document has too many values: they would take {memory / 1e6:,.0f} MB of memory"
        raise input_error("file-too-large", message, where=where)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise input_error("json-syntax", f"not valid JSON: {error.msg}", where=f"{where}:{error.lineno}") from None
    except ValueError:  # of Python, not of JSON
        raise input_error("json-syntax", "a number is too long: too many digits", where=where) from None
    except RecursionError:
        raise input_error("json-syntax", "values are nested too deeply", where=where) from None
