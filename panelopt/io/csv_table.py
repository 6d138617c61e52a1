"""CSV tables: strict reading with line numbers, and cells that no spreadsheet runs as formulas."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from panelopt.errors import Finding, InputError, did_you_mean
from panelopt.frozen import dataclass
from panelopt.io.file_kinds import TABLE, refuse_other_kind

MAX_FINDINGS = 500
"""Maximum number of faults listed; further ones are counted."""

MAX_CONTROL_FAULTS = 10_000
"""Maximum number of lines with control characters reported."""

MAX_ROWS = 150_000
"""Maximum number of rows kept as dictionaries; each takes a few kB."""

MAX_COLUMNS = 500
"""Maximum number of header columns."""

_OTHER_KIND = "Catalogs, inventories and panels are tables; problems and cytometers are TOML files."

_FORMULA = re.compile(r"'*[=+\-@]")
_MAY_BE_FORMULA = frozenset("'=+-@")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED = re.compile(r"'+[=+\-@]")
_MAY_BE_ESCAPED = re.compile(rb"'[=+\-@]")


@dataclass(frozen=True, slots=True)
class Row:
    """One record: cells by column, and the line on which it begins (the header is line 1)."""

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
    """Split CSV text with a header into records; blank lines are skipped.

    Args:
        text: Comma-separated text, quoted by ``"`` as needed.
        where: File name for messages.
        columns: Allowed columns, in any order.
        required: Required columns.
        faults: If given, faults of single rows are appended here and the row is skipped, so that the caller can
            report them with its own; otherwise they are raised.
        max_rows: Maximum number of rows, valid or not; more are a fault.

    Returns:
        The records, with whitespace stripped and the escape of :func:`safe_cell` undone.

    Raises:
        InputError: if the header is invalid or rows do not fit it; all such faults together.
    """
    findings: list[Finding] = []
    content = text.encode("utf-8-sig")  # keeps a byte-order mark within the text from being taken for the file's
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
    """Yield the records of a CSV file like :func:`parse_table`, without holding all of them.

    Args:
        content: File content, UTF-8, optionally with a byte-order mark.
        where: As for :func:`parse_table`.
        columns: As for :func:`parse_table`.
        required: As for :func:`parse_table`.
        report: Called with each fault: control characters first, then the others in line order.
        max_rows: As for :func:`parse_table`.

    Raises:
        InputError: if the header is invalid.
    """
    control = _control_characters(content, where)
    for finding in control:
        report(finding)
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), strict=True)
    read = 0
    plain = plain_cell if _MAY_BE_ESCAPED.search(content) else str.strip
    try:
        header = [name.strip() for name in next(reader, [])]
        if header_faults := _header_faults(header, where, columns, required):
            if not set(header) & set(columns):
                refuse_other_kind(content, TABLE, where, _OTHER_KIND)
            raise InputError([*control, *header_faults])
        before = reader.line_num
        for record in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in record):
                continue
            if (read := read + 1) > max_rows:
                message = f"more than {max_rows:,} rows cannot be read row by row"
                report(Finding("too-many-rows", message, f"{where}:{line}", "Split the file."))
                break
            if len(record) != len(header):
                message = f"the row has {len(record)} cells, the header has {len(header)}"
                report(Finding("row-length", message, f"{where}:{line}", "Quote cells that contain a comma."))
                continue
            yield Row(line, dict(zip(header, map(plain, record), strict=True)))
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
        # the writer does not quote carriage returns, which readers take for the end of a row
        cells = [row.get(column, "") for column in columns]
        writer.writerow([safe_cell(cell.replace("\r", " ") if "\r" in cell else cell) for cell in cells])


def safe_cell(text: str) -> str:
    """Strip whitespace and prefix an apostrophe to cells that a spreadsheet would run as a formula (CWE-1236).

    Such cells begin with ``=``, ``+``, ``-`` or ``@``, possibly after whitespace. :func:`plain_cell` undoes it.
    """
    text = text.strip()
    return "'" + text if text[:1] in _MAY_BE_FORMULA and _FORMULA.match(text) else text


def plain_cell(text: str) -> str:
    """Strip whitespace and remove the apostrophe added by :func:`safe_cell`."""
    text = text.strip()
    return text[1:] if text.startswith("'") and _ESCAPED.match(text) else text


def raise_if_any(findings: Sequence[Finding], count: int = 0) -> None:
    """Raise all findings as one error: at most :data:`MAX_FINDINGS`, and a count of the rest.

    Args:
        findings: The findings, or the first of them.
        count: Total number, if not all are given.
    """
    if not findings:
        return
    if (rest := max(count, len(findings)) - MAX_FINDINGS) > 0:
        findings = [*findings[:MAX_FINDINGS], Finding("more-faults", f"{rest} more faults are not listed")]
    raise InputError(findings)


def number_text(value: float | None) -> str:
    """Return a number as cell text in its shortest exact form; empty if unknown."""
    return "" if value is None else repr(float(value)).removesuffix(".0")


def _control_characters(content: bytes, where: str) -> list[Finding]:
    # terminals interpret such characters, and no name contains them
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
                "Save the file as comma-separated CSV, or import it with `panelopt catalog import`.",
            )
        ]
    if len(header) > MAX_COLUMNS:
        message = f"the header has {len(header):,} columns"
        return [Finding("too-many-columns", message, place, f"The maximum is {MAX_COLUMNS}.")]
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
