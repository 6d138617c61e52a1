"""Nozzles of a cytometer, from their tables or from sizes and a drop rate."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from panelopt.domain.cytometer_record import Nozzle
from panelopt.io.cytometer_files import cytometer_toml, read_cytometer
from tests import builders

WIDE = {"size_um": 130, "drop_rate_hz": 12_000}
NARROW = {"size_um": 70, "pressure_psi": 70, "drop_rate_hz": 87_000, "source": "sheet"}


def test_sizes_and_a_drop_rate_become_nozzles() -> None:
    cytometer = builders.cytometer(nozzle_um=(100, 70), drop_rate_hz=30_000)
    assert cytometer.nozzles == (Nozzle(size_um=70), Nozzle(size_um=100, drop_rate_hz=30_000))
    assert cytometer.usual_nozzle == cytometer.nozzles[1]


def test_tables_say_sizes_and_the_usual_drop_rate() -> None:
    cytometer = builders.cytometer(nozzle=[WIDE, NARROW])
    assert [row.size_um for row in cytometer.nozzles] == [70, 130]
    assert (cytometer.nozzle_um, cytometer.drop_rate_hz) == ((130, 70), 87_000)  # as near to 100: the narrower


def test_file_names_the_usual_nozzle() -> None:
    cytometer = builders.cytometer(nozzle=[WIDE, NARROW], default_nozzle_um=130)
    assert cytometer.usual_nozzle == Nozzle(**WIDE)
    assert cytometer.drop_rate_hz == 12_000


def test_both_forms_complete_each_other() -> None:
    cytometer = builders.cytometer(nozzle=[{"size_um": 100}, NARROW], nozzle_um=(70, 100), drop_rate_hz=30_000)
    assert cytometer.nozzles[1] == Nozzle(size_um=100, drop_rate_hz=30_000)


def test_no_nozzle() -> None:
    cytometer = builders.cytometer(drop_rate_hz=30_000)
    assert (cytometer.nozzles, cytometer.usual_nozzle, cytometer.drop_rate_hz) == ((), None, 30_000)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"nozzle": [WIDE, NARROW], "nozzle_um": [70, 100]}, "list different sizes"),
        ({"nozzle": [WIDE], "drop_rate_hz": 30_000}, "the usual nozzle, 130 um, has 12000"),
        ({"nozzle": [WIDE, WIDE]}, "130 um is listed twice"),
        ({"nozzle_um": [70, 70]}, "70 um is listed twice"),
        ({"nozzle": [WIDE], "default_nozzle_um": 100}, "not one of the nozzles"),
        ({"default_nozzle_um": 100}, "not one of the nozzles"),
        ({"nozzle": [{"size_um": 0.1}]}, "from 10 to 1000"),
        ({"nozzle": [WIDE | {"pressure_psi": 0}]}, "greater than 0"),
        ({"sort_modes": {"enrich": "Enrich"}}, "'purity', 'yield' or 'single'"),
    ],
)
def test_contradictions_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        builders.cytometer(**wrong)


@pytest.mark.parametrize(
    ("changes", "form"),
    [
        ({"nozzle": [NARROW, WIDE], "sort_modes": {"purity": "4-Way Purity"}}, "[[nozzle]]\nsize_um = 70\npressure"),
        ({"nozzle_um": (70, 100), "drop_rate_hz": 30_000}, "nozzle_um = [70, 100]\ndrop_rate_hz = 30_000"),
        ({"nozzle": [NARROW | {"source": "", "pressure_psi": None}]}, "nozzle_um = [70]\ndrop_rate_hz = 87_000"),
        ({"nozzle": [WIDE, {"size_um": 100}]}, "[[nozzle]]\nsize_um = 130\ndrop_rate_hz = 12_000\n\n[[nozzle]]"),
        ({"drop_rate_hz": 30_000}, "drop_rate_hz = 30_000"),
    ],
)
def test_files_take_the_short_form_where_it_says_all(tmp_path: Any, changes: dict[str, Any], form: str) -> None:
    cytometer = builders.cytometer(**changes)
    text = cytometer_toml(cytometer)
    assert form in text
    assert ("[[nozzle]]" in text) != ("nozzle_um" in text or "drop_rate_hz = 30_000" in text)
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    assert read_cytometer(path) == cytometer
