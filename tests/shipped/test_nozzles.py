"""Nozzles of the shipped sorters: sourced, plausible, as documented, and what the model values rest on."""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np
import pytest

from panelopt.domain.cytometer_record import Cytometer, Nozzle
from panelopt.io.cytometer_files import read_cytometer
from panelopt.registry.data_places import CATALOG_DATA, data_folder
from panelopt.sorting import nozzles

DOCS = Path(__file__).parents[2] / "docs" / "cytometers.md"
SORTERS = [
    cytometer
    for path in sorted(data_folder(CATALOG_DATA, "cytometers").glob("*.toml"))
    if (cytometer := read_cytometer(path)).sorter
]
KNOWN = [sorter for sorter in SORTERS if sorter.nozzle]
ROWS = {(row.size_um, row.drop_rate_hz, row.max_event_rate_hz, row.drop_volume_nl) for s in KNOWN for row in s.nozzle}
"""Rows that differ: files of one model share theirs, which count once."""

each_known = pytest.mark.parametrize("sorter", KNOWN, ids=lambda sorter: sorter.id)


def cells(row: Nozzle) -> tuple[str, ...]:
    numbers = (row.size_um, row.pressure_psi, row.drop_rate_hz, row.max_event_rate_hz, row.drop_volume_nl)
    return tuple("" if number is None else f"{number:,.10g}" for number in numbers)


def docs_lines(sorter: Cytometer) -> list[str]:
    return [f"| `{sorter.id}` | {' | '.join(cells(row))} | {row.source} |" for row in sorter.nozzles]


def test_most_sorters_state_their_nozzles() -> None:
    assert len(KNOWN) >= 8
    assert {s.id for s in SORTERS} - {s.id for s in KNOWN} == {
        "bigfoot", "bigfoot-785", "bigfoot-7l", "facsjazz", "generic-3l", "generic-4l",
    }  # fmt: skip


@each_known
def test_every_row_names_its_source(sorter: Cytometer) -> None:
    assert all(row.source for row in sorter.nozzle)
    assert len(sorter.nozzle_source) >= 10
    assert bool(sorter.sort_modes) == bool(sorter.sort_modes_source)


@each_known
def test_numbers_follow_the_size(sorter: Cytometer) -> None:
    for name, falls in (("drop_rate_hz", True), ("max_event_rate_hz", True), ("drop_volume_nl", False)):
        stated = [value for row in sorter.nozzles if (value := getattr(row, name)) is not None]
        assert stated == sorted(set(stated), reverse=falls), name


@each_known
def test_numbers_are_physical(sorter: Cytometer) -> None:
    for row in sorter.nozzle:
        if row.drop_rate_hz and row.max_event_rate_hz:
            assert row.max_event_rate_hz < row.drop_rate_hz
        if row.drop_volume_nl:
            # a drop is longer and wider than the jet, a little narrower than the nozzle: 1.3 to 2.5 nozzles across
            across_um = (row.drop_volume_nl * 1e6 * 6 / np.pi) ** (1 / 3)
            assert 1.3 < across_um / row.size_um < 2.5
        if row.drop_rate_hz and row.drop_volume_nl and row.pressure_psi:
            # the jet carries the drops away: its speed through the nozzle stays below that of a flow without losses
            speed = row.drop_rate_hz * row.drop_volume_nl * 1e-12 / (np.pi / 4 * (row.size_um * 1e-6) ** 2)
            assert speed < np.sqrt(2 * row.pressure_psi * 6894.757 / 1000)


def test_documented() -> None:
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| name | um |"))
    table = lines[start + 2 : lines.index("", start)]
    assert table == [line for sorter in KNOWN for line in docs_lines(sorter)]


def test_model_drop_rate_is_the_line_through_the_stated_ones() -> None:
    points = sorted({(size, rate) for size, rate, _, _ in ROWS if rate})
    assert len(points) >= 5
    sizes, rates = np.array(points).T
    exponent, at_100 = np.polyfit(np.log(sizes / 100), np.log(rates), 1)
    assert round(float(exponent)) == nozzles.MODEL_DROP_RATE_EXPONENT
    assert round(float(np.exp(at_100)) / 500) * 500 == nozzles.MODEL_DROP_RATE_HZ
    for size, rate in points:
        assert nozzles.model_drop_rate_hz(size) == pytest.approx(rate, rel=0.25)


def test_model_drop_volume_is_the_median_of_the_stated_ones() -> None:
    at_100 = {volume / (size / 100) ** 3 for size, _, _, volume in ROWS if volume}
    assert round(statistics.median(at_100), 1) == nozzles.MODEL_DROP_VOLUME_NL


def test_model_event_rate_is_the_median_of_the_stated_ones() -> None:
    shares = {events / drops for _, drops, events, _ in ROWS if drops and events}
    assert round(statistics.median(shares) * 20) / 20 == nozzles.MODEL_EVENTS_A_DROP
