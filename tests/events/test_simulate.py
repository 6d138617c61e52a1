"""Simulated files: the same for the same seed, readable by others, and gated by others as by panelopt itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from defusedxml import ElementTree

from panelopt import api
from panelopt.domain.simulation_result import Simulation
from panelopt.errors import InfeasibleError, InputError, PaneloptError, UsageError
from panelopt.events.simulation_run import SimulateOptions
from panelopt.io.fcs import FcsFile, read_fcs
from panelopt.io.gating_ml import GATING, TRANSFORMS
from panelopt.io.panel_csv import PanelRow
from tests import builders
from tests.planning.helpers import STAINS

ROWS = tuple(PanelRow(marker, dye) for marker, dye in STAINS.items())
SPACES = {"g": GATING, "t": TRANSFORMS, "d": "http://www.isac-net.org/std/Gating-ML/v2.0/datatypes"}
EVENTS = 20_000

each_kind = pytest.mark.parametrize("unmixing", ["compensation", "spectral"])


def question(unmixing: str = "compensation", **changes: Any) -> api.Question:
    sample = {"dead_fraction": 0.05, "doublet_fraction": 0.06}
    return api.Question(
        builders.problem(**{"sample": sample, **changes}),
        builders.cytometer(unmixing=unmixing),
        (builders.catalog(),),
        builders.fluorochromes(),
        builders.autofluorescence(),
    )


def question_with_live_gate(unmixing: str) -> api.Question:
    """The question with a viability dye, the one with its emission peak at 605 nm."""
    dyes = tuple(
        dye.model_copy(update={"use": "live_viability" if dye.name == "BV605" else dye.use})
        for dye in builders.fluorochromes()
    )
    marker = [*({"name": name} for name in builders.MARKERS), {"name": "viability", "role": "viability"}]
    catalog = builders.catalog((*builders.MARKERS, "viability"))
    asked = question(unmixing, marker=marker, sample={"dead_fraction": 0.3, "doublet_fraction": 0.06})
    return replace(asked, catalogs=(catalog,), fluorochromes=dyes)


def simulated(place: Path, unmixing: str = "compensation", **asked: Any) -> Simulation:
    options = SimulateOptions(**{"events": EVENTS, "control_events": 500, "seed": 4, **asked})
    return api.simulate(question(unmixing), ROWS, place, options)


def column(file: FcsFile, name: str) -> np.ndarray:
    return np.asarray(file.events[:, file.channels.index(name)])


def counted(fcs: Path, gates: Path) -> dict[str, int]:
    """Count events by gate from the two files alone, as the standard says; written without panelopt's own gating."""
    file, root = read_fcs(fcs), ElementTree.parse(gates).getroot()
    values = {name: column(file, name) for name in file.channels}
    if (matrix := root.find("t:spectrumMatrix", SPACES)) is not None:
        lists = [matrix.findall(f"t:{kind}/d:fcs-dimension", SPACES) for kind in ("fluorochromes", "detectors")]
        dyes, detectors = ([entry.get(f"{{{SPACES['d']}}}name") for entry in found] for found in lists)
        spill = [
            [float(cell.get(f"{{{TRANSFORMS}}}value")) for cell in row] for row in matrix.findall("t:spectrum", SPACES)
        ]
        recorded = np.column_stack([values[name] for name in detectors])
        values |= dict(zip(dyes, (recorded @ np.linalg.inv(np.array(spill))).T, strict=True))
    inside: dict[str, np.ndarray] = {"": np.ones(len(file.events), dtype=bool)}
    for gate in root.findall("g:RectangleGate", SPACES):
        found = inside[gate.get(f"{{{GATING}}}parent_id", "")].copy()
        for dimension in gate.findall("g:dimension", SPACES):
            shown = values[dimension[0].get(f"{{{SPACES['d']}}}name")]
            found &= shown >= float(dimension.get(f"{{{GATING}}}min", "-inf"))
            found &= shown < float(dimension.get(f"{{{GATING}}}max", "inf"))
        inside[gate.get(f"{{{GATING}}}id")] = found
    return {name: int(found.sum()) for name, found in inside.items()}


@each_kind
def test_gates_count_the_same_events_from_the_files_alone(tmp_path: Path, unmixing: str) -> None:
    found = simulated(tmp_path / "s.fcs", unmixing, gates=tmp_path / "g.xml", controls=False)
    counts = counted(tmp_path / "s.fcs", tmp_path / "g.xml")
    assert {target.gate: target.events for target in found.targets}.items() <= counts.items()
    assert all(target.events > 50 for target in found.targets)


@each_kind
def test_the_live_gate_keeps_dead_targets_out(tmp_path: Path, unmixing: str) -> None:
    asked = question_with_live_gate(unmixing)
    options = SimulateOptions(events=EVENTS, seed=2, controls=False, gates=tmp_path / "g.xml")
    few = [row for row in ROWS if row.marker in ("CD271", "CD146")]
    without = api.simulate(asked, few, tmp_path / "w.fcs", options)
    found = api.simulate(asked, [*few, PanelRow("viability", "BV605")], tmp_path / "s.fcs", options)
    counts = counted(tmp_path / "s.fcs", tmp_path / "g.xml")
    assert {target.gate: target.events for target in found.targets}.items() <= counts.items()
    channel = "Comp-V610" if unmixing == "compensation" else "BV605 unmixed"
    for gate in ElementTree.parse(tmp_path / "g.xml").getroot().findall("g:RectangleGate", SPACES)[1:]:
        (edge,) = (d for d in gate.findall("g:dimension", SPACES) if d[0].get(f"{{{SPACES['d']}}}name") == channel)
        assert set(edge.attrib) & {f"{{{GATING}}}min", f"{{{GATING}}}max"} == {f"{{{GATING}}}max"}
    dirty, clean = without.targets[0], found.targets[0]
    assert dirty.purity is not None
    assert clean.purity is not None
    assert dirty.purity < 0.75  # 30 % of the target's cells are dead, and carry what the gates ask for
    assert clean.purity > 0.95
    assert clean.gate_yield == pytest.approx(clean.predicted_yield, abs=0.05)
    file = read_fcs(tmp_path / "s.fcs")
    assert any(label == "viability BV605" for label in file.labels)


@each_kind
def test_the_truth_in_the_file_is_what_is_reported(tmp_path: Path, unmixing: str) -> None:
    found = simulated(tmp_path / "s.fcs", unmixing, controls=False)
    file = read_fcs(tmp_path / "s.fcs")
    population, partner = column(file, "population"), column(file, "partner")
    assert len(population) == EVENTS
    assert np.array_equal(column(file, "is_doublet"), partner > 0)
    names = {entry.code: entry.name for entry in found.populations}
    assert {int(code): file.keywords[f"population_{code}"] for code in names} == names
    dead = [code for code, name in names.items() if name in ("dead msc-pos", "dead msc-neg", "dead")]
    assert len(dead) == 3
    assert np.array_equal(column(file, "is_dead"), np.isin(population, dead) | np.isin(partner, dead))
    for entry in found.populations:
        assert entry.single_cells == ((population == entry.code) & (partner == 0)).sum()
    assert found.doublets == (partner > 0).sum()


def test_yield_is_near_the_prediction(tmp_path: Path) -> None:
    common = [
        p.model_dump() | {"frequency": share}
        for p, share in zip(builders.problem().population, (0.3, 0.3, 0.2, 0.2), strict=True)
    ]
    asked = SimulateOptions(events=EVENTS, seed=1, controls=False)
    found = api.simulate(question(population=common), ROWS, tmp_path / "s.fcs", asked)
    for target in found.targets:
        assert target.gate_yield == pytest.approx(target.predicted_yield, abs=0.02)
        assert target.purity == pytest.approx(target.predicted_purity, abs=0.02)
    assert [remark.code for remark in found.warnings] == ["no-viability"]


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    for folder, seed in (("a", 4), ("b", 4), ("c", 5)):
        simulated(tmp_path / folder, seed=seed, gates=tmp_path / f"{folder}.xml", events=3000)
    files = {folder: {p.name: p.read_bytes() for p in (tmp_path / folder).iterdir()} for folder in "abc"}
    assert files["a"] == files["b"]
    assert files["a"].keys() == files["c"].keys()
    assert all(files["a"][name] != files["c"][name] for name in files["a"])
    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "c.xml").read_bytes()
    assert read_fcs(tmp_path / "a" / "sample.fcs").keywords["date"] == "01-JAN-1970"


def test_controls_are_named_and_stained_as_they_say(tmp_path: Path) -> None:
    found = simulated(tmp_path / "s.fcs", events=2000)
    names = {Path(file.path).name: file for file in found.files}
    dyes = STAINS.values()
    assert set(names) == {
        "s.fcs",
        "s-unstained.fcs",
        *(f"s-{kind}-{dye}.fcs" for dye in dyes for kind in ("single-stain", "fmo")),
    }
    sample, single = read_fcs(tmp_path / "s.fcs"), read_fcs(tmp_path / "s-single-stain-PE.fcs")
    assert sample.channels == single.channels
    assert sorted(filter(None, sample.labels)) == sorted(f"{marker} {dye}" for marker, dye in STAINS.items())
    assert [label for label in single.labels if label] == ["CD271 PE"]
    without, unstained = read_fcs(tmp_path / "s-fmo-FITC.fcs"), read_fcs(tmp_path / "s-unstained.fcs")
    assert not any("FITC" in label for label in without.labels)
    assert not any(unstained.labels)
    # CD45 is bright on nearly every cell: its detector is dark where FITC is missing
    assert np.median(column(sample, "B530")) > 5 * np.median(column(without, "B530"))
    assert np.median(column(unstained, "B530")) == pytest.approx(np.median(column(without, "B530")), rel=0.3)


def test_spillover_is_that_of_the_single_stains(tmp_path: Path) -> None:
    simulated(tmp_path / "s.fcs", events=10, control_events=20_000)
    text = read_fcs(tmp_path / "s.fcs").keywords["spillover"].split(",")
    count = int(text[0])
    names, values = text[1 : count + 1], np.array(text[count + 1 :], dtype=float).reshape(count, count)
    assert np.diagonal(values).tolist() == [1.0] * count
    stained, unstained = read_fcs(tmp_path / "s-single-stain-FITC.fcs"), read_fcs(tmp_path / "s-unstained.fcs")
    light = np.array([column(stained, name).mean() - column(unstained, name).mean() for name in names])
    assert light / light.max() == pytest.approx(values[names.index("B530")], abs=0.02)


def test_spectral_files_hold_all_detectors_and_unmixed_channels(tmp_path: Path) -> None:
    with_channels = simulated(tmp_path / "a.fcs", "spectral", controls=False, events=2000)
    without = simulated(tmp_path / "b.fcs", "spectral", controls=False, events=2000, unmixed=False)
    assert without.targets == with_channels.targets
    full, raw = read_fcs(tmp_path / "a.fcs"), read_fcs(tmp_path / "b.fcs")
    assert set(full.channels) - set(raw.channels) == {f"{dye} unmixed" for dye in STAINS.values()}
    assert np.array_equal(column(full, "B575"), column(raw, "B575"))
    assert {detector.name for detector in builders.cytometer().detector} <= set(raw.channels)
    labelled = {name: label for name, label in zip(raw.channels, raw.labels, strict=True) if label}
    assert labelled["B575"] == "CD271 PE"
    assert sorted("; ".join(labelled.values()).split("; ")) == sorted(f"{m} {dye}" for m, dye in STAINS.items())
    assert "spillover" not in full.keywords
    rows, columns, *rest = full.keywords["panelopt_signatures"].split(",")
    names, values = rest[: int(rows) + int(columns)], np.array(rest[int(rows) + int(columns) :], dtype=float)
    signatures = values.reshape(int(rows), int(columns))
    recorded = np.column_stack([column(full, name) for name in names[int(rows) :]])
    unmixed = recorded @ np.linalg.pinv(signatures)
    for place, dye in enumerate(names[: int(rows) - 1]):
        shown = column(full, f"{dye} unmixed")
        assert unmixed[:, place] == pytest.approx(shown, rel=1e-3, abs=1e-3 * np.abs(shown).max())


def test_one_dye_needs_no_compensation(tmp_path: Path) -> None:
    options = SimulateOptions(events=2000, seed=0, controls=False, gates=tmp_path / "g.xml")
    found = api.simulate(question(), [PanelRow("CD271", "PE")], tmp_path / "s.fcs", options)
    counts = counted(tmp_path / "s.fcs", tmp_path / "g.xml")
    assert {target.gate: target.events for target in found.targets}.items() <= counts.items()
    assert "spillover" not in read_fcs(tmp_path / "s.fcs").keywords


def test_rare_targets_and_missing_shares_are_remarked(tmp_path: Path) -> None:
    few = [
        p.model_dump() | {"frequency": share}
        for p, share in zip(builders.problem().population, (1e-5, 0.2, 0.3, 0.2), strict=True)
    ]
    options = SimulateOptions(events=1000, seed=0, controls=False)
    found = api.simulate(question(population=few, sample={}), ROWS, tmp_path / "s.fcs", options)
    assert {remark.code for remark in found.warnings} == {"unlisted-events", "few-target-cells"}
    assert any("Ask for more events" in remark.text for remark in found.warnings)


class TestRefusals:
    def refused(self, kind: type[PaneloptError], place: Path, text: str, rows: Any = ROWS, **asked: Any) -> None:
        before = sorted(place.parent.iterdir()) if place.parent.exists() else None
        unmixing = asked.pop("unmixing", "compensation")
        with pytest.raises(kind, match=text):
            api.simulate(question(unmixing), rows, place, SimulateOptions(**{"events": 10, "seed": 0, **asked}))
        assert before is None or sorted(place.parent.iterdir()) == before

    def test_panel_that_breaks_a_rule(self, tmp_path: Path) -> None:
        rows = [PanelRow("CD271", "PE"), PanelRow("CD146", "PE")]
        self.refused(InfeasibleError, tmp_path / "s.fcs", "only markers of the role dump may share", rows)

    def test_unknown_names(self, tmp_path: Path) -> None:
        self.refused(InputError, tmp_path / "s.fcs", "CD999", [PanelRow("CD999", "PE")])

    @pytest.mark.parametrize("name", ["events", "control_events"])
    @pytest.mark.parametrize("count", [0, -5])
    def test_numbers_of_events(self, tmp_path: Path, name: str, count: int) -> None:
        self.refused(UsageError, tmp_path / "s.fcs", "at least 1", **{name: count})

    @pytest.mark.parametrize("place", ["s.fcs", "folder"])
    def test_too_many_events(self, tmp_path: Path, place: str) -> None:
        self.refused(PaneloptError, tmp_path / place, "more than 2,000,000,000", events=10**9)

    def test_places(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
        self.refused(PaneloptError, tmp_path / "none" / "s.fcs" / "t.fcs", "does not exist")
        self.refused(PaneloptError, tmp_path / "notes.txt", "neither")
        self.refused(PaneloptError, tmp_path / "s.fcs", "does not exist", gates=tmp_path / "none" / "g.xml")
        self.refused(UsageError, tmp_path / "s.fcs", "both", gates=tmp_path / "s.fcs")
        assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"

    def test_spectral_gates_without_their_channels(self, tmp_path: Path) -> None:
        asked = {"unmixing": "spectral", "unmixed": False, "gates": tmp_path / "g.xml"}
        self.refused(UsageError, tmp_path / "s.fcs", "unmixed", **asked)

    def test_marker_list(self, tmp_path: Path) -> None:
        listed = api.Question(
            builders.marker_list(),
            builders.cytometer(),
            (builders.catalog(),),
            builders.fluorochromes(),
            builders.autofluorescence(),
        )
        with pytest.raises(InputError, match="no populations"):
            api.simulate(listed, ROWS, tmp_path / "s.fcs")

    def test_wrong_correlation(self, tmp_path: Path) -> None:
        self.refused(PaneloptError, tmp_path / "s.fcs", "correlation", correlation=np.eye(2))


@pytest.mark.slow
@each_kind
def test_flowkit_counts_the_same_events(tmp_path: Path, unmixing: str) -> None:
    flowkit = pytest.importorskip("flowkit", reason="needs the extra `check`")
    found = simulated(tmp_path / "s.fcs", unmixing, gates=tmp_path / "g.xml", controls=False, events=100_000)
    strategy = flowkit.parse_gating_xml(str(tmp_path / "g.xml"))
    report = strategy.gate_sample(flowkit.Sample(str(tmp_path / "s.fcs"))).report
    counts = dict(zip(report["gate_name"], report["count"], strict=True))
    assert {target.gate: target.events for target in found.targets}.items() <= counts.items()
