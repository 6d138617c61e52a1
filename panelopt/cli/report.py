"""``panelopt report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panelopt.api.errors import UsageError
from panelopt.cli.formats import STDOUT, format_for
from panelopt.cli.group import say
from panelopt.cli.options import PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_FORMATS = ("html", "pdf", "xlsx", "text", "json")
_BINARY = ("pdf", "xlsx")


@click.command(short_help="Show a result, or compare two: HTML, PDF, XLSX.")
@click.argument("results", type=PATH, nargs=-1, required=True, metavar="RESULT.json [OTHER.json]")
@click.option("--problem", metavar="NAME|FILE", help="Problem of the result. Default: by the name in the result.")
@click.option("--cytometer", metavar="NAME|FILE", help="Instrument of the result. Default: by the name in the result.")
@click.option(
    "--catalog",
    "catalogs",
    metavar="NAME|PATH",
    multiple=True,
    help="Catalog of the result; repeatable. Default: by the names in the result.",
)
@click.option("--inventory", metavar="PATH", help="Catalog folder of what is on your shelf.")
@click.option(
    "--signatures", metavar="PATH", multiple=True, help="Measured signatures that the result was made with; repeatable."
)
@click.option(
    "--plan", type=PATH, metavar="FILE.json", help="Result of `sort-plan`. Default: the sort is planned anew."
)
@click.option("--alternatives", type=PATH, metavar="FILE.json", help="Result of `alternatives`, to be listed.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), help="Default: by the suffix of the file, else text.")
@click.option("--json", "format_", flag_value="json", help="Same as --format json: of two results what differs.")
@click.option(
    "-o",
    "--output",
    "outputs",
    type=PATH,
    multiple=True,
    metavar="PATH",
    help="Write to a file; repeatable (.html, .pdf, .xlsx, .txt, .json); -: stdout.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not say what is missing from the report.")
def report(
    results: tuple[Path, ...], format_: str | None, outputs: tuple[Path, ...], quiet: bool, **named: Any
) -> None:
    """Show RESULT.json as one page that people read; of two results what differs and what it does to each target.

    The page is one file: it loads nothing, prints, and can be mailed. Problem, instrument and catalogs are found by the
    names in the result; what cannot be found is named in the page.

    \b
    Examples:
      panelopt report result.json -o result.html -o result.xlsx
      panelopt report first.json second.json -o comparison.html
      panelopt report result.json --problem marrow.toml --alternatives others.json -o result.pdf
    """
    from panelopt.api.files import check_writable, write_bytes_atomic

    if len(results) > 2:
        raise UsageError(f"{len(results)} results are named", hint="Name one, or two to be compared.")
    chosen = {path: format_for(path, format_, _FORMATS) for path in outputs or (STDOUT,)}
    if len(results) == 1 and "json" in chosen.values():
        raise UsageError("a result is JSON already", hint="--json compares two results.")
    for path, form in chosen.items():
        if path == STDOUT and form in _BINARY:
            raise UsageError(f"{form} cannot be shown here", hint=f"Name a file: -o FILE.{form}")
        if path != STDOUT:
            check_writable(path)
    renderers, missing = _compared(results, named) if len(results) == 2 else _shown(results[0], named)
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


def _shown(path: Path, named: Mapping[str, Any]) -> tuple[Mapping[str, Callable[[], str | bytes]], list[str]]:
    """Return how each format of a report is made, and what the report lacks."""
    from panelopt import api
    from panelopt.api.reporting import html_pdf, report_html, report_text, report_xlsx

    found = api.report(path, api.ReportFiles(**named))
    renderers: dict[str, Callable[[], str | bytes]] = {
        "html": lambda: report_html(found),
        "pdf": lambda: html_pdf(report_html(found)),
        "xlsx": lambda: report_xlsx(found),
        "text": lambda: report_text(found.result, found.plan),
    }
    return renderers, [*found.missing.values(), *found.notices.values()]


def _compared(
    paths: tuple[Path, ...], named: Mapping[str, Any]
) -> tuple[Mapping[str, Callable[[], str | bytes]], list[str]]:
    """Return how each format of a comparison is made, and where the questions differ."""
    from panelopt import api
    from panelopt.api.files import record_json
    from panelopt.api.reporting import comparison_html, comparison_text, comparison_xlsx, html_pdf

    given = sorted(name for name, value in named.items() if value)
    if given:
        raise UsageError(f"{', '.join(given)} belong to the report of one result", hint="Name one result.")
    found = api.compare(paths[0], paths[1])
    renderers: dict[str, Callable[[], str | bytes]] = {
        "html": lambda: comparison_html(found),
        "pdf": lambda: html_pdf(comparison_html(found)),
        "xlsx": lambda: comparison_xlsx(found),
        "text": lambda: comparison_text(found),
        "json": lambda: record_json(found),
    }
    return renderers, list(found.questions)
