"""Results as JSON; the JSON Schema is generated from the same model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from panelopt.domain.base import Record
from panelopt.domain.result import Result
from panelopt.errors import input_error
from panelopt.io.documents import read_bytes, validate
from panelopt.io.json_text import parse_json

MAX_JSON_BYTES = 50_000_000
"""Maximum file size; a result with 40 colours is below 1 MB."""

AnyRecord = TypeVar("AnyRecord", bound=Record)

_COMMANDS = {"result": "design", "explanation": "explain", "comparison": "report", "verification": "verify",
             "simulation": "simulate"}  # fmt: skip

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def result_json(result: Result) -> str:
    """Return a result as JSON: plain numbers, unknown values ``null``, keys as in ``docs/result.md``."""
    return record_json(result)


def record_json(record: Record) -> str:
    """Return any answer as JSON; nested results have the same form as on their own."""
    return json.dumps(record.model_dump(mode="json", by_alias=True), indent=2, allow_nan=False) + "\n"


def read_result(path: Path) -> Result:
    """Read a result written by :func:`result_json`.

    Raises:
        InputError: if the file cannot be read, is not JSON, or is not a result; one finding per fault.
    """
    return read_record(path, Result)


def read_record(path: Path, kind: type[AnyRecord]) -> AnyRecord:
    """Read an answer written by :func:`record_json`.

    Args:
        path: The file.
        kind: Class of the answer.

    Raises:
        InputError: if the file cannot be read, is not JSON, or is not such an answer; one finding per fault.
    """
    where = str(path)
    document = parse_json(read_bytes(path, MAX_JSON_BYTES), where, hint=_hint(kind))
    if not isinstance(document, dict):
        raise input_error("not-a-result", "not a panelopt result", where=where, hint="It must be an object.")
    wanted_kind, found = _kind_name(kind), document.get("kind", "result")
    if isinstance(found, str) and found != wanted_kind:
        message = f"this is an answer of `panelopt {_command(found[:40])}`, not of `panelopt {_command(wanted_kind)}`"
        raise input_error("not-a-result", message, where=where, hint=_hint(kind))
    return validate(kind, document, where)


def record_kind(path: Path) -> str:
    """Return which command wrote an answer: ``result`` for design, score and improve, else its ``kind``.

    Raises:
        InputError: if the file cannot be read or is not JSON.
    """
    document = parse_json(read_bytes(path, MAX_JSON_BYTES), str(path), hint=_hint(Result))
    kind = document.get("kind", "result") if isinstance(document, dict) else "result"
    return kind if isinstance(kind, str) else "result"


def _kind_name(kind: type[Record]) -> str:
    field = kind.model_fields.get("kind")
    return str(field.default) if field is not None else "result"


def _command(kind_name: str) -> str:
    """Return the command that writes a kind of answer."""
    return _COMMANDS.get(kind_name, kind_name)


def _hint(kind: type[Record]) -> str:
    """Return how to get an answer of a kind."""
    if _kind_name(kind) == "result":
        return "`panelopt design PROBLEM -o FILE.json` writes results, and so does `panelopt score` for a panel as CSV."
    return f"`panelopt {_command(_kind_name(kind))} ... -o FILE.json` writes it."


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema of results (draft 2020-12)."""
    schema = Result.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": SCHEMA_DIALECT, **schema}


def schema_json() -> str:
    """Return the text of the shipped file ``panelopt/schemas/result.schema.json``."""
    return json.dumps(result_schema(), indent=2, sort_keys=True) + "\n"
