"""Levels of markers in labelled populations: antibodies where there is a calibration, words by rank elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panelopt.domain.calibration import Calibration, CalibrationChannel
from panelopt.domain.problem_record import Level, LevelWord
from panelopt.domain.reagents import VIABILITY_MARKER
from panelopt.errors import Finding
from panelopt.events.event_folder import Pooled
from panelopt.events.statistics import MAX_CV, antibodies, fit_lognormal, words_by_rank
from panelopt.io.channel_names import detector_name
from panelopt.registry.imports import dye_in
from panelopt.report.safe_text import plain

MAX_ANTIBODIES = 1e8
"""More antibodies on one cell are a mistake (model value: the surface of a large cell, one antibody for 100 nm2)."""

RANK_SOURCE = "model value of a level word, chosen by the rank of the population (no calibration)"


def lines_of(calibration: Calibration | None, pooled: Pooled) -> tuple[dict[str, CalibrationChannel], list[Finding]]:
    """Calibration line by marker: that of its fluorochrome, else that of its detector, column or marker."""
    if calibration is None:
        return {}, []
    lines = {}
    for marker, column in pooled.columns.items():
        dye = dye_in(column.title) or dye_in(column.name) or ""
        spellings = (column.name, detector_name(column.name), column.title, marker)
        found = (calibration.find(dye, text) for text in spellings if text)
        if (line := next((line for line in found if line is not None), None)) is not None:
            lines[marker] = line
    if lines or not pooled.columns:
        return lines, _impossible(pooled, lines)
    names = [line.detector or line.fluorochrome for line in calibration.channel]
    message = f"the calibration has no line for any column that was read; its lines are for {', '.join(names)}"
    return lines, [Finding("unknown-channel", message, hint="A line names the column, or the dye in its long name.")]


def _impossible(pooled: Pooled, lines: Mapping[str, CalibrationChannel]) -> list[Finding]:
    """Lines that turn signals of the files into more antibodies than a cell can carry."""
    findings = []
    for index, marker in enumerate(pooled.columns):
        highest = [float(np.median(events[:, index])) for events in pooled.events.values()]
        if marker in lines and highest:
            amount = float(antibodies(lines[marker], np.array([max(highest)]))[0])
            if not amount <= MAX_ANTIBODIES:
                message = (
                    f"the calibration makes a median of {amount:.3g} antibodies of {marker}, above {MAX_ANTIBODIES:g}"
                )
                hint = "Do its unit and the unit of the file agree? slope: units per antibody."
                findings.append(Finding("calibration", message, hint=hint))
    return findings


def levels_of(
    pooled: Pooled, lines: Mapping[str, CalibrationChannel], calibration: Calibration | None
) -> tuple[dict[str, dict[str, Level | LevelWord]], dict[str, dict[str, str]]]:
    """Levels and their sources by population and marker: antibodies where there is a line, words by rank elsewhere."""
    levels: dict[str, dict[str, Level | LevelWord]] = {name: {} for name in pooled.events}
    sources: dict[str, dict[str, str]] = {name: {} for name in pooled.events}
    for index, marker in enumerate(pooled.columns):
        if marker == VIABILITY_MARKER:
            continue  # the score says what live and dead cells take up
        if (line := lines.get(marker)) is not None:
            origin = plain(line.source or (calibration.source if calibration else "")) or "of unnamed source"
            for name in pooled.events:
                text = f"measured: {len(pooled.events[name])} events, {plain(pooled.columns[marker].name)}"
                levels[name][marker] = _level(pooled, name, index, line, f"{text}, calibration {origin}")
            continue
        words = words_by_rank([events[:, index] for events in pooled.events.values()])
        for name, word in zip(pooled.events, words, strict=True):
            if word is not None:
                levels[name][marker] = word
                sources[name][marker] = RANK_SOURCE
    return levels, sources


def _level(pooled: Pooled, name: str, index: int, line: CalibrationChannel, source: str) -> Level:
    """Antibodies of a population; of several files, the range of their medians."""
    fit = fit_lognormal(antibodies(line, pooled.events[name][:, index]))
    medians = [max(float(np.median(antibodies(line, part[:, index]))), 0.0) for part in pooled.samples[name]]
    ranged = len(medians) > 1
    return Level(
        abc=_rounded(fit.median),
        cv=_rounded(min(fit.cv, MAX_CV)),
        low=_rounded(min(*medians, fit.median)) if ranged else None,
        high=_rounded(max(*medians, fit.median)) if ranged else None,
        source=(source + ("; median not above zero" if fit.median == 0 else ""))[:2000],
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
