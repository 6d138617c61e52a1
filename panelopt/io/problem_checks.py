"""Checks across the tables of a problem file, done on the raw content so that all faults are reported at once.

:class:`~panelopt.domain.problem_record.Problem` checks types and ranges of single values; values of the wrong type are
skipped here. Conflicting demands (such as two locked reagents on one detector) are not faults: the solver proves and
explains them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args

from panelopt.domain.problem_record import FREQUENCY_TOLERANCE, LevelWord
from panelopt.errors import Finding, did_you_mean

LEVEL_WORDS: tuple[str, ...] = get_args(LevelWord)


def tables(data: Mapping[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the tables of the array ``key`` with their positions; anything else is skipped."""
    rows = data.get(key)
    return [(i, row) for i, row in enumerate(rows) if isinstance(row, dict)] if isinstance(rows, list) else []


def check_problem(data: Mapping[str, Any], where: str) -> Iterator[Finding]:
    """Yield every fault between the tables of a problem file.

    Args:
        data: File content, with canonical marker names.
        where: File name for messages.
    """
    listed = [row["name"] for _, row in tables(data, "marker") if isinstance(row.get("name"), str)]
    yield from _listed_twice(data, where)
    yield from _unlisted_markers(data, where, listed)
    yield from _levels(data, where)
    yield from _frequencies(data, where)
    yield from _question(data, where)


def _listed_twice(data: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for key in ("marker", "population"):
        first: dict[str, int] = {}
        for i, row in tables(data, key):
            name = row.get("name")
            if isinstance(name, str) and first.setdefault(name, i) != i:
                message = f"{key} {name} is listed twice (first as {key}[{first[name]}])"
                yield Finding("listed-twice", message, f"{where}: {key}[{i}].name", "Remove one of them.")


def _unlisted_markers(data: Mapping[str, Any], where: str, listed: list[str]) -> Iterator[Finding]:
    def unlisted(name: object, key: str, what: str) -> Iterator[Finding]:
        if isinstance(name, str) and name not in listed:
            hint = did_you_mean(name, listed) or "Add a [[marker]] table for it."
            yield Finding("unlisted-marker", f"{what} {name}, which has no [[marker]]", f"{where}: {key}", hint)

    for i, row in tables(data, "population"):
        for part, what in (("levels", "has a level for"), ("level_sources", "has a level source for")):
            for name in row[part] if isinstance(row.get(part), dict) else ():
                yield from unlisted(name, f"population[{i}].{part}.{name}", f"population {row.get('name')} {what}")
    for i, row in tables(data, "locked"):
        yield from unlisted(row.get("marker"), f"locked[{i}].marker", "a locked reagent is for")
    sample = data.get("sample")
    enrichment = sample.get("enrichment") if isinstance(sample, dict) else None
    if isinstance(enrichment, dict):
        yield from unlisted(enrichment.get("marker"), "sample.enrichment.marker", "the enrichment is for")


def _levels(data: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for key, level in level_entries(data):
        if isinstance(level, str) and level not in LEVEL_WORDS:
            hint = did_you_mean(level, LEVEL_WORDS) or f"Level words: {', '.join(LEVEL_WORDS)}."
            yield Finding("unknown-level-word", f"unknown level word {level!r}", f"{where}: {key}", hint)
        elif isinstance(level, dict):
            yield from _ordered(level, ("low", "abc", "high"), f"{where}: {key}")
        elif not isinstance(level, str):
            hint = "Write a level word, or { abc = 15000, cv = 0.7 }."
            yield Finding("level-type", f"{level!r} is not a level", f"{where}: {key}", hint)


def level_entries(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the key and the raw value of every level in a problem file."""
    for i, row in tables(data, "population"):
        levels = row.get("levels")
        for name, level in levels.items() if isinstance(levels, dict) else ():
            yield f"population[{i}].levels.{name}", level
    for i, row in tables(data, "marker"):
        if "level" in row:
            yield f"marker[{i}].level", row["level"]


def _ordered(row: Mapping[str, Any], keys: tuple[str, str, str], where: str) -> Iterator[Finding]:
    present = [(key, float(row[key])) for key in keys if _is_number(row.get(key))]
    for (smaller, low), (larger, high) in pairwise(present):
        if low > high:
            message = f"{smaller} ({low:g}) is above {larger} ({high:g})"
            yield Finding("wrong-order", message, where, f"Make {' <= '.join(keys)}.")


def _frequencies(data: Mapping[str, Any], where: str) -> Iterator[Finding]:
    rows = tables(data, "population")
    for i, row in rows:
        yield from _ordered(row, ("frequency_low", "frequency", "frequency_high"), f"{where}: population[{i}]")
    total = sum(row["frequency"] for _, row in rows if _is_number(row.get("frequency")))
    if total > 1 + FREQUENCY_TOLERANCE:
        message = f"the frequencies sum to {total:.6g}, which is above 1"
        hint = "Frequencies are shares of live single cells: fractions, not percent."
        yield Finding("frequency-sum", message, f"{where}: population", hint)


def _question(data: Mapping[str, Any], where: str) -> Iterator[Finding]:
    populations = [row for _, row in tables(data, "population")]
    if not populations:
        for i, row in tables(data, "marker"):
            if row.get("level") is None and row.get("role", "candidate") in ("candidate", "required"):
                message = f"without populations every marker needs a level, but {row.get('name')} has none"
                yield Finding("missing-level", message, f"{where}: marker[{i}]", 'Add level = "mid", or populations.')
        return
    roles = [row.get("role") for row in populations]
    if "target" not in roles:
        yield Finding("no-target", "no population has the role target", f"{where}: population", "Choose what to sort.")
    sample = data.get("sample")
    dead = sample.get("dead_fraction", 0) if isinstance(sample, dict) else 0
    if len([role for role in roles if role != "ignore"]) < 2 and not dead:
        hint = "Add the cells that the target is sorted from."
        yield Finding("no-contaminant", "there is only one population", f"{where}: population", hint)


def _is_number(value: object) -> bool:
    # integers of hundreds of digits cannot be computed with
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
