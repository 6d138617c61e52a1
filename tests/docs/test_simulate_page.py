"""The page on simulated events names every field, parameter and file."""

from __future__ import annotations

from panelopt.domain.simulation_result import SimulatedFile, SimulatedPopulation, SimulatedTarget, Simulation
from panelopt.events.recording import TIME, TRUTH
from panelopt.simulation.scatter import SCATTER
from tests.docs import pages

PAGE = pages.ROOT / "docs" / "simulate.md"


def test_every_field_of_the_report_is_described() -> None:
    assert pages.table_names(PAGE, "Report") == set(Simulation.model_fields)
    text = PAGE.read_text(encoding="utf-8").split("## Report")[1]
    for record in (SimulatedFile, SimulatedPopulation, SimulatedTarget):
        for name, field in record.model_fields.items():
            assert f"`{field.serialization_alias or name}`" in text


def test_every_parameter_is_described() -> None:
    assert {TIME, *SCATTER, *TRUTH} <= pages.table_names(PAGE, "Files")
