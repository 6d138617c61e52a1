"""A choice of reporters as text."""

from __future__ import annotations

import math

from panelopt.domain.reporters_result import ReporterLevels, ReporterResult
from panelopt.report.table_layout import GAP
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, section, table, wrapped

_LEVELS = {
    "channels_without_signal": "Channels without signal",
    "channels_below_limit": "Channels below 10 %",
    "mean_signal": "Geometric mean signal",
    "mean_bleed_through": "Mean bleed-through",
}


def reporters_text(result: ReporterResult, width: int = DEFAULT_WIDTH) -> str:
    """Return a choice with its proof, and the light of each chosen dye in each chosen detector."""
    wanted = f"{result.colours} of {result.dyes} dyes"
    if not result.channels:
        wanted = f"{result.colours} {'dye' if result.colours == 1 else 'dyes'} wanted, {result.dyes} to choose from"
    title = f"{wanted} ({result.library}) on {result.cytometer}"
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
    decimals = _decimals(result)
    rows = [
        (
            str(number),
            channel.fluorochrome,
            channel.detector,
            f"{channel.laser_nm:g}",
            _amount(channel.signal, decimals),
            _amount(channel.bleed_through, decimals),
            "-" if channel.share is None else _share(channel.share),
        )
        for number, channel in enumerate(result.channels, start=1)
    ]
    headers = ("#", "Fluorochrome", "Detector", "Laser", "Signal", "Bleed", "Share")
    return table(headers, rows, "rlLrRRR", width) if rows else ""


def _light(result: ReporterResult, width: int) -> str:
    """Return a row for each dye and a column for each detector, in as many tables as the width asks for."""
    if not result.signals:
        return ""
    numbers = [str(number) for number in range(1, len(result.channels) + 1)]
    decimals = _decimals(result)
    cells = [[_amount(value, decimals) for value in row] for row in result.signals]
    room = width - len("Dye")
    side = max(1, room // (GAP + max(len(cell) for row in cells for cell in row)))
    tables = [
        table(
            ("Dye", *numbers[first : first + side]),
            [(number, *row[first : first + side]) for number, row in zip(numbers, cells, strict=True)],
            "R" * (side + 1),
            width,
        )
        for first in range(0, len(numbers), side)
    ]
    return "\n\n".join(tables)


def _decimals(result: ReporterResult) -> int:
    """Return the decimals that show the brightest light to four digits."""
    brightest = max((value for row in result.signals for value in row), default=0.0)
    return max(0, 3 - math.floor(math.log10(brightest))) if brightest > 0 else 0


def _amount(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}" if value else "0"


def _share(share: float) -> str:
    """Return bleed-through by signal as a percentage."""
    if share < 0.0001:
        return "<0.01 %" if share else "0 %"
    return f"{100 * share:.{2 if share < 0.01 else 1 if share < 1 else 0}f} %"


def _proof(result: ReporterResult, width: int) -> str:
    if not result.channels:
        return ""
    rows = [
        (title, *(_value(levels, name) for levels in (result.value, result.bound, result.gap)))
        for name, title in _LEVELS.items()
    ]
    notes = "Each bound holds among choices with the same values in the lines above."
    if not result.unique:
        notes += " Another seed may give another choice of equal worth."
    if result.interrupted:
        notes += " The search was interrupted."
    return table(("Level", "Value", "Bound", "Gap"), rows, "lRRR", width) + "\n" + wrapped(notes, width=width)


def _value(levels: ReporterLevels, name: str) -> str:
    value = getattr(levels, name)
    return "-" if value is None else f"{value:.5g}"
