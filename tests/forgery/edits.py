"""Random edits of documents: every kind of value, in every place, slight and gross, one at a time or two."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from panelopt.domain.instance_numbers import InstanceNumbers
from panelopt.instance.numbers import instance_sha256

Path = tuple[str | int, ...]
Document = dict[str, Any]


@dataclass(frozen=True)
class Edited:
    """A document that was edited, and what was done."""

    document: Document
    what: str


def generator(name: str, seed: int) -> random.Random:
    """Return a source of edits, the same for the same name and seed."""
    return random.Random(f"{name} {seed}")  # noqa: S311  (no secrets)


def edited(document: Document, rng: random.Random) -> Edited:
    """Return a document with one edit or two, mostly with a hash that fits."""
    found = copy.deepcopy(document)
    words = [_edit(found, rng) for _ in range(rng.choice((1, 1, 1, 2, 2)))]
    if rng.random() < 0.85:
        rehash(found)
    return Edited(found, "; ".join(words))


def rehash(document: Document) -> None:
    """Write the hash of the instance anew, if there is still an instance."""
    with contextlib.suppress(KeyError, ValidationError):
        document["instance_sha256"] = instance_sha256(InstanceNumbers.model_validate(document["instance"]))


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the place of every value in a document."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from places(part, (*path, key))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from places(part, (*path, i))


def _edit(document: Document, rng: random.Random) -> str:
    """Change a document in one place, and say how. Keys are drawn first, so that long lists do not take all."""
    by_key: dict[Path, list[Path]] = {}
    for path in places(document):
        by_key.setdefault(tuple("[]" if isinstance(part, int) else part for part in path), []).append(path)
    keys = list(by_key)
    weights = [1.0 if key[0] in ("instance", "question") else 4.0 for key in keys]
    key = rng.choices(keys, weights)[0]
    path = rng.choice(by_key[key])
    parent = document
    for part in path[:-1]:
        parent = parent[part]  # type: ignore[index]
    siblings = [_at(document, other) for other in by_key[key]]
    old = parent[path[-1]]  # type: ignore[index]
    if isinstance(path[-1], str) and rng.random() < 0.08:
        return f"{_dotted(path)}: {_of_table(parent, path[-1], rng)}"
    if isinstance(path[-1], int) and rng.random() < 0.35:
        return f"{_dotted(path)}: {_of_list(parent, path[-1], siblings, rng)}"  # type: ignore[arg-type]
    new = _other(old, siblings, rng)
    parent[path[-1]] = new  # type: ignore[index]
    return f"{_dotted(path)}: {_short(old)} -> {_short(new)}"


def _at(document: Any, path: Path) -> Any:
    for part in path:
        document = document[part]
    return document


def _of_table(table: dict[str, Any], key: str, rng: random.Random) -> str:
    """Drop, rename or add a key, or exchange the values of two."""
    kind = rng.choice(("drop", "rename", "add", "exchange"))
    if kind == "exchange":
        other = rng.choice(list(table))
        table[key], table[other] = table[other], table[key]
    elif kind == "add":
        table["surprise"] = copy.deepcopy(table[key])
    else:
        value = table.pop(key)
        if kind == "rename":
            table[key + "_"] = value
    return kind


def _of_list(entries: list[Any], place: int, siblings: list[Any], rng: random.Random) -> str:
    """Drop, repeat, move or add an entry, or change the order of all."""
    kind = rng.choice(
        ("drop", "repeat", "repeat at the end", "swap", "reverse", "shuffle", "clear", "insert", "keep one")
    )
    entry = entries[place]
    if kind == "drop":
        del entries[place]
    elif kind == "repeat":
        entries.insert(place, copy.deepcopy(entry))
    elif kind == "repeat at the end":
        entries.append(copy.deepcopy(entry))
    elif kind == "swap":
        other = rng.randrange(len(entries))
        entries[place], entries[other] = entries[other], entries[place]
    elif kind == "reverse":
        entries.reverse()
    elif kind == "shuffle":
        rng.shuffle(entries)
    elif kind == "clear":
        entries.clear()
    elif kind == "keep one":
        entries[:] = [entry]
    else:
        new = _other(entry, siblings, rng) if rng.random() < 0.5 else copy.deepcopy(rng.choice(siblings))
        entries.insert(rng.randrange(len(entries) + 1), new)
    return kind


def _other(value: Any, siblings: list[Any], rng: random.Random) -> Any:
    """Return another value for a place."""
    if rng.random() < 0.15:
        return copy.deepcopy(rng.choice(siblings))
    for kind, maker in _MAKERS.items():
        if isinstance(value, kind):
            return maker(value, rng)
    return rng.choice(
        (0, 1.0, 5, 1e-3, [], {}, "x", False, [0], [[0, 0]], [0, 1.0], {"panel": [0], "worst": 0, "total": 0})
    )


def _of_bool(value: Any, rng: random.Random) -> Any:
    return rng.choice((not value, not value, not value, int(value), None, "true"))


def _of_int(value: Any, rng: random.Random) -> Any:
    near = (value + 1, value - 1, 0, 1, 2, rng.randrange(12), rng.randrange(12))
    return rng.choice((*near, *near, -value, 99_999, 10**9, 10**20, float(value), value + 0.5, None, str(value), True))


def _of_float(value: Any, rng: random.Random) -> Any:
    if rng.random() < 0.4:
        return value + rng.choice((1, -1)) * 10.0 ** rng.choice((-12, -9, -8, -7, -6.5, -6, -5, -4, -3, -2, -1))
    gross = (value + 1, value - 1, -value, 2 * value, value / 2, 10 * value, 0.0, 1.0, -1.0, 0.5, rng.uniform(-5, 5))
    far = (1e-300, 1e-9, 1e6, -1e6, 1e9, 1e15, 1e300, float("nan"), float("inf"), None, str(value), True, int(value))
    return rng.choice((*gross, *gross, *far))


def _of_text(value: Any, rng: random.Random) -> Any:
    words = ("optimal", "feasible", "infeasible", "unknown", "target", "contaminant", "ignore", "", "0" * 64)
    return rng.choice((value + "x", value[:-1], " " + value, value.upper(), None, 1, *words))


def _of_entries(value: Any, rng: random.Random) -> Any:
    changed = copy.deepcopy(value)
    kind = rng.randrange(6)
    if kind == 0:
        return []
    if kind == 1:
        return changed[::-1]
    if kind == 2:
        return changed[1:]
    if kind == 3:
        return changed + changed
    if kind == 4:
        return [*changed, rng.randrange(12)]
    return [*changed, [rng.randrange(12)]]


def _of_keys(value: Any, rng: random.Random) -> Any:
    return rng.choice((None, {}, [], [copy.deepcopy(value)], {**value, "surprise": 1}))


_MAKERS: dict[type, Callable[[Any, random.Random], Any]] = {
    bool: _of_bool,
    int: _of_int,
    float: _of_float,
    str: _of_text,
    list: _of_entries,
    dict: _of_keys,
}


def _dotted(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 60 else text[:57] + "..."
