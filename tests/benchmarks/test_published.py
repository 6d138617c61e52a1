"""Published panels: their files are sound, the comparison admits what it says, and the page shows what was measured."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import published
from benchmarks.known import SLACK
from benchmarks.published import ALL, GIVEN, OWN, Published, comparison, published_panels, questions
from panelopt import registry
from panelopt.questions.question import Options, compiled

PANELS = published_panels()

each_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.id)


def _measured() -> list[dict[str, str]]:
    with published.ROWS.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@each_panel
def test_files_name_known_markers_dyes_and_instruments(panel: Published) -> None:
    for row in panel.rows:
        assert registry.marker_names().resolve(row.marker), row
        assert registry.fluorochrome_names().resolve(row.fluorochrome), row
    assert panel.cytometer in registry.cytometer_names()
    assert panel.source
    if not panel.instrument:
        assert "our choice" in panel.note
    if panel.problem:
        names = {population.name for population in registry.find_problem(panel.problem).problem.population}
        assert set(panel.ignored) <= names


@each_panel
def test_only_own_dyes_and_own_markers_are_admitted(panel: Published) -> None:
    asked = comparison(panel)
    given = {(row.marker, row.fluorochrome) for row in asked.rows}
    for question in (asked.own, asked.question):
        instance = compiled(question, Options()).instance
        pairs = {(instance.marker[m], instance.dye[f]) for m, f in zip(*instance.available.nonzero(), strict=True)}
        assert given <= pairs
        assert {dye for _, dye in pairs} == {dye for _, dye in given}
    forbidden = {marker.name for marker in asked.own.problem.marker if marker.role == "forbidden"}
    assert forbidden == {marker.name for marker in asked.own.problem.marker} - {marker for marker, _ in given}
    assert {row.marker for row in asked.rows}.isdisjoint(asked.left_out)
    assert len(asked.rows) + len(asked.left_out) == len(panel.rows)


def test_rows_are_complete_and_do_not_contradict_each_other() -> None:
    rows = {(row["panel"], row["question"]): row for row in _measured()}
    assert set(rows) == {(panel.id, question) for panel in PANELS for question in questions(panel)}
    for panel in PANELS:
        own = [rows[panel.id, question] for question in questions(panel)]
        # every row but the last admits what the one before it admits; the last admits more markers
        for index, row in enumerate(own[1:], start=1):
            for narrower in own[:index]:
                assert float(narrower["worst"]) <= float(row["bound_worst"]) + SLACK, (row, narrower)
            assert float(row["worst"]) <= float(row["bound_worst"]) + SLACK
            if row["question"] not in (OWN, ALL):
                assert int(row["changed"]) <= int(row["question"].split()[0])
        assert own[0]["question"] == GIVEN
        assert own[0]["changed"] == "0"


def test_page_shows_the_measured_rows() -> None:
    page = published.PAGE.read_text(encoding="utf-8")
    assert published.with_tables(page, _measured()) == page, "run: python benchmarks/published.py --report"


def test_program_measures_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.csv"
    arguments = ["--panel", "menstrual-positive", "--time-limit", "5", "--csv", str(path)]
    first = CliRunner().invoke(published.published, arguments)
    assert first.exit_code == 0, first.output
    assert len(first.output.splitlines()) == len(questions(next(p for p in PANELS if p.id == "menstrual-positive")))
    monkeypatch.setattr(published, "measured", lambda *_: pytest.fail("was run again"))
    assert CliRunner().invoke(published.published, arguments).output == first.output
