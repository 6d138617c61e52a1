"""Gating-ML documents: what is in them, and names that try to break out."""

from __future__ import annotations

import re

import numpy as np
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from panelopt.io.gating_ml import (
    DATA_TYPE,
    GATING,
    MATRIX_ID,
    TRANSFORMS,
    Compensation,
    Edge,
    Rectangle,
    gate_ids,
    gating_ml,
)
from tests.strategies import hostile_texts

SPACES = {"g": GATING, "t": TRANSFORMS, "d": DATA_TYPE}
MATRIX = Compensation(("Comp-A", "Comp-B"), ("A", "B"), np.array([[1.0, 0.1], [0.02, 1.0]]))


def test_gates_and_matrix() -> None:
    gates = [
        Rectangle("Singlets", (Edge("FSC-W", -np.inf, 65000.0),)),
        Rectangle("MSC", (Edge("Comp-A", 0.1, np.inf, True), Edge("B", -3.5, 1e9)), parent="Singlets", note="a < b"),
    ]
    root = ElementTree.fromstring(gating_ml(gates, MATRIX))
    assert root.tag == f"{{{GATING}}}Gating-ML"
    first, second = root.findall("g:RectangleGate", SPACES)
    assert first.get(f"{{{GATING}}}parent_id") is None
    assert second.get(f"{{{GATING}}}parent_id") == "Singlets"
    assert second.findtext("d:custom_info", namespaces=SPACES) == "a < b"
    edges = [
        tuple(dimension.get(f"{{{GATING}}}{name}") for name in ("compensation-ref", "min", "max"))
        for dimension in [*first.findall("g:dimension", SPACES), *second.findall("g:dimension", SPACES)]
    ]
    assert edges == [
        ("uncompensated", None, "65000.0"),
        (MATRIX_ID, "0.1", None),
        ("uncompensated", "-3.5", "1000000000.0"),
    ]
    values = [
        [float(cell.get(f"{{{TRANSFORMS}}}value")) for cell in row.findall("t:coefficient", SPACES)]
        for row in root.findall("t:spectrumMatrix/t:spectrum", SPACES)
    ]
    assert values == MATRIX.values.tolist()


@given(hostile_texts, hostile_texts)
def test_names_cannot_break_the_document(name: str, note: str) -> None:
    (gate,) = gate_ids([name])
    document = gating_ml([Rectangle(gate, (Edge(f'<{name}&"', 0.0, 1.0),), note=note)])
    (found,) = ElementTree.fromstring(document).findall("g:RectangleGate", SPACES)
    assert len(found.findall("g:dimension", SPACES)) == 1


@given(st.lists(hostile_texts, max_size=8))
def test_ids_are_xml_names_and_differ(names: list[str]) -> None:
    found = gate_ids([*names, *names])
    assert len(set(found)) == 2 * len(names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) for name in found)
