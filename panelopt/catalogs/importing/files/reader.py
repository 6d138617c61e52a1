"""Reads a list of any of the known kinds; the content decides which it is, not the name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from panelopt.catalogs.importing.files.decode import decode, encoding_of
from panelopt.catalogs.importing.files.delimited import split_text, stream_text
from panelopt.catalogs.importing.files.layout import CellKinds, table_of
from panelopt.catalogs.importing.files.limits import MAX_FILE_BYTES, MAX_TEXT_BYTES, STREAM_BYTES
from panelopt.catalogs.importing.files.raw import Fault, RawRow, RawTable, ReadFacts
from panelopt.errors import UsageError, input_error

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)", "Save it as .xlsx or as CSV (UTF-8)."),
    (b"\x1f\x8b", "a gzip file", "Unpack it first."),
    (b"7z\xbc\xaf", "a 7-Zip file", "Unpack it first."),
    (b"Rar!", "a RAR file", "Unpack it first."),
    (b"%PDF", "a PDF file", "Copy the table into a spreadsheet."),
    (b"{\\rtf", "an RTF file", "Copy the table into a spreadsheet."),
    (b"FEA1", "a Feather file of version 1", "Write it again as version 2, or as CSV."),
)
_CHUNK = 1_000_000
_JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user states about a file; empty where it is to be found out."""

    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_line: int = 0


def read_list(path: Path, kinds: CellKinds, options: ReadOptions | None = None) -> RawTable:
    """Read a list of products.

    Args:
        path: The file.
        kinds: Tells headers from products; used to find the header below title lines.
        options: What is known about the file.

    Raises:
        InputError: if the file is missing, too large, damaged, of an unknown kind, or empty.
        UsageError: if an option does not fit the file.
    """
    options = options or ReadOptions()
    where = str(path)
    size, head = _beginning(path)
    for mark, kind, hint in _FOREIGN:
        if head.startswith(mark):
            raise input_error("unknown-kind", f"this is {kind}", where=where, hint=hint)
    if head.startswith(b"PK\x03\x04"):
        return _spreadsheet(_content(path, size), where, kinds, options)
    if options.sheet:
        raise UsageError("only a spreadsheet has sheets", where=where, hint="Leave out --sheet.")
    if head.startswith((b"PAR1", b"ARROW1")):
        return _columnar(_content(path, size), where)
    json = path.suffix.lower() in _JSON_SUFFIXES or _begins_json(head)
    if size > STREAM_BYTES and not json:
        return _streamed(path, kinds, options)
    decoded = decode(_content(path, size), where, options.encoding)
    remarks = (decoded.remark,) if decoded.remark else ()
    _refuse_markup(decoded.text, where)
    if json or _begins_json(decoded.text[:200].encode(errors="replace")):
        from panelopt.catalogs.importing.files.records import read_records

        names, records = read_records(decoded.text, where)
        return _named(names, records, ReadFacts("json", encoding=decoded.encoding, remarks=remarks))
    rows, separator, empty = split_text(decoded.text, where, options.separator)
    facts = ReadFacts("text", decoded.encoding, separator, empty_lines=empty, remarks=remarks)
    return table_of(rows, facts, where, kinds, options.header_line)


def _streamed(path: Path, kinds: CellKinds, options: ReadOptions) -> RawTable:
    """Read a large text file, row by row at each pass."""
    where = str(path)

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    found = encoding_of(chunks, where, options.encoding)

    def lines() -> Iterator[str]:
        with path.open(encoding=found.codec, errors=found.errors, newline="") as file:
            yield from file

    _refuse_markup(next(lines(), "")[:200], where)
    stream, separator = stream_text(lines, where, options.separator)
    facts = ReadFacts("text", found.name, separator, remarks=(found.remark,) if found.remark else ())
    return table_of(stream, facts, where, kinds, options.header_line)


def _begins_json(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200]
    return text.startswith(b"{") or text.replace(b" ", b"")[:3].startswith(b"[{")


def _refuse_markup(text: str, where: str) -> None:
    if text.lstrip()[:1] == "<":
        message = "this is a web page or XML, whatever its name says"
        raise input_error("unknown-kind", message, where=where, hint="Open it in a spreadsheet and save it as .xlsx.")


def _refuse_size(size: int, most: int, where: str) -> None:
    if size > most:
        message = f"the file has {size:,} bytes, more than {most:,}"
        hint = "Split it." if most == MAX_TEXT_BYTES else "Save it as CSV, which may be larger, or split it."
        raise input_error("file-too-large", message, where=where, hint=hint)


def _beginning(path: Path) -> tuple[int, bytes]:
    """Return the size of a file and its first bytes."""
    where = str(path)
    try:
        if path.is_dir():
            raise input_error("not-a-file", "this is a folder, not a file", where=where)
        if path.exists() and not path.is_file():
            raise input_error("not-a-file", "this is a device or pipe", where=where, hint="Save the list as a file.")
        size = path.stat().st_size
        _refuse_size(size, MAX_TEXT_BYTES, where)
        with path.open("rb") as file:
            head = file.read(_CHUNK)
    except FileNotFoundError:
        raise input_error("missing-file", "no such file", where=where, hint="Check the path.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise input_error("unreadable-file", reason.lower(), where=where) from None
    if not head.strip() and size <= len(head):
        raise input_error("empty-file", "the file is empty", where=where)
    return size, head


def _content(path: Path, size: int) -> bytes:
    _refuse_size(size, MAX_FILE_BYTES, str(path))
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES)


def _spreadsheet(data: bytes, where: str, kinds: CellKinds, options: ReadOptions) -> RawTable:
    from panelopt.catalogs.importing.files.spreadsheet import read_sheet

    rows, sheet, remarks = read_sheet(data, where, options.sheet)
    facts = ReadFacts("xlsx", sheet=sheet, remarks=remarks)
    return table_of(rows, facts, f"{where}, sheet {sheet}", kinds, options.header_line)


def _columnar(data: bytes, where: str) -> RawTable:
    from panelopt.catalogs.importing.files.columnar import read_feather, read_parquet

    if data.startswith(b"PAR1"):
        return _named(*read_parquet(data, where), ReadFacts("parquet"))
    return _named(*read_feather(data, where), ReadFacts("feather"))


def _named(names: Sequence[str], rows: Sequence[RawRow], facts: ReadFacts) -> RawTable:
    empty = Fault("empty row", "empty row")
    checked_rows = (replace(row, fault=empty) if row.empty and row.fault is None else row for row in rows)
    return RawTable(tuple(names), tuple(checked_rows), facts)
