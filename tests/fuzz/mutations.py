# ruff: noqa: E501, DTZ001
"""Changes that make a hostile file out of a valid one: of bytes, of cells, of documents, of what is packed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from random import Random
from typing import Any

Mutation = Callable[[bytes, Random], bytes]

LARGEST_BYTES = 2_000_000
"""What grows larger is cut: the limits of size have tests of their own."""

TEXTS: tuple[str, ...] = (
    "", " ", "0", "-0", "-1", "1e400", "-1e400", "1e-400", "nan", "inf", "-inf", "NaN", "1_000", "0x10", "1,5", "9" * 400,
    "9" * 5000, "\u00b2", "\u0663", "\u00bd", "=1+1", "@SUM(A1)", "'=1", "+1", "-x", "true", "null", "none", "\x00", "\x1b[2J", "\x7f",
    "\ufeff", "\u202e", "\u2028", "\x85", "\x0b", "\x0c", "\r", "\n", "\r\n", "\t", ",", ";", "|", '"', '""', "'", "\\", "/", "../x", "/etc/passwd",
    "%s%n", "{0}", "{", "}", "[", "]", "[[", "]]", "#", "=", "a" * 3000, "\u0130", "\u1e9e", "\ud7ff", "\U0010ffff", "e\u0301" * 40,
    "1979-05-27T07:32:00Z", "2026-13-45", "9999-12-31", "0000-00-00", "CD45", "PE", "marker", "PE-Cy7", "EUR", "1.142,50 \u20ac",
    "&x;", "<!DOCTYPE x [<!ENTITY x 'y'>]>", "<", ">", "]]>", "$SPILLOVER", "(?:a+)+$", "*", "?", "1/0", "1e308", "4294967295", "1048576",
    "\ud800", "x\udfff", "\ufffe",
)  # fmt: skip

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2, 255, 256, 65536, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, 10**310, -(10**18), 0.0, -0.0, 1e-300, 5e-324, 1e300,
    1.7e308, float("nan"), float("inf"), float("-inf"), 0.5, 1.0000001,
)  # fmt: skip

EXTREMES: tuple[float, ...] = (
    0, 1, 2, 3, 7, 40, 1000, 1e-12, 2e-12, 1e-9, 1e-6, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.999999, 0.9999999999, 1e4, 1e6, 1e8, 1e10, 1e12, 1e15, 1e100,
    1e300, 1e308, 1e-300, 5e-324, -1, -1e12,
)  # fmt: skip
"""Numbers at the ends of what is admitted, more or less."""

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


def changed(content: bytes, random: Random, structured: Mutation, others: tuple[bytes, ...]) -> bytes:
    """Return a hostile variant of a valid file.

    Args:
        content: The valid file.
        random: Source of all choices.
        structured: Change that knows the format.
        others: Valid files whose pieces may be mixed in.
    """
    kind = random.random()
    if kind < 0.6:
        try:
            content = structured(content, random)
        except (RecursionError, ValueError):  # what came out cannot be written, such as an endless nesting
            kind = 1.0
    if kind > 0.45:
        for _ in range(1 + min(int(random.expovariate(0.5)), 12)):
            content = _bytes_once(content, random, others)
    return content[:LARGEST_BYTES]


def of_bytes(content: bytes, random: Random) -> bytes:
    """Change bytes anywhere."""
    return _bytes_once(content, random, (content,))


def of_cells(content: bytes, random: Random) -> bytes:
    """Change cells, rows, columns, separators or quotes of a table."""
    text = content.decode("utf-8", "replace")
    separator = max(",;\t", key=text.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        return content
    for _ in range(random.randint(1, 4)):
        _change_rows(rows, random)
    out = io.StringIO(newline="")
    separator = random.choice(",;\t|") if random.random() < 0.1 else separator
    quoting = random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)) if random.random() < 0.2 else csv.QUOTE_MINIMAL
    end = random.choice(("\n", "\r\n", "\r")) if random.random() < 0.2 else "\n"
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    encoding = random.choice(("utf-16", "latin-1", "utf-8-sig", "cp1252")) if random.random() < 0.1 else "utf-8"
    return out.getvalue().encode(encoding, "replace")


def of_toml(content: bytes, random: Random) -> bytes:
    """Change values, keys and tables of a TOML document."""
    return toml_bytes(_change_document(tomllib.loads(content.decode("utf-8")), random))


def of_json(content: bytes, random: Random) -> bytes:
    """Change values, keys and objects of a JSON document."""
    return json.dumps(_change_document(json.loads(content), random), default=str).encode()


def of_toml_numbers(content: bytes, random: Random) -> bytes:
    """Change numbers of a TOML document; what comes out is often still valid."""
    return toml_bytes(_change_numbers(tomllib.loads(content.decode("utf-8")), random))


def of_json_numbers(content: bytes, random: Random) -> bytes:
    """Change numbers of a JSON document."""
    return json.dumps(_change_numbers(json.loads(content), random)).encode()


def either(first: Mutation, second: Mutation) -> Mutation:
    """Return a change that is one of two."""
    return lambda content, random: (first if random.random() < 0.5 else second)(content, random)


def of_packed_text(content: bytes, random: Random) -> bytes:
    """Change the cells inside of a gzip file."""
    return gzip.compress(of_cells(gzip.decompress(content), random), 1)


def of_packed_json(content: bytes, random: Random) -> bytes:
    """Change the values inside of a gzip file."""
    return gzip.compress(of_json(gzip.decompress(content), random), 1)


def of_parts(content: bytes, random: Random) -> bytes:
    """Change one part inside of a ZIP file, its name, or what the directory says of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = old.infolist()
        chosen = random.choice(parts).filename if random.random() < 0.5 else "xl/worksheets/sheet1.xml"
        for part in parts:
            data, name = old.read(part), part.filename
            if name == chosen:
                for _ in range(random.randint(1, 4)):
                    data = _bytes_once(data, random, (data,))
                if random.random() < 0.05:
                    continue
                if random.random() < 0.05:
                    name = random.choice(("../../outside.xml", "/outside.xml", "x"))
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def toml_bytes(document: Mapping[str, Any]) -> bytes:
    """Write a document with one line for each key of its top level."""
    lines = (f"{_toml_text(str(key))} = {_toml(value)}\n" for key, value in document.items())
    return "".join(lines).encode("utf-8", "replace")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_text(str(key))} = {_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return _toml_text(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return repr(value)


def _toml_text(text: str) -> str:
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


def _bytes_once(content: bytes, random: Random, others: tuple[bytes, ...]) -> bytes:
    size = len(content)
    at = random.randrange(size + 1)
    end = min(size, at + 1 + int(random.expovariate(1 / 20)))
    other = random.choice(others) if others else content
    start = random.randrange(len(other) + 1)
    match random.randrange(10):
        case 0:
            return content[:at] + bytes([random.randrange(256)]) + content[at + 1 :]
        case 1:
            return (
                content[:at] + bytes([content[at] ^ (1 << random.randrange(8))]) + content[at + 1 :]
                if at < size
                else b""
            )
        case 2:
            return content[:at] + content[end:]
        case 3:
            return content[:end] + content[at:end] * random.choice((1, 2, 50, 1000)) + content[end:]
        case 4:
            return content[:at] + other[start : start + (end - at) * random.choice((1, 10))] + content[end:]
        case 5:
            return content[:at]
        case 6 | 7:
            return content[:at] + random.choice(TEXTS).encode("utf-8", "replace") + content[random.choice((at, end)) :]
        case 8:
            found = list(_NUMBER.finditer(content[:200_000]))
            if not found:
                return content
            where = random.choice(found)
            return content[: where.start()] + repr(random.choice(NUMBERS)).encode() + content[where.end() :]
        case _:
            width = random.choice((1, 2, 4, 8))
            number = random.choice(
                (0, 1, 2**7, 2**8 - 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
            )
            order = random.choice(("little", "big"))
            return content[:at] + (number % 256**width).to_bytes(width, order) + content[at + width :]  # type: ignore[arg-type]


def _change_rows(rows: list[list[str]], random: Random) -> None:
    if not rows:
        rows.append(["marker", "fluorochrome"])
    row = random.choice(rows)
    column = random.randrange(max(map(len, rows)) or 1)
    match random.randrange(9):
        case 0 | 1 | 2 | 3:
            if row:
                row[random.randrange(len(row))] = random.choice(TEXTS)
        case 4:
            rows.insert(random.randrange(len(rows) + 1), list(row))
        case 5:
            rows.remove(row)
        case 6:
            for entry in rows:
                del entry[column : column + 1]
        case 7:
            for entry in rows:
                entry[column:column] = entry[column : column + 1] * random.choice((1, 1, 40))
        case _:
            row[:] = row[: random.randrange(len(row) + 1)] + [random.choice(TEXTS)] * random.choice((0, 1, 3))


def _change_document(document: dict[str, Any], random: Random) -> dict[str, Any]:
    for _ in range(1 + min(int(random.expovariate(0.7)), 6)):
        places = list(_places(document))
        if not places:
            break
        parent, key = random.choice(places)
        _change_entry(parent, key, random)
    return document


def _change_numbers(document: dict[str, Any], random: Random) -> dict[str, Any]:
    places = [(parent, key) for parent, key in _places(document) if type(parent[key]) in (int, float)]
    for parent, key in random.sample(places, min(len(places), random.choice((1, 1, 2, 3, 8)))):
        numbers = EXTREMES if random.random() < 0.7 else NUMBERS
        number = random.choice(numbers)
        parent[key] = int(number) if type(parent[key]) is int and abs(number) < 1e15 else number
    return document


def _places(node: Any) -> list[tuple[Any, Any]]:
    places: list[tuple[Any, Any]] = []
    todo = [node]
    while todo and len(places) < 5000:
        current = todo.pop()
        keys = list(current) if isinstance(current, dict) else range(len(current))
        places += [(current, key) for key in keys]
        todo += [current[key] for key in keys if isinstance(current[key], dict | list)]
    return places


def _change_entry(parent: Any, key: Any, random: Random) -> None:
    value = parent[key]
    match random.randrange(9):
        case 0 | 1:
            parent[key] = random.choice(TEXTS)
        case 2 | 3:
            parent[key] = random.choice(NUMBERS)
        case 4:
            parent[key] = random.choice(
                (True, [], {}, [[]], [value], {"x": value}, date(2026, 1, 1), datetime(2026, 1, 1))
            )
        case 5:
            del parent[key]
        case 6 if isinstance(parent, dict):
            parent[random.choice(TEXTS)] = value
        case 7 if isinstance(parent, list):
            parent += [value] * random.choice((1, 2, 100))
        case 8:
            for _ in range(random.choice((2, 40, 200))):
                value = [value] if random.random() < 0.5 else {"x": value}
            parent[key] = value
        case _:
            parent[key] = [value, value]


def packed_bomb(size: int) -> bytes:
    """Return a gzip file that unpacks to ``size`` zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()
