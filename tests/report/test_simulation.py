"""The report of a simulation: what it names, and names that try to steer the terminal."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from panelopt.domain.simulation_result import Simulation
from panelopt.report.safe_text import plain
from panelopt.report.simulation_text import simulation_text
from tests.strategies import hostile_texts


def simulation(name: str = "MSC", **changes: Any) -> Simulation:
    data: dict[str, Any] = {
        "panelopt_version": "0.1.0",
        "problem": "tiny",
        "cytometer": "tiny-sorter",
        "seed": 7,
        "files": [
            {"path": "out/sample.fcs", "kind": "sample", "events": 1000},
            {"path": "out/fmo-PE.fcs", "kind": "fmo", "fluorochrome": name, "events": 200},
        ],
        "gates": "gates.xml",
        "doublets": 51,
        "populations": [{"code": 1, "name": name, "single_cells": 0}],
        "targets": [
            {
                "name": name, "gate": "MSC", "events": 0, "target_events": 0, "purity": None, "yield": None,
                "predicted_purity": 0.9912, "predicted_yield": 0.94,
            }
        ],
    }  # fmt: skip
    return Simulation.model_validate(data | changes)


def test_everything_is_shown() -> None:
    text = simulation_text(simulation())
    for shown in ("seed 7", "out/sample.fcs", "FMO", "1,000", "MSC", "51 events", "99.12", "94.0", "gates.xml"):
        assert shown in text
    assert "Gating-ML" not in simulation_text(simulation(gates=None))


@given(hostile_texts)
def test_names_cannot_steer_the_terminal(name: str) -> None:
    text = simulation_text(simulation(name, gates=f"{name}.xml"))
    assert all(plain(line) == line for line in text.split("\n"))
