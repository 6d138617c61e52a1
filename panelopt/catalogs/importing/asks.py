"""What an import cannot decide by itself: errors that say what to state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import RawTable
from panelopt.errors import Finding, InputError, did_you_mean, input_error

_LISTED = 5
"""Rows that an error names."""


def check_mapping(table: RawTable, mapping: ImportMap) -> None:
    """Check that a mapping fits a list.

    Raises:
        InputError: if it names columns that are not there, or gives no marker or no fluorochrome.
    """
    findings = []
    listed = f"Columns: {', '.join(table.columns)[:500]}."
    for name in mapping.used_columns():
        if name not in table.columns:
            hint = did_you_mean(name, table.columns) or listed
            findings.append(Finding("unknown-column", f"the list has no column {name!r}", "mapping", hint))
    given = {*mapping.columns, *(name for split in mapping.split for name in split.into)}
    for name in ("marker", "fluorochrome"):
        if name not in given and "product" not in given:
            hint = f'Name it: [columns] {name} = "..."; or product = "..." for names that hold both. {listed}'
            findings.append(Finding("no-column", f"no column gives the {name}", "mapping", hint))
    if findings:
        raise InputError(findings)


def not_understood(count: int, rows: int, mapping: ImportMap, faults: Counter[str], kind: str) -> InputError:
    """Return the error for a guessed mapping under which less than half of the rows make sense."""
    guess = ", ".join(f"{field} = {column!r}" for field, column in mapping.columns.items())
    message = (
        f"only {rows - count:,} of {rows:,} rows make sense under the guessed columns ({guess}): {_counts(faults)}; "
        f"nothing was written"
    )
    hint = (
        f"{kind} " if kind else ""
    ) + "Correct the guess: write it with --write-map map.toml, change it, and use --map map.toml."
    return input_error("wrong-guess", message, hint=hint)


def nothing_taken(faults: Counter[str], kind: str, written: str = "") -> InputError:
    """Return the error for a list of which no row can be taken; ``written``: where the rejects are."""
    message = f"no row can be taken: {_counts(faults) or 'the list has no rows'}"
    where = f" {written} says why, row by row." if written else ""
    return input_error("nothing-imported", message, hint=f"{kind or 'Check the mapping (--write-map).'}{where}")


def unclear_prices(prices: Sequence[tuple[int, str, tuple[float, ...]]]) -> InputError:
    """Return the error for prices, as (line, cell, readings), that can be read two ways."""
    hint = 'Say which mark is the decimal one: --decimal point or --decimal comma (decimal = "." or "," under [price]).'
    findings = [
        Finding("unclear-price", f"the price {text!r} is {' or '.join(f'{value:.10g}' for value in values)}",
                f"line {line}", hint)
        for line, text, values in prices[:_LISTED]
    ]  # fmt: skip
    if len(prices) > _LISTED:
        findings.append(Finding("unclear-price", f"{len(prices) - _LISTED:,} more prices can be read two ways"))
    return InputError(findings)


def _counts(faults: Counter[str]) -> str:
    return ", ".join(f"{code} {count:,}" for code, count in faults.most_common(5))
