"""A choice of reporters as text."""

from __future__ import annotations

from panelopt.domain.reporters_result import ReporterLevels, ReporterResult
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, section, table, wrapped

_LEVELS = {
    "channels_without_signal": "Channels without signal",
    "channels_below_limit": "Channels below 10 %",
    "mean_signal": "Geometric mean signal",
    "mean_bleed_through": "Mean bleed-through",
}


def reporters_text(result: ReporterResult, width: int = DEFAULT_WIDTH) -> str:
    """Return a choice with its proof, and the light of each chosen dye in each chosen detector."""
    title = f"{result.colours} of {result.dyes} dyes ({result.library}) on {result.cytometer}"
    conflicts = "\n".join(wrapped(f"{c.demand}: {c.message}", "    ", width, first="  - ") for c in result.conflicts)
    return blocks(
        [
            wrapped(title, width=width) + "\n" + wrapped(result.summary(), width=width),
            section("Conflicting demands", conflicts),
            section("Channels", _channels(result, width)),
            section(f"Light in each detector, {result.signal_unit}", _light(result, width)),
            section("Proof", _proof(result, width)),
        ]
    )


def _channels(result: ReporterResult, width: int) -> str:
    rows = [
        (
            str(number),
            channel.fluorochrome,
            channel.detector,
            f"{channel.laser_nm:g}",
            f"{channel.signal:.4g}",
            f"{channel.bleed_through:.3g}",
            "-" if channel.share is None else f"{100 * channel.share:.2g} %",
        )
        for number, channel in enumerate(result.channels, start=1)
    ]
    headers = ("#", "Fluorochrome", "Detector", "Laser", "Signal", "Bleed", "Share")
    return table(headers, rows, "rlLrRRR", width) if rows else ""


def _light(result: ReporterResult, width: int) -> str:
    numbers = [str(number) for number in range(1, len(result.channels) + 1)]
    rows = [(number, *(f"{value:.2g}" for value in row)) for number, row in zip(numbers, result.signals, strict=True)]
    return table(("Dye", *numbers), rows, "r" * (len(numbers) + 1), width) if rows else ""


def _proof(result: ReporterResult, width: int) -> str:
    if not result.channels:
        return ""
    rows = [
        (title, *(_value(levels, name) for levels in (result.value, result.bound, result.gap)))
        for name, title in _LEVELS.items()
    ]
    notes = "Each bound holds among choices with the same values in the lines above."
    if not result.unique:
        notes += " It is not proven to be the first of equal choices: another seed may give another."
    if result.interrupted:
        notes += " The search was interrupted."
    return table(("Level", "Value", "Bound", "Gap"), rows, "lRRR", width) + "\n" + wrapped(notes, width=width)


def _value(levels: ReporterLevels, name: str) -> str:
    value = getattr(levels, name)
    return "-" if value is None else f"{value:.5g}"
