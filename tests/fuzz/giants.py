"""Files as large as their readers admit, filled in the ways that cost most: time must not grow with the square."""

from __future__ import annotations

import gzip
import itertools
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from panelopt.io.problem_toml import problem_toml
from tests import builders
from tests.fuzz.reader import outcome_of, valid_files
from tests.fuzz.readers import READERS

_NAMES = re.compile(rb'(CD\d+|PE\b|FITC|BV421|B530|DyeOne|Mini|"[A-Za-z][^"]*")')

Filling = Callable[[bytes, int], bytes]


def _last_line(content: bytes, size: int) -> bytes:
    last = content.splitlines(keepends=True)[-1]
    return content + last * (size // len(last))


def _numbered(content: bytes, size: int) -> bytes:
    """The last line again and again, each time with another name."""
    last = content.splitlines(keepends=True)[-1]
    return content + _with_numbers(last, size)


def _with_numbers(unit: bytes, size: int) -> bytes:
    def number(at: int) -> bytes:
        return _NAMES.sub(lambda found: found[0][:-1] + b"%d" % at + found[0][-1:], unit, count=1)

    return b"".join(map(number, range(size // (len(unit) + 6))))


def _cells(content: bytes, size: int) -> bytes:
    return content.rstrip() + b",1" * (size // 2)


def _columns(content: bytes, size: int) -> bytes:
    first, rest = content.split(b"\n", 1)
    names = b"".join(b",c%d" % number for number in range(size // 8))
    return first.rstrip() + names + b"\n" + rest


def _empty_lines(content: bytes, size: int) -> bytes:
    return content + b"\n" * size


def _quotes(content: bytes, size: int) -> bytes:
    return content + b'"' * size


def _controls(content: bytes, size: int) -> bytes:
    return content + b"\x01\n\x02" * (size // 3)


def _one_quote(content: bytes, size: int) -> bytes:
    return content + b'"' + b"a,b\n" * (size // 4)


def _empty_arrays(content: bytes, size: int) -> bytes:
    return b"x = [" + b"[]," * (size // 3) + b"]\n" + content


def _short_lines(content: bytes, size: int) -> bytes:
    return b"".join(b"k%d = 1\n" % number for number in range(size // 14)) + content


def _dotted_key(content: bytes, size: int) -> bytes:
    return content + b"\n" + b"a." * (size // 2) + b"a = 1\n"


def _dotted_table(content: bytes, size: int) -> bytes:
    return content + b"\n[" + b'"a" . ' * (size // 12) + b"a]\n" + b"b = 1\n" * (size // 12)


def _tables(unit: bytes) -> Filling:
    return lambda content, size: content + b"\n" + _with_numbers(unit, size)


def _json_values(unit: bytes) -> Filling:
    return lambda content, size: content.rstrip()[:-1] + b',"x":[' + unit * (size // len(unit)) + b"0]}"


def _packed(filling: Filling) -> Filling:
    return lambda content, size: gzip.compress(filling(gzip.decompress(content), size), 1)


def _many_populations(targets: int, others: int, markers: int) -> Filling:
    """A valid problem with as many names as are admitted, whatever the size asked for."""
    names = [f"M{number}" for number in range(markers)]
    populations = [
        {
            "name": f"{role}-{number}",
            "role": role,
            "frequency": 1e-4,
            "levels": {names[(7 * number + len(role)) % markers]: "bright", names[number % markers]: "mid"},
        }
        for role, count in (("target", targets), ("contaminant", others))
        for number in range(count)
    ]
    problem = builders.problem(marker=[{"name": name} for name in names], population=populations)
    return lambda _content, _size: problem_toml(problem).encode()


def _many_markers(_content: bytes, _size: int) -> bytes:
    return problem_toml(builders.marker_list(dict.fromkeys((f"M{number}" for number in range(500)), "mid"))).encode()


_ROWS = (_last_line, _numbered, _cells, _columns, _empty_lines, _quotes, _one_quote, _controls)
_TOML = (_empty_arrays, _short_lines, _dotted_key, _dotted_table)
_JSON = tuple(map(_json_values, (b"[],", b'{"a":0},', b"1.5,", '"\u00e9\U0001f9ec",'.encode(), b"{},")))
_POPULATION = b'[[population]]\nname = "CD1"\nrole = "contaminant"\nfrequency = 1e-9\n'
_MARKER = b'[[marker]]\nname = "CD1"\n'

_PLANS: tuple[tuple[str, int, tuple[Filling, ...]], ...] = (
    *((name, 1_000_000, _ROWS) for name in ("panel", "calibration", "facsdiva", "brightness")),
    *((name, 20_000_000, _ROWS) for name in ("library", "spillover", "spectra")),
    *((name, 10_000_000, _ROWS) for name in ("catalog", "inventory", "catalog-columns", "events-csv")),
    ("list-text", 1_000_000, _ROWS),  # grows with the number of rows, see the page on limits
    ("spillover-keyword", 2_000_000, _ROWS[:3]),
    ("library-gz", 60_000_000, tuple(map(_packed, (_last_line, _empty_lines)))),
    *((name, 8_000_000, _TOML) for name in ("problem", "cytometer", "signatures", "sweep", "import-map")),
    ("problem", 8_000_000, (_tables(_POPULATION), _tables(_MARKER))),
    ("use-problem", 60_000, (_many_populations(32, 168, 30), _many_populations(2, 10, 500), _many_markers)),
    ("use-catalog", 1_000_000, (_numbered, _last_line)),
    ("result", 50_000_000, _JSON),
    ("verify", 200_000_000, _JSON),
    ("verify-gz", 250_000_000, (_packed(_json_values(b"[],")),)),
    ("sweep-row", 1_000_000, _JSON),
    ("list-json", 64_000_000, _JSON[:2]),
)

GIANTS = {
    f"{name}-{number}": (name, size, filling)
    for number, (name, size, filling) in enumerate(
        itertools.chain.from_iterable(((n, s, f) for f in fillings) for n, s, fillings in _PLANS)
    )
}
"""Reader, size in bytes and filling by name."""


def giant(name: str) -> bytes:
    """Return a large file, a little smaller than its reader admits, or larger."""
    reader, size, filling = GIANTS[name]
    return filling(valid_files(READERS[reader])[0], size * 98 // 100 - 1000)


def trouble_of(name: str) -> str:
    """Read a large file; return what is wrong, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        return outcome_of(READERS[GIANTS[name][0]], giant(name), Path(folder))
