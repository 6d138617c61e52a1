"""The problems and the alias table that ship: complete, consistent, traceable."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from panelopt.domain.panel_constraints import PanelConstraints
from panelopt.domain.problem_record import Enrichment, Goal, Level, Locked, Marker, Population, Problem, Sample
from panelopt.io.name_tables import read_name_table
from panelopt.io.problem_toml import parse_problem, problem_toml, read_problem
from panelopt.registry.data_places import CATALOG_DATA, PROBLEM_DATA, data_folder

ROOT = Path(__file__).parents[2]
FOLDER = data_folder(PROBLEM_DATA)
FILES = sorted(FOLDER.glob("*.toml"))
NAMES = read_name_table(data_folder(CATALOG_DATA, "aliases") / "markers.toml")
PROBLEMS = {path.stem: read_problem(path, NAMES) for path in FILES}
SORTS = {name: problem for name, problem in PROBLEMS.items() if not problem.is_marker_list}

# targets, contaminants, ways, purity, required markers beside viability
EXPECTED = {
    "bm-cd271-cd146": (2, 8, 2, 0.9, "CD45 CD271 CD146"),
    "bm-cd271-msca1-gmp": (1, 4, 1, 0.9, "CD271 MSCA1 CD45"),
    "adipose-apc": (3, 6, 3, 0.9, "CD45 CD31 CD26 CD54 CD142"),
    "adipose-4way": (4, 4, 4, 0.95, "CD45 CD31 CD34 CD146"),
    "skeletal-hssc": (1, 7, 1, 0.95, "CD45 CD235a CD31 Tie2 CD146 PDPN CD73 CD164"),
    "uc-cd106": (2, 2, 2, 0.95, "CD106"),
    "cv-cd106": (1, 2, 1, 0.98, "CD106"),
    "bm-cd146-hi": (2, 2, 2, 0.9, "CD146"),
    "endometrium-susd2": (2, 4, 2, 0.9, "SUSD2 CD45 CD326"),
    "ipsc-msc": (1, 3, 1, 0.98, "CD73 CD105 TRA-1-60 CD326"),
    "uc-gd2": (2, 2, 2, 0.9, "GD2"),
    "synovium-cd55-cd271": (3, 6, 3, 0.9, "CD45 CD55 CD271"),
    "wj-fibroblast": (1, 6, 1, 0.98, "CD146 CD54 CD31"),
}

WORDS = {"sourced", "unverified", "model"}


def test_nothing_is_missing_and_nothing_else_is_there() -> None:
    assert set(SORTS) == set(EXPECTED)
    assert set(PROBLEMS) - set(SORTS) == {"general-msc-identity"}


@pytest.mark.parametrize("name", PROBLEMS)
def test_file_name_is_the_id(name: str) -> None:
    problem = PROBLEMS[name]
    assert problem.id == name
    assert problem.title
    assert problem.description
    assert problem.sources


@pytest.mark.parametrize("name", EXPECTED)
def test_counts_and_demands(name: str) -> None:
    targets, contaminants, ways, purity, required = EXPECTED[name]
    problem = PROBLEMS[name]
    roles = [population.role for population in problem.population]
    assert (roles.count("target"), roles.count("contaminant")) == (targets, contaminants)
    assert problem.goal.sort_ways == ways >= targets
    assert problem.goal.purity == purity
    assert [m.name for m in problem.marker if m.required] == ["viability", *required.split()]
    assert (problem.sample.dead_fraction, problem.sample.doublet_fraction) == (0.1, 0.05)
    assert problem.sample.state == "live"
    assert problem.sample.cells is not None
    assert problem.sample.cells >= 1e6


@pytest.mark.parametrize("name", SORTS)
def test_frequencies_fill_the_sample(name: str) -> None:
    problem = SORTS[name]
    assert sum(population.frequency for population in problem.population) == pytest.approx(1.0, abs=1e-9)
    for population in problem.population:
        assert "frequency: " in population.source


@pytest.mark.parametrize("name", SORTS)
def test_every_level_says_where_it_comes_from(name: str) -> None:
    for population in SORTS[name].population:
        for marker, level in population.levels.items():
            source = level.source if isinstance(level, Level) else population.level_sources.get(marker)
            assert source in WORDS, f"{population.name}: {marker}"
        assert set(population.level_sources) <= set(population.levels)


@pytest.mark.parametrize("name", SORTS)
def test_keys_of_the_literature_are_spelt_out(name: str) -> None:
    problem = SORTS[name]
    known = {source.split(":")[0] for source in problem.sources}
    for population in problem.population:
        match = re.match(r"pattern: ([A-Z0-9, ]+); frequency: \S", population.source)
        assert match, population.source
        assert set(match[1].split(", ")) <= known


@pytest.mark.parametrize("name", SORTS)
def test_required_markers_have_a_level_in_every_target(name: str) -> None:
    problem = SORTS[name]
    for marker in problem.marker:
        if marker.required and marker.role != "viability":
            assert all(marker.name in p.levels for p in problem.population if p.role == "target"), marker.name


@pytest.mark.parametrize("name", SORTS)
def test_dump_markers_are_lacking_in_every_target(name: str) -> None:
    problem = SORTS[name]
    for marker in problem.marker:
        if marker.role == "dump":
            for population in problem.population:
                if population.role == "target":
                    assert problem.resolve(population.levels[marker.name]).abc < 1000


def test_special_demands() -> None:
    assert PROBLEMS["bm-cd271-msca1-gmp"].limits.max_colours == 5
    shares = {p.name: p.max_share for p in PROBLEMS["ipsc-msc"].population if p.max_share}
    assert shares == {"residual_iPSC": 1e-5}
    cut = {name for name, problem in SORTS.items() if problem.sample.dissociation == "collagenase"}
    assert cut == {"adipose-apc", "adipose-4way", "skeletal-hssc", "endometrium-susd2", "synovium-cd55-cd271"}


def test_mixed_populations_are_not_claimed() -> None:
    """Where a marker is on a part of a population only, the level is the harder one or unknown."""
    marrow = {p.name: p.levels for p in PROBLEMS["bm-cd271-cd146"].population}
    assert marrow["erythroid"]["CD105"] == "dim"  # on 10 %; the targets are CD105+
    assert marrow["lymphoid"]["CD38"] == "-"  # on 40 %; the targets are CD38-
    assert "CD200" not in marrow["plasma_cell"]  # on 50 %; the targets lie between
    adipose = {p.name: p.levels for p in PROBLEMS["adipose-4way"].population}
    assert "CD90" not in adipose["pericyte_CD34-"]  # on 60.5 % of a target
    assert adipose["SA_ASC"]["CD90"] == "very_bright"  # on 95.5 %
    assert "CD26" not in {p.name: p.levels for p in PROBLEMS["adipose-apc"].population}["lymphocyte"]
    jelly = {p.name: p for p in PROBLEMS["wj-fibroblast"].population}
    assert jelly["WJMSC_CD146-"].role == "ignore"  # 12 % of the MSC; the targets are the other 88 %
    assert "CD26" not in jelly["WJMSC_CD146+"].levels  # authors disagree
    assert "CD90" not in {p.name: p.levels for p in PROBLEMS["synovium-cd55-cd271"].population}["synovial_stromal"]


@pytest.mark.parametrize("name", PROBLEMS)
def test_round_trip(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(problem_toml(PROBLEMS[name]), encoding="utf-8")
    assert read_problem(path, NAMES) == PROBLEMS[name]


@pytest.mark.parametrize("name", PROBLEMS)
def test_names_are_canonical_as_written(name: str) -> None:
    content = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for marker in content["marker"]:
        assert NAMES.resolve(marker["name"]) == marker["name"]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("LNGFR", "CD271"),
        ("p75 NTR", "CD271"),
        ("TNAP", "MSCA1"),
        ("W8B2", "MSCA1"),
        ("W5C5", "SUSD2"),
        ("CD105 (Endoglin)", "CD105"),
        ("VCAM-1", "CD106"),
        ("CD45RA", "CD45RA"),
        ("PTPRC", "CD45"),
        ("HLA-A,B,C", "HLA-ABC"),
        ("HLA DR", "HLA-DR"),
        ("Thrombomodulin", "CD141"),
        ("Tissue Factor", "CD142"),
        ("CD295", "LEPR"),
        ("VEGFR-2", "CD309"),
        ("KDR", "CD309"),
        ("CD202b (TIE-2)", "Tie2"),
        ("Disialoganglioside GD2", "GD2"),
        ("CD45R (B220)", None),
        ("CD41/CD61", None),
        ("ALP", None),
    ],
)
def test_marker_names(written: str, canonical: str | None) -> None:
    assert NAMES.resolve(written) == canonical


DOCS = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "model", [Problem, Sample, Enrichment, Goal, PanelConstraints, Marker, Population, Level, Locked]
)
def test_every_key_is_documented(model: type[Problem]) -> None:
    assert [key for key in model.model_fields if f"`{key}`" not in DOCS] == []


def test_every_problem_is_documented() -> None:
    assert [name for name in PROBLEMS if f"`{name}`" not in DOCS] == []


def test_the_examples_in_the_documentation_are_problems() -> None:
    whole, *parts = (tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL))
    for part in ({}, *parts):  # a part of a file stands in the place of what the whole one says there
        assert parse_problem({**whole, **part}, "docs/problems.md", NAMES).marker
