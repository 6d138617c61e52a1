"""``panelopt dye``: fluorochromes, spectra, measured signatures."""

from __future__ import annotations

from pathlib import Path

import click

from panelopt.cli.dye_import import import_
from panelopt.cli.group import say_warning
from panelopt.cli.listing import format_options, json_text
from panelopt.cli.output import emit


@click.group()
def dye() -> None:
    """Fluorochromes: excitation, emission, brightness, similarity; imports."""


dye.add_command(import_)


@dye.command("list")
@format_options("text", "json")
def list_(format_: str, output: Path | None) -> None:
    """List the fluorochromes that panelopt ships, those of plug-ins and those in PANELOPT_FLUOROCHROMES.

    \b
    Example:
      panelopt dye list
    """
    from panelopt.api.dyes import dyes_text, fluorochrome_files, fluorochrome_findings, fluorochromes, with_origin

    for finding in fluorochrome_findings():
        say_warning(finding.message, finding.where, finding.hint)
    files = fluorochrome_files()
    found = [(dye, files[dye.name]) for dye in fluorochromes()]
    if format_ == "json":
        emit(json_text([with_origin(dye, file.origin, file.path) for dye, file in found]), output)
    else:
        emit(dyes_text([(dye, "" if file.kind == "built-in" else file.origin) for dye, file in found]), output)


@dye.command()
@click.argument("name")
@format_options("text", "json")
def show(name: str, format_: str, output: Path | None) -> None:
    """Show the data on a fluorochrome, by name or alias, and their sources.

    \b
    Example:
      panelopt dye show BV421
    """
    from panelopt.api.dyes import dye_text, find_fluorochrome

    found = find_fluorochrome(name)
    emit(json_text(found.model_dump(mode="json")) if format_ == "json" else dye_text(found), output)


@dye.command()
@click.option("--cytometer", required=True, metavar="NAME|FILE", help="Instrument: see `panelopt cytometer list`.")
@click.option(
    "--signatures", metavar="PATH", multiple=True, help="Measured signatures that replace computed ones; repeatable."
)
@click.argument("dyes", nargs=-1, required=True, metavar="DYE...")
@format_options("text", "csv", "json")
def similarity(
    cytometer: str, signatures: tuple[str, ...], dyes: tuple[str, ...], format_: str, output: Path | None
) -> None:
    """Compare the signatures of fluorochromes on an instrument: cosines, complexity index, hotspot matrix.

    \b
    Example:
      panelopt dye similarity --cytometer aurora-5l BV421 "Pacific Blue" BV510
    """
    from panelopt.api.dyes import similarity, similarity_csv, similarity_json, similarity_text

    found, remarks = similarity(cytometer, dyes, signatures)
    for remark in remarks:
        say_warning(remark.message, remark.where, remark.hint)
    if format_ == "json":
        emit(json_text(similarity_json(found)), output)
    else:
        emit(similarity_csv(found) if format_ == "csv" else similarity_text(found), output)
