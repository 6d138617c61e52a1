"""Comma-separated tables: strict reading with line numbers, and cells that no spreadsheet runs as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from panelopt.errors import Finding, InputError, did_you_mean

MAX_FINDINGS = 500
"""More faults than this are counted, not listed."""

MAX_CONTROL_FAULTS = 10_000
"""Lines with control characters that are looked for."""

MAX_ROWS = 150_000
"""Most rows that are kept as dictionaries of texts: these and what is made of them take some kB each."""

MAX_COLUMNS = 500
"""Most columns of a header."""

_FORMULA = re.compile(r"'*[=+\-@]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED = re.compile(r"'+[=+\-@]")


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table: cells by column, and the line on which it begins (the header is line 1)."""

    line: int
    cells: dict[str, str]


def parse_table(
    text: str,
    where: str,
    columns: Sequence[str],
    required: Sequence[str],
    faults: list[Finding] | None = None,
    max_rows: int = MAX_ROWS,
) -> list[Row]:
    """Split the text of a CSV file with a header into records; blank lines are skipped.

    Args:
        text: Content of the file, comma-separated, quoted by ``"`` where needed.
        where: File name for the messages.
        columns: Columns that may appear, in any order.
        required: Columns that must appear.
        faults: Where given, faults of single rows are added here and the row is left out, so that the caller can
            report them together with its own; otherwise they are raised.
        max_rows: Rows that may be read, right or wrong; more are a fault.

    Returns:
        The records; cells are stripped of white space, and the escape of :func:`safe_cell` is undone.

    Raises:
        InputError: if the header is wrong or rows do not fit it; all such faults together.
    """
    findings: list[Finding] = []
    content = text.encode("utf-8-sig")  # the mark keeps one in the text from being taken for one of the file
    rows = list(table_rows(content, where, columns, required, findings.append, max_rows))
    if faults is None:
        raise_if_any(findings)
    else:
        faults += findings
    return rows


def table_rows(
    content: bytes,
    where: str,
    columns: Sequence[str],
    required: Sequence[str],
    report: Callable[[Finding], None],
    max_rows: int,
) -> Iterator[Row]:
    """Yield the records of a CSV file as :func:`parse_table` returns them, without holding them all.

    Args:
        content: Content of the file, UTF-8, perhaps with a byte-order mark.
        where: As for :func:`parse_table`.
        columns: As for :func:`parse_table`.
        required: As for :func:`parse_table`.
        report: Called with each fault: those of control characters first, the others in the order of their lines.
        max_rows: As for :func:`parse_table`.

    Raises:
        InputError: if the header is wrong.
    """
    control = _control_characters(content, where)
    for finding in control:
        report(finding)
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), strict=True)
    read = 0
    try:
        header = [name.strip() for name in next(reader, [])]
        if header_faults := _header_faults(header, where, columns, required):
            raise InputError([*control, *header_faults])
        before = reader.line_num
        for record in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in record):
                continue
            if (read := read + 1) > max_rows:
                message = f"more than {max_rows:,} rows are not read row by row"
                report(Finding("too-many-rows", message, f"{where}:{line}", "Split the file."))
                break
            if len(record) != len(header):
                message = f"the row has {len(record)} cells, the header has {len(header)}"
                report(Finding("row-length", message, f"{where}:{line}", "Quote cells that hold a comma."))
                continue
            yield Row(line, dict(zip(header, map(plain_cell, record), strict=True)))
    except csv.Error as error:
        report(Finding("csv-syntax", f"not valid CSV: {error}", f"{where}:{reader.line_num}"))


def write_table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return CSV text with a header; missing cells are empty, formula-like cells are escaped."""
    out = io.StringIO(newline="")
    write_rows(out, columns, rows)
    return out.getvalue()


def write_rows(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write what :func:`write_table` returns, row by row."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        # the writer does not quote a carriage return, and readers begin a row there
        writer.writerow([safe_cell(row.get(column, "").replace("\r", " ")) for column in columns])


def safe_cell(text: str) -> str:
    """Strip white space and put an apostrophe before what a spreadsheet would run as a formula (CWE-1236).

    Such a cell begins with ``=``, ``+``, ``-`` or ``@``, perhaps after white space. :func:`plain_cell` undoes it.
    """
    text = text.strip()
    return "'" + text if _FORMULA.match(text) else text


def plain_cell(text: str) -> str:
    """Strip white space and remove the apostrophe that :func:`safe_cell` added."""
    text = text.strip()
    return text[1:] if text.startswith("'") and _ESCAPED.match(text) else text


def raise_if_any(findings: Sequence[Finding], count: int = 0) -> None:
    """Raise all findings as one error; of very many, the first :data:`MAX_FINDINGS` and how many there are besides.

    Args:
        findings: The findings, or the first of them.
        count: How many there are, if not all are given.
    """
    if not findings:
        return
    if (rest := max(count, len(findings)) - MAX_FINDINGS) > 0:
        findings = [*findings[:MAX_FINDINGS], Finding("more-faults", f"{rest} more faults are not listed")]
    raise InputError(findings)


def number_text(value: float | None) -> str:
    """Return a number for a cell: shortest exact form, empty where unknown."""
    return "" if value is None else repr(float(value)).removesuffix(".0")


def _control_characters(content: bytes, where: str) -> list[Finding]:
    # terminals obey such characters, and no name has them
    findings: list[Finding] = []
    line, before, at = 1, 0, 0
    for match in _CONTROL.finditer(content):
        line, at = line + content.count(b"\n", at, match.start()), match.start()
        if line == before:
            continue
        before = line
        findings.append(
            Finding("control-character", "the line has control characters", f"{where}:{line}", "Delete them.")
        )
        if len(findings) == MAX_CONTROL_FAULTS:
            break
    return findings


def _header_faults(header: Sequence[str], where: str, columns: Sequence[str], required: Sequence[str]) -> list[Finding]:
    place = f"{where}:1"
    if not any(header):
        return [
            Finding(
                "empty-file",
                "the file has no header",
                where,
                f"The first line names the columns: {', '.join(required)}, ...",
            )
        ]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        return [
            Finding(
                "separator",
                "the columns are not separated by commas",
                place,
                "Save the file as comma-separated CSV, or bring it in with `panelopt catalog import`.",
            )
        ]
    if len(header) > MAX_COLUMNS:
        message = f"the header has {len(header):,} columns"
        return [Finding("too-many-columns", message, place, f"At most {MAX_COLUMNS} are read.")]
    findings = []
    for name, count in Counter(header).items():
        if name not in columns:
            hint = did_you_mean(name, columns) or f"Known columns: {', '.join(columns)}."
            findings.append(Finding("unknown-column", f"unknown column {name!r}", place, hint))
        elif count > 1:
            message = f"column {name} appears {count} times"
            findings.append(Finding("duplicate-column", message, place, "Keep one of them."))
    findings += [
        Finding("missing-column", f"there is no column {name}", place, "Add the column to the header.")
        for name in required
        if name not in header
    ]
    return findings
