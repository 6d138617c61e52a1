"""``panelopt report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panelopt.api.errors import UsageError
from panelopt.cli.formats import PATH, STDOUT, format_for, shown
from panelopt.cli.group import say
from panelopt.cli.grouped import GroupedCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_FORMATS = ("html", "pdf", "xlsx", "text", "json")
_BINARY = ("pdf", "xlsx")


@click.command(cls=GroupedCommand)
@click.argument("results", type=PATH, nargs=-1, required=True, metavar="RESULT.json [OTHER.json]|FOLDER")
@click.option("--problem", metavar="NAME|FILE", help="Problem of the result. Default: as named in the result.")
@click.option("--cytometer", metavar="NAME|FILE", help="Instrument of the result. Default: as named in the result.")
@click.option(
    "--catalog",
    "catalogs",
    metavar="NAME|PATH",
    multiple=True,
    help="Catalog of the result; repeatable. Default: as named in the result.",
)
@click.option("--inventory", metavar="PATH", help="Catalog folder of your stock.")
@click.option(
    "--signatures", metavar="PATH", multiple=True, help="Measured signatures used for the result; repeatable."
)
@click.option("--plan", type=PATH, metavar="FILE.json", help="Result of `sort-plan`. Default: plan the sort anew.")
@click.option("--alternatives", type=PATH, metavar="FILE.json", help="Result of `alternatives` to include.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="Default: from the suffix, else text.")
@click.option("--json", "format_", flag_value="json", help="Same as --format json; only when comparing two results.")
@click.option(
    "-o",
    "--output",
    "outputs",
    type=PATH,
    multiple=True,
    metavar="PATH",
    help="Write to a file; repeatable (.html, .pdf, .xlsx, .txt, .json); -: stdout.",
)
@click.option("-q", "--quiet", is_flag=True, help="Hide notes on what the report lacks.")
def report(
    results: tuple[Path, ...], format_: str | None, outputs: tuple[Path, ...], quiet: bool, **named: Any
) -> None:
    """Render RESULT.json as a single page; with OTHER.json, show the differences and their effect on each target.

    RESULT.json is an answer of `design`, `score`, `improve` or `robust`, FOLDER the folder of a `sweep`. The page is
    one self-contained file that prints well. Problem, instrument and catalogs are found by the names in the result; the
    page lists what could not be found.

    \b
    Examples:
      panelopt report result.json -o result.html -o result.xlsx
      panelopt report first.json second.json -o comparison.html
      panelopt report robust.json -o robust.html
      panelopt report sweep-output -o sweep.html
      panelopt report result.json --problem marrow.toml -o result.pdf
    """
    from panelopt.api.files import check_writable, write_bytes_atomic

    if len(results) > 2:
        raise UsageError(f"too many results: {len(results)}", hint="Give one result, or two to compare.")
    chosen = {path: format_for(path, format_, _FORMATS) for path in outputs or (STDOUT,)}
    if len(results) == 1 and "json" in chosen.values():
        raise UsageError("a single result is already JSON", hint="--json compares two results.")
    for path, form in chosen.items():
        if path == STDOUT and form in _BINARY:
            raise UsageError(f"{form} cannot go to stdout", hint=f"Use -o FILE.{form}.")
        if path != STDOUT:
            check_writable(path)
    renderers, missing = _renderers(results, named)
    if lacking := [form for form in chosen.values() if form not in renderers]:
        raise UsageError(f"a sweep cannot be shown as {lacking[0]}", hint=f"Use {shown(tuple(renderers))}.")
    for path, form in chosen.items():
        content = renderers[form]()
        if path == STDOUT:
            click.echo(content, nl=False)
        else:
            write_bytes_atomic(path, content.encode("utf-8") if isinstance(content, str) else content)
    if not quiet:
        for text in missing:
            say(f"Note: {text}")
        if files := [str(path) for path in chosen if path != STDOUT]:
            say(f"Written: {', '.join(files)}")


def _renderers(
    results: tuple[Path, ...], named: Mapping[str, Any]
) -> tuple[Mapping[str, Callable[[], str | bytes]], list[str]]:
    """Return a renderer for each format, and notes for the reader."""
    if len(results) == 2:
        return _compared(results, named)
    return _swept(results[0], named) if results[0].is_dir() else _shown(results[0], named)


def _swept(path: Path, named: Mapping[str, Any]) -> tuple[Mapping[str, Callable[[], str | bytes]], list[str]]:
    """Return a renderer for each format of the page of a sweep."""
    from panelopt.api.reporting import html_pdf, sweep_html, sweep_table_text
    from panelopt.api.sweeps import SweepFolder

    _reject_given(named)
    rows = SweepFolder(path).listed()
    renderers: dict[str, Callable[[], str | bytes]] = {
        "html": lambda: sweep_html(rows, str(path)),
        "pdf": lambda: html_pdf(sweep_html(rows, str(path))),
        "text": lambda: sweep_table_text(rows),
    }
    return renderers, []


def _reject_given(named: Mapping[str, Any]) -> None:
    """Reject options that say where the inputs of one result are."""
    if given := sorted(name for name, value in named.items() if value):
        raise UsageError(f"{', '.join(given)} apply only to the report of one result", hint="Give one result.")


def _shown(path: Path, named: Mapping[str, Any]) -> tuple[Mapping[str, Callable[[], str | bytes]], list[str]]:
    """Return a renderer for each format of a report, and notes on what the report lacks."""
    from panelopt import api
    from panelopt.api import reporting  # each format loads its own libraries

    found = api.report(path, api.ReportFiles(**named))
    renderers: dict[str, Callable[[], str | bytes]] = {
        "html": lambda: reporting.report_html(found),
        "pdf": lambda: reporting.report_pdf(found),
        "xlsx": lambda: reporting.report_xlsx(found),
        "text": lambda: reporting.report_text(found.result, found.plan, found.robust),
    }
    return renderers, [*found.missing.values(), *found.notices.values()]


def _compared(
    paths: tuple[Path, ...], named: Mapping[str, Any]
) -> tuple[Mapping[str, Callable[[], str | bytes]], list[str]]:
    """Return a renderer for each format of a comparison, and notes on how the questions differ."""
    from panelopt import api
    from panelopt.api import reporting
    from panelopt.api.files import record_json

    _reject_given(named)
    found = api.compare(paths[0], paths[1])
    renderers: dict[str, Callable[[], str | bytes]] = {
        "html": lambda: reporting.comparison_html(found),
        "pdf": lambda: reporting.html_pdf(reporting.comparison_html(found)),
        "xlsx": lambda: reporting.comparison_xlsx(found),
        "text": lambda: reporting.comparison_text(found),
        "json": lambda: record_json(found),
    }
    return renderers, list(found.questions)
