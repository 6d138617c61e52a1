"""JSON: a list of records, alone or as the only list of an object, or one record a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from panelopt.catalogs.importing.files.limits import MAX_ROWS
from panelopt.catalogs.importing.files.raw import RawRow, check_cells, check_width, checked, too_many_rows, unique_names
from panelopt.errors import input_error
from panelopt.io.json_text import refuse_large

_HINT = 'Expected is a list of records: [{"marker": "CD73", "fluorochrome": "PE"}, ...].'


def read_records(text: str, where: str) -> tuple[tuple[str, ...], list[RawRow]]:
    """Return column names, in the order in which they first appear, and one row for each record.

    Numbers keep the digits that are written; a nested value stays JSON text; a key that stands twice in a record
    gives two columns.

    Raises:
        InputError: if the text is not JSON (with line and column), nested too deeply, too large, or no list of
            records.
    """
    refuse_large(text.encode(errors="replace"), where)
    try:
        records = _records(_parsed(text, where), where)
    except RecursionError:
        raise _too_deep(where) from None
    if len(records) > MAX_ROWS:
        raise too_many_rows(where)
    position: dict[str, int] = {}
    for record in records:
        check_width(len(record), where)
        for key in _keys(record):
            position.setdefault(key, len(position))
        check_width(len(position), where)
    check_cells(len(records), len(position), where)
    rows = []
    for number, record in enumerate(records, 1):
        cells = [""] * len(position)
        for key, (_, value) in zip(_keys(record), record, strict=True):
            try:
                cells[position[key]] = _text(value)
            except RecursionError:  # Python 3.12 and newer parse deeper than they call
                raise _too_deep(where) from None
        rows.append(checked(RawRow(number, tuple(cells))))
    return unique_names(position), rows


def _too_deep(where: str) -> Exception:
    return input_error("json-depth", "the JSON is nested too deeply", where=where, hint=_HINT)


def _parsed(text: str, where: str) -> Any:
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if error.msg == "Extra data" and all(line.lstrip().startswith("{") for line in lines):
            return [_line(line, number, where) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        place = f"{where}:{error.lineno}:{error.colno}"
        raise input_error("json-syntax", f"not valid JSON: {error.msg}", where=place, hint=_HINT) from None


def _line(line: str, number: int, where: str) -> Any:
    try:
        return _loads(line)
    except json.JSONDecodeError as error:
        place = f"{where}:{number}:{error.colno}"
        raise input_error("json-syntax", f"not valid JSON: {error.msg}", where=place) from None


def _loads(text: str) -> Any:
    # numbers stay text: a catalog number keeps its zeros, and no number is too long
    return json.loads(text, object_pairs_hook=_Record, parse_int=str, parse_float=str, parse_constant=str)


class _Record(list[tuple[str, Any]]):
    """The pairs of a JSON object; a list would be taken for a JSON list."""


def _records(value: Any, where: str) -> Sequence[_Record]:
    if isinstance(value, _Record):
        lists = [item for _, item in value if isinstance(item, list) and not isinstance(item, _Record)]
        value = lists[0] if len(lists) == 1 else [value]
    if not isinstance(value, list) or not value:
        raise input_error("json-content", "the JSON is not a list of records", where=where, hint=_HINT)
    for number, record in enumerate(value, 1):
        if not isinstance(record, _Record):
            raise input_error(
                "json-content", "this entry is not a record", where=f"{where}, entry {number}", hint=_HINT
            )
    return value


def _keys(record: _Record) -> tuple[str, ...]:
    return unique_names(key for key, _ in record)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not isinstance(value, _Record) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, _Record):
        return {key: _plain(item) for key, item in zip(_keys(value), (item for _, item in value), strict=True)}
    return [_plain(item) for item in value] if isinstance(value, list) else value
