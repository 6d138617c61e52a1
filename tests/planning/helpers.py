"""A judged panel on the small problem of the builders."""

from __future__ import annotations

from typing import Any

import numpy as np

from panelopt.domain.problem_record import Problem
from panelopt.instance.arrays import FloatArray, Instance, SlotIndex
from panelopt.instance.compile import compile_instance
from panelopt.planning.tube import Tube, TubeGate
from panelopt.scoring import PanelScore, score_panel
from panelopt.scoring.claims import SIDES
from tests import builders

STAINS = {"CD271": "PE", "CD146": "BV421", "CD45": "FITC", "CD31": "PE-Cy7"}


def compiled(problem: Problem) -> Instance:
    return compile_instance(
        problem,
        builders.cytometer(),
        [builders.catalog()],
        builders.fluorochromes(),
        builders.autofluorescence(),
    ).instance


def judged(problem: Problem | None = None) -> tuple[Instance, PanelScore]:
    instance = compiled(problem or builders.problem())
    slots = [
        SlotIndex(
            (instance.marker.index(marker),),
            instance.dye.index(dye),
            int(np.argmax(instance.signal[:, instance.dye.index(dye)])),
        )
        for marker, dye in STAINS.items()
    ]
    score = score_panel(instance, slots)
    assert score is not None
    return instance, score


def sample(**changes: Any) -> dict[str, Any]:
    return {"cells": 1e6, "dead_fraction": 0.0, "doublet_fraction": 0.05, **changes}


def gate(slot: int, passing: list[float], side: str = "above", kind: str = "marker", **changes: Any) -> TubeGate:
    values: dict[str, Any] = {"low": 1.0, "high": None, "kept": 0.98, "passing": np.array(passing)}
    return TubeGate(slot=slot, side=SIDES.index(side), kind=kind, **(values | changes))  # type: ignore[arg-type]


def tube(*gates: TubeGate, contaminants: int = 2, name: str = "wanted", **changes: float) -> Tube:
    others = tuple(range(1, contaminants + 1))
    rest = {"delta": 0.005, "leak_total": 0.0, **changes}
    return Tube(name=name, target=0, contaminants=others, gates=gates, **rest)


def shares(*values: float) -> FloatArray:
    return np.array(values)
