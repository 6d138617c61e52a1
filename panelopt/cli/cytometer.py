"""``panelopt cytometer``: shipped instruments, those of plug-ins, and your own."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.api.errors import InputError
from panelopt.cli.formats import PATH, check_suffix
from panelopt.cli.group import say, say_warning, show_error
from panelopt.cli.listing import findings_json, format_options, json_text
from panelopt.cli.names import complete_cytometer
from panelopt.cli.output import emit


@click.group()
def cytometer() -> None:
    """Instruments: lasers, detectors, filters."""


@cytometer.command("list")
@click.option("--sorters", is_flag=True, help="List sorters only.")
@format_options("text", "json")
def list_(sorters: bool, format_: str, output: Path | None) -> None:
    """List the cytometers that panelopt ships and those of plug-ins.

    \b
    Example:
      panelopt cytometer list --sorters
    """
    if format_ == "json":
        from panelopt.api.cytometers import readable_cytometers, with_origin

        readable, findings = readable_cytometers()
        shown = [with_origin(c, file.origin, file.path) for c, file in readable if c.sorter or not sorters]
        text = json_text(shown)
    else:
        from panelopt.api.cytometers import cytometers_text, listed_cytometers

        listed, findings = listed_cytometers()
        text = cytometers_text([c for c in listed if c.sorter or not sorters])
    for finding in findings:
        say_warning(finding.message, finding.where, finding.hint)
    emit(text, output)


@cytometer.command()
@click.argument("name", metavar="NAME|FILE", shell_complete=complete_cytometer)
@click.option("--picture", type=PATH, metavar="FILE.svg", help="Draw lasers, bands and dyes to this file.")
@click.option("--dye", "dyes", multiple=True, metavar="DYE", help="Dyes to draw. Default: those sold in the catalogs.")
@format_options("text", "json", "toml")
def show(name: str, picture: Path | None, dyes: tuple[str, ...], format_: str, output: Path | None) -> None:
    """Show the lasers and detectors of a cytometer. Use --format toml as a starting point for your own.

    \b
    Examples:
      panelopt cytometer show aria-fusion
      panelopt cytometer show aria-fusion --format toml -o mine.toml
      panelopt cytometer show aria-fusion --picture aria-fusion.svg
    """
    from panelopt.api.cytometers import cytometer_text, cytometer_toml, find_cytometer

    found = find_cytometer(name)
    if picture is not None:
        _draw(name, picture, dyes)
        if output is None and format_ == "text":
            return
    if format_ == "json":
        emit(json_text(found.model_dump(mode="json")), output)
    else:
        emit(cytometer_toml(found) if format_ == "toml" else cytometer_text(found), output)


def _draw(name: str, picture: Path, dyes: tuple[str, ...]) -> None:
    from panelopt.api.catalogs import find_catalogs, table_of
    from panelopt.api.cytometers import brightest_detector, cytometer_picture, find_cytometer, signature_matrix
    from panelopt.api.dyes import find_fluorochrome, fluorochromes
    from panelopt.api.files import check_writable, write_bytes_atomic

    check_suffix(picture, ".svg")
    check_writable(picture)
    instrument = find_cytometer(name)
    if dyes:
        shown = [find_fluorochrome(dye) for dye in dyes]
    else:
        tables = [table_of(catalog.conjugates) for catalog in find_catalogs()[0]]
        sold = {name for table in tables for name in table.column("fluorochrome").values}
        shown = [dye for dye in fluorochromes() if dye.name in sold]
    placed = brightest_detector(instrument, [dye.name for dye in shown], signature_matrix(instrument, shown))
    write_bytes_atomic(picture, cytometer_picture(instrument, placed))
    say(f"Written: {picture}")


@cytometer.command("import")
@click.argument("file", type=PATH)
@click.option("-o", "--output", type=PATH, metavar="PATH", help="Write to a file instead of stdout.")
@click.option("--id", "id_", metavar="ID", help="Short name. Default: taken from the file name.")
@click.option("--full-name", default="", metavar="TEXT", help="Full name. Default: taken from the file, else the id.")
@click.option("--sorter", is_flag=True, help="The instrument is a sorter.")
@click.option("--spectral", is_flag=True, help="The instrument unmixes its signals instead of compensating them.")
def import_(file: Path, output: Path | None, id_: str | None, full_name: str, sorter: bool, spectral: bool) -> None:
    """Convert a FACSDiva configuration export, or a table of detectors (CSV), to a cytometer file.

    The table has the columns name, laser_nm, centre_nm and width_nm; path and power_mw are optional.

    \b
    Example:
      panelopt cytometer import configuration.csv --sorter -o my-aria.toml
    """
    from panelopt.api.cytometers import cytometer_toml, import_cytometer
    from panelopt.api.files import check_writable

    if output is not None:
        check_suffix(output, ".toml")
        check_writable(output)
    found = import_cytometer(file, id=id_, name=full_name, sorter=sorter, spectral=spectral)
    emit(cytometer_toml(found), output)
    if output is not None:
        say(f"{len(found.laser)} lasers, {len(found.detector)} detectors")
        say(f"Written: {output}")


@cytometer.command()
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@format_options("text", "json")
def check(names: tuple[str, ...], format_: str, output: Path | None) -> None:
    """Check cytometer files and report every fault. Without a name, check all shipped and plug-in cytometers.

    \b
    Example:
      panelopt cytometer check my-aria.toml
    """
    from panelopt.api.cytometers import cytometer_names

    beside = Path() if names else None
    report = [_checked(name, beside) for name in names or cytometer_names()]
    if format_ == "json":
        emit(json_text(report), output)
    else:
        emit("".join(f"{entry['name']}: {entry['verdict']}\n" for entry in report), output)
    if any(entry["faults"] for entry in report):
        click.get_current_context().exit(InputError.exit_code)


def _checked(name: str, beside: Path | None) -> dict[str, object]:
    from panelopt.api.cytometers import defaults_used, find_cytometer

    try:
        found = find_cytometer(name, beside)
    except InputError as error:
        show_error(error)
        count = len(error.findings)
        verdict = f"{count} fault{'s' if count > 1 else ''}"
        return {"name": name, "verdict": verdict, "faults": findings_json(error.findings), "model_values": []}
    verdict = f"{len(found.laser)} lasers, {len(found.detector)} detectors, no faults"
    return {"name": name, "verdict": verdict, "faults": [], "model_values": list(defaults_used(found))}
