"""``panelopt catalog import``: a vendor list, registry export or inventory becomes a catalog folder."""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.api.errors import UsageError
from panelopt.cli.formats import PATH, check_folder_name, check_suffix
from panelopt.cli.group import say, say_warning
from panelopt.cli.grouped import GroupedCommand
from panelopt.cli.listing import json_text

if TYPE_CHECKING:
    from panelopt.api.catalogs import ImportMap, RawTable

_NAMED_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


def _separator(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Accept a single character or its name."""
    text = _NAMED_SEPARATORS.get(value or "", value or "")
    if len(text) > 1 or text.isalnum() or text in ('"', "\r", "\n", "\0"):
        names = ", ".join(_NAMED_SEPARATORS)
        raise click.BadParameter(f"{value!r} is neither a single character nor one of {names}", ctx, param)
    return text


def _date(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Accept a date of ISO 8601."""
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-01-31", ctx, param) from None


@click.command("import", cls=GroupedCommand)
@click.argument("file", type=PATH, metavar="FILE")
@click.option("-o", "--output", type=PATH, metavar="FOLDER", help="Catalog folder to write; must be new.")
@click.option("--map", "map_path", type=PATH, metavar="MAP.toml", help="What the columns mean. Default: a guess.")
@click.option("--write-map", type=PATH, metavar="FILE", help="Write the mapping, so that you can check and edit it.")
@click.option("-y", "--yes", is_flag=True, help="Accept the guess without asking.")
@click.option("--sheet", metavar="NAME", help="Sheet of a spreadsheet. Default: the first with content.")
@click.option("--encoding", metavar="NAME", help="Encoding of a text file. Default: detected.")
@click.option("--separator", callback=_separator, metavar="C", help="Separator of a text file. Default: detected.")
@click.option(
    "--header-line", type=click.IntRange(1, 2_000_000), metavar="N", help="Line of the header. Default: detected."
)
@click.option("--decimal", type=click.Choice(("point", "comma")), help="Decimal mark of the prices. Default: detected.")
@click.option("--name", metavar="NAME", help="Name of the catalog. Default: that of the folder.")
@click.option("--retrieved", callback=_date, metavar="DATE", help="Date of the list. Default: date of the file (UTC).")
@click.option("--inventory", is_flag=True, help="The list is your own stock: keep lots and expiry dates.")
@click.option("--force", is_flag=True, help="Replace an existing catalog.")
@click.option(
    "--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True,
    help="Format of the summary.",
)  # fmt: skip
@click.option("--json", "format_", flag_value="json", help="Same as --format json.")
def import_(
    file: Path,
    output: Path | None,
    map_path: Path | None,
    write_map: Path | None,
    yes: bool,
    sheet: str | None,
    encoding: str | None,
    separator: str,
    header_line: int | None,
    decimal: str | None,
    name: str | None,
    retrieved: str,
    inventory: bool,
    force: bool,
    format_: str,
) -> None:
    """Turn a list of antibodies into a catalog: CSV and other separated text, XLSX, JSON, Feather, Parquet.

    Without --map, the meaning of the columns is guessed and shown; --yes accepts the guess. If most rows make no sense
    under it, or a price can be read two ways, nothing is written and the message says what to state. Rejected rows go
    to rejects.csv with the reason: no row is lost.

    \b
    Examples:
      panelopt catalog import inventory.xlsx --write-map map.toml
      panelopt catalog import inventory.xlsx --map map.toml -o my-inventory
      panelopt catalog import vendor.csv --yes -o vendor-2026
      panelopt catalog import stock.csv --yes --inventory -o our-stock
    """
    from panelopt.api.catalogs import (
        Catalog,
        ReadOptions,
        check_folder,
        guess_mapping,
        import_into,
        import_text,
        map_toml,
        read_foreign,
        read_map,
        tables,
        with_decimal,
    )
    from panelopt.api.files import check_writable, write_text_atomic

    if output is None and write_map is None:
        raise UsageError("nothing to write", hint="Add -o FOLDER for the catalog, or --write-map FILE for the mapping.")
    check_suffix(write_map, ".toml")
    if output is not None:
        check_folder_name(output)
        check_folder(output, force=force)
    if write_map is not None:
        check_writable(write_map)
    mapping = read_map(map_path) if map_path is not None else None
    stated = mapping.file if mapping is not None else None
    options = ReadOptions(
        encoding=encoding or (stated.encoding if stated else ""),
        separator=separator or (stated.separator if stated else ""),
        sheet=sheet or (stated.sheet if stated else ""),
        header_line=header_line or (stated.header_line if stated else 0),
    )
    table = read_foreign(file, options)
    for remark in table.facts.remarks:
        say_warning(remark, str(file))
    remarks: tuple[str, ...] = ()
    if mapping is None:
        guess = guess_mapping(table, tables())
        mapping, remarks = guess.mapping, guess.remarks
    if decimal is not None:
        mapping = with_decimal(mapping, {"point": ".", "comma": ","}[decimal])
    text = map_toml(mapping, remarks)
    if write_map is not None:
        write_text_atomic(write_map, text)
        say(f"Written: {write_map}")
    if output is None:
        return
    if map_path is None and not yes:
        _confirm(table, mapping, text)
    head = Catalog(
        name=name or output.resolve().name,
        source=f"file {file.name}",
        retrieved=retrieved or _day(file),
        inventory=inventory,
    )
    summary = import_into(output, table, mapping, head, guessed=map_path is None, force=force)
    for remark in summary.remarks[len(table.facts.remarks) :]:
        say_warning(remark, str(file))
    click.echo(json_text(summary.model_dump(mode="json")) if format_ == "json" else import_text(summary), nl=False)
    say(f"Written: {output}")


def _day(file: Path) -> str:
    """Return the day on which a file was changed; today where a wrong clock has dated it beyond what can be."""
    now, changed = time.time(), file.stat().st_mtime
    return datetime.fromtimestamp(changed if 0 <= changed <= now else now, UTC).date().isoformat()


def _confirm(table: RawTable, mapping: ImportMap, text: str) -> None:
    """Show what the columns were taken for, and ask; without a terminal print the mapping and end."""
    if not _on_terminal():
        click.echo(text, nl=False)
        hint = "Save the printed mapping and pass it with --map, or add --yes."
        raise UsageError("the meaning of the columns is a guess that nobody has confirmed", hint=hint)
    say("The columns seem to mean:")
    for field, column in mapping.columns.items():
        position = table.columns.index(column)
        shown = dict.fromkeys(cell for row in islice(table.rows, 200) if (cell := row.cells[position].strip()))
        say(f"  {field:15} {column}: {', '.join(list(shown)[:4])}")
    for line in text.splitlines():
        if line.startswith("# "):
            say(f"  {line[2:]}")
    if not click.confirm("Import with these columns?", err=True):
        raise UsageError(
            "nothing was written", hint="Write the mapping with --write-map, edit it, and pass it with --map."
        )


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
