"""``panelopt dye import``: spectra, signature libraries, single stains, spillover matrices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from panelopt.api.errors import UsageError
from panelopt.cli.formats import PATH, check_suffix
from panelopt.cli.group import say, say_warning
from panelopt.cli.grouped import GroupedCommand
from panelopt.cli.output import emit

if TYPE_CHECKING:
    from panelopt.api.cytometers import Cytometer

KINDS = ("spectra", "signatures", "controls", "spillover")


def _positive(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """Reject anything but a positive finite number."""
    if value is not None and not 0 < value < float("inf"):
        raise click.BadParameter(f"{value} is not a positive number", ctx, param)
    return value


def _pairs(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Split CHANNEL=DETECTOR."""
    split = [text.rpartition("=") for text in value]
    for text, (channel, _, detector) in zip(value, split, strict=True):
        if not channel or not detector:
            raise click.BadParameter(f"{text!r} is not CHANNEL=DETECTOR", ctx, param)
    return {channel.strip(): detector.strip() for channel, _, detector in split}


@click.command("import", cls=GroupedCommand, short_help="Bring in spectra, signatures, single stains, spillover.")
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE...")
@click.option("-o", "--output", type=PATH, metavar="PATH", help="Write to a file instead of stdout.")
@click.option("--kind", type=click.Choice(KINDS), help="Content of the files. Default: detected.")
@click.option("--cytometer", metavar="NAME|FILE", help="Instrument of the measurement; not needed for spectra.")
@click.option("--unstained", type=PATH, metavar="FILE", help="Unstained control, for single stains (FCS).")
@click.option("--name", "names", multiple=True, metavar="DYE", help="Dye of each FCS file, in the same order.")
@click.option(
    "--rename", multiple=True, callback=_pairs, metavar="CHANNEL=DETECTOR", help="Map a channel name; repeatable."
)
@click.option(
    "--antigens-per-cell", type=float, callback=_positive, metavar="X", help="Antibodies bound per positive cell, for"
    " absolute brightness."
)  # fmt: skip
@click.option(
    "--units-per-pe", type=float, callback=_positive, metavar="X",
    help="Instrument units per photoelectron. Default: fitted, one for all detectors unless more are clearly better.",
)  # fmt: skip
@click.option("--noise", type=PATH, metavar="FILE", help="Also write a cytometer file with the noise of the controls.")
def import_(
    files: tuple[Path, ...],
    output: Path | None,
    kind: str | None,
    cytometer: str | None,
    unstained: Path | None,
    names: tuple[str, ...],
    rename: dict[str, str],
    antigens_per_cell: float | None,
    units_per_pe: float | None,
    noise: Path | None,
) -> None:
    """Convert spectra to a fluorochrome file, and measurements on an instrument to a signature file.

    Spectra, signature libraries and spillover matrices are text tables, matrices also FlowJo's .mtx or Gating-ML;
    single stains are FCS files. To read a spillover matrix from FCS keywords, use --kind spillover.

    \b
    Examples:
      panelopt dye import spectra.csv -o my-dyes.toml
      panelopt dye import library.csv --cytometer aurora-5l -o signatures.toml
      panelopt dye import PE.fcs --unstained no.fcs --cytometer id7000 -o s.toml
      panelopt dye import compensation.csv --cytometer aria-iii -o signatures.toml
    """
    from panelopt.api.cytometers import find_cytometer
    from panelopt.api.dyes import import_kind
    from panelopt.api.files import check_writable

    for path in (output, noise):
        if path is not None:
            check_suffix(path, ".toml")
            check_writable(path)
    kinds = {kind} if kind else {import_kind(path) for path in files}
    if len(kinds) > 1:
        hint = "Import them one by one, or set --kind."
        raise UsageError(f"the files have different content: {', '.join(sorted(kinds))}", hint=hint)
    (found,) = kinds
    if found == "spectra":
        emit(_spectra(files), output)
    else:
        if cytometer is None:
            hint = "Add --cytometer NAME or FILE; `panelopt cytometer list` shows the names."
            raise UsageError("no cytometer specified for this measurement", hint=hint)
        instrument = find_cytometer(cytometer)
        if found == "controls":
            text = _controls(files, unstained, instrument, names, rename, antigens_per_cell, units_per_pe, noise)
        else:
            text = _table(files, found, instrument, rename)
        emit(text, output)
    if output is not None:
        say(f"Written: {output}")


def _spectra(files: tuple[Path, ...]) -> str:
    from panelopt.api.dyes import OWN_FAMILY, fluorochromes_toml, import_spectra

    dyes, remarks = import_spectra(files)
    for remark in remarks:
        say_warning(remark.message, remark.where, remark.hint)
    return fluorochromes_toml(dyes, OWN_FAMILY, "Peaks and relative excitation fitted to spectra.")


def _table(files: tuple[Path, ...], kind: str, instrument: Cytometer, rename: dict[str, str]) -> str:
    from panelopt.api.dyes import import_library, import_spillover, signatures_toml

    if len(files) > 1:
        hint = "Import them one by one; --signatures is repeatable."
        raise UsageError("only one table of signatures can be imported at a time", hint=hint)
    read = import_library if kind == "signatures" else import_spillover
    return signatures_toml(read(files[0], instrument, rename))


def _controls(
    files: tuple[Path, ...],
    unstained: Path | None,
    instrument: Cytometer,
    names: tuple[str, ...],
    rename: dict[str, str],
    antigens_per_cell: float | None,
    units_per_pe: float | None,
    noise: Path | None,
) -> str:
    from panelopt.api.cytometers import cytometer_toml
    from panelopt.api.dyes import import_controls, signatures_toml, with_noise
    from panelopt.api.files import write_text_atomic

    if unstained is None:
        raise UsageError("single stains require an unstained control", hint="Add --unstained FILE.")
    stains = [path for path in files if path != unstained]
    found = import_controls(
        stains,
        unstained,
        instrument,
        names=names,
        rename=rename,
        antigens_per_cell=antigens_per_cell,
        units_per_pe=units_per_pe,
    )
    for remark in found.remarks:
        say_warning(remark.message, remark.where, remark.hint)
    if noise is not None:
        write_text_atomic(noise, cytometer_toml(with_noise(instrument, found.signatures.detector, found.noise)))
        say(f"Written: {noise}")
    return signatures_toml(found.signatures)
