"""Plots of gates: cells, gates and ticks on one scale, names and percentages above, both layers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from panelopt.report.content import Cloud, GateAxis, GatePlot, Passage, TargetPlots
from panelopt.report.gate_drawing import colour_names, gate_drawings
from panelopt.report.palette import SERIES, crowded
from tests.report.svg import ET, SVG, dots, marks, parsed, texts, told

LEFT, SIZE = 52, 250


def cloud(name: str, x: list[float], y: list[float], inside: int) -> Cloud:
    return Cloud(name, 9, np.array(x), np.array(y), inside)


def target(low: float | None, high: float | None, *, sample: bool = False) -> TargetPlots:
    clouds = (cloud("a", [10.0, 2000.0], [0.0, 50.0], 1), cloud("b", [30_000.0], [9000.0], 0), cloud("c", [], [], 0))
    axes = (GateAxis("CD1 PE", 100, low, high, True), GateAxis("CD2 FITC", 100, None, None, False))
    passage = Passage(0.0123, 0.97, 0.456)
    plot = GatePlot("CD1+", *axes, clouds, clouds[1:] if sample else (), passage if sample else None)
    return TargetPlots("tube", "a", (plot,), ("b",))


def layers(tree: ET.Element) -> dict[str, ET.Element]:
    return {group.get("class", ""): group for group in tree.findall(f"{SVG}g")}


def test_cells_and_gates_are_drawn_to_one_scale() -> None:
    (drawing,) = gate_drawings(target(1000.0, None))
    tree = parsed(drawing)
    (gate,) = marks(tree, "gate")
    left, right = float(gate.get("x", "")), float(gate.get("x", "")) + float(gate.get("width", ""))
    cells = {told(group).split(":")[0]: group for group in marks(tree, "dots")}
    assert set(cells) == {"a", "b"}
    places = sorted(x for x, _ in dots(cells["a"]))
    assert places[0] < left < places[1] < right == pytest.approx(LEFT + SIZE)
    # the inverse hyperbolic sine of the number over the unit of the axis
    ends = [math.asinh(v / 100) for v in (10, 1000, 2000)]
    share = (left - places[0]) / (places[1] - places[0])
    assert share == pytest.approx((ends[1] - ends[0]) / (ends[2] - ends[0]), abs=0.01)
    assert "1 of 2 cells are inside these gates (2 of 9 drawn" in told(cells["a"])


@pytest.mark.parametrize(("low", "high", "words"), [(None, 500.0, "up to 500"), (5.0, 500.0, "from 5 up to 500")])
def test_gates_say_their_thresholds(low: float | None, high: float | None, words: str) -> None:
    (drawing,) = gate_drawings(target(low, high))
    (gate,) = marks(parsed(drawing), "gate")
    assert told(gate) == f"Gate CD1+: CD1 PE {words} antibodies"


def test_gates_have_a_name_and_say_what_passes() -> None:
    words = texts(parsed(gate_drawings(target(1000.0, None, sample=True))[0]))
    assert words[:3] == ["CD1+", "1.2 % of the cells that reach it", "keeps 97.0 % of T; purity then 45.6 %"]


def test_the_sample_is_a_layer_that_is_hidden_at_first() -> None:
    found = layers(parsed(gate_drawings(target(1000.0, None, sample=True))[0]))
    assert list(found) == ["even", "sample"]
    assert found["even"].get("display") == "inline"
    assert found["sample"].get("display") == "none"
    shown = [[told(group).split(":")[0] for group in marks(found[layer], "dots")] for layer in found]
    assert shown == [["b", "a"], ["b"]]
    assert list(layers(parsed(gate_drawings(target(1000.0, None))[0]))) == ["even"]


def test_crowded_cells_are_darker() -> None:
    random = np.random.default_rng(3)
    lone, dense = random.uniform(0, 1e5, 60), random.normal(5e4, 500, 300)
    values = np.concatenate([lone, dense])
    axis = GateAxis("FSC-A", None, 2e4, None, True)
    clouds = (Cloud("a", 360, values, values, 300),)
    (drawing,) = gate_drawings(TargetPlots("tube", "a", (GatePlot("cells", axis, axis, clouds),), ()))
    (group,) = marks(parsed(drawing), "dots")
    levels = {path.get("class"): path for path in group.iter(f"{SVG}path")}
    assert [levels[f"d{level}"].get("stroke") for level in (0, 2)] == [crowded(SERIES[0], level) for level in (0, 2)]
    middle = np.median([x for x, _ in dots(levels["d2"])])
    assert all(abs(x - middle) < 25 for x, _ in dots(levels["d2"]))
    assert len(dots(levels["d0"])) > 30


def test_the_wanted_population_has_its_own_colour() -> None:
    assert colour_names(target(None, 1.0)) == [(0, "T", "a"), (1, "1", "b")]


def ticks(unit: float | None) -> list[float]:
    clouds = (cloud("a", [0.0, 1e6], [0.0, 20.0], 0),)
    axis = GateAxis("CD1 PE", unit, 10.0, None, True)
    (drawing,) = gate_drawings(TargetPlots("tube", "a", (GatePlot("CD1+", axis, axis, clouds),), ()))
    found = [e for e in parsed(drawing).iter(f"{SVG}text") if (e.text or "").strip("k")[:1].isdigit()]
    return sorted(float(e.get("x", "")) for e in found if e.get("text-anchor") == "middle")


@pytest.mark.parametrize("unit", [10.0, 100.0, 3162.0, 1e5, None])
def test_labels_of_an_axis_do_not_touch(unit: float | None) -> None:
    across = ticks(unit)
    assert len(across) >= 2
    assert all(b - a >= 20 for a, b in itertools.pairwise(across))
