"""``panelopt catalog``: list and check vendor catalogs and lab inventories."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.group import say_warning, show_error
from panelopt.cli.listing import findings_json, format_options, json_text
from panelopt.cli.output import emit
from panelopt.errors import Finding, InputError


@click.group()
def catalog() -> None:
    """Vendor catalogs and lab inventories."""


@catalog.command("list")
@format_options("text", "json")
def list_(format_: str, output: Path | None) -> None:
    """List the catalogs that are found: folders of PANELOPT_CATALOGS, plug-ins, built-in ones.

    \b
    Example:
      panelopt catalog list
    """
    from panelopt import registry
    from panelopt.report.listings import catalogs_text

    sources, skipped = registry.catalog_sources()
    catalogs, findings = registry.readable_catalogs(sources)
    for finding in (*skipped, *findings):
        say_warning(finding.message, finding.where, finding.hint)
    if format_ == "json":
        listed = [{**c.model_dump(mode="json", exclude={"conjugates"}), "rows": c.rows} for c in catalogs]
        emit(json_text(listed), output)
    else:
        emit(catalogs_text(catalogs), output)


@catalog.command()
@click.argument("catalogs", nargs=-1, metavar="[NAME|FOLDER]...")
@format_options("text", "json")
def check(catalogs: tuple[str, ...], format_: str, output: Path | None) -> None:
    """Check catalogs row by row and report every fault; without a name all that are found.

    \b
    Example:
      panelopt catalog check ./my-inventory
    """
    from panelopt import registry

    names = catalogs
    findings: tuple[Finding, ...] = ()
    if not names:
        sources, findings = registry.catalog_sources()
        names = tuple(source.name for source in sources)
    report: list[dict[str, object]] = [
        {"name": f.where, "rows": None, "faults": findings_json((f,)), "remarks": []} for f in findings
    ]
    for finding in findings:
        say_warning(finding.message, finding.where, finding.hint)
    report += [_checked(name) for name in names]
    if format_ == "json":
        emit(json_text(report), output)
    else:
        emit("".join(f"{r['name']}: {_verdict(r)}\n" for r in report), output)
    if any(entry["faults"] for entry in report):
        click.get_current_context().exit(InputError.exit_code)


def _checked(name: str) -> dict[str, object]:
    from panelopt import registry

    try:
        (catalog_,), remarks = registry.find_catalogs([name])
    except InputError as error:
        show_error(error)
        return {"name": name, "rows": None, "faults": findings_json(error.findings), "remarks": []}
    for remark in remarks:
        say_warning(remark.message, remark.where, remark.hint)
    return {"name": name, "rows": catalog_.rows, "faults": [], "remarks": findings_json(remarks)}


def _verdict(entry: dict[str, object]) -> str:
    faults = entry["faults"]
    if isinstance(faults, list) and faults:
        return f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    return f"{entry['rows']} products, no faults"
