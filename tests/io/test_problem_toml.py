"""Problem files: names, faults, and the way back to text."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panelopt.domain.name_table import NameTable
from panelopt.domain.problem_record import Level, Problem
from panelopt.errors import Finding, InputError
from panelopt.io.name_tables import read_name_table
from panelopt.io.problem_toml import parse_problem, problem_toml, read_problem

MARKERS = NameTable({"CD271": ("LNGFR", "NGFR"), "CD45": ("LCA",), "CD106": ("VCAM1",), "CD140a": ("PDGFRA",)})
DYES = NameTable({"PE": (), "BV421": ("Brilliant Violet 421",)})

GOOD = """
schema_version = 1
id = "tiny"

[sample]
enrichment = { marker = "NGFR", fold = 150, recovery = 0.6 }

[limits]
exclude_fluorochromes = ["Brilliant Violet 421", "HouseDye"]

[[marker]]
name = "lngfr"
role = "required"

[[marker]]
name = "LCA"

[[marker]]
name = "Lab-Antigen 7"
aliases = ["LA7"]

[[population]]
name = "msc"
role = "target"
frequency = 1e-4
levels = { NGFR = "bright", CD45 = "-", la7 = { abc = 7000, cv = 0.6, low = 2000, high = 9000, source = "own" } }
level_sources = { sourced = ["LNGFR"], CD45 = "unverified" }

[[population]]
name = "blood"
role = "contaminant"
frequency = 0.9
levels = { cd45 = "very_bright", LNGFR = "-" }

[[locked]]
marker = "NGFR"
fluorochrome = "brilliant violet 421"
"""


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str, names: NameTable | None = MARKERS) -> list[Finding]:
    with pytest.raises(InputError) as caught:
        read_problem(written(tmp_path / "p.toml", text), names)
    return list(caught.value.findings)


def test_names_become_canonical_everywhere(tmp_path: Path) -> None:
    problem = read_problem(written(tmp_path / "p.toml", GOOD), MARKERS, DYES)
    assert [marker.name for marker in problem.marker] == ["CD271", "CD45", "Lab-Antigen 7"]
    assert set(problem.population[0].levels) == {"CD271", "CD45", "Lab-Antigen 7"}
    assert set(problem.population[1].levels) == {"CD271", "CD45"}
    assert problem.population[0].level_sources == {"CD271": "sourced", "CD45": "unverified"}
    assert problem.population[0].levels["Lab-Antigen 7"] == Level(abc=7000, cv=0.6, low=2000, high=9000, source="own")
    assert problem.sample.enrichment is not None
    assert problem.sample.enrichment.marker == "CD271"
    assert (problem.locked[0].marker, problem.locked[0].fluorochrome) == ("CD271", "BV421")
    assert problem.limits.exclude_fluorochromes == ("BV421", "HouseDye")


def test_without_a_table_the_own_spelling_holds(tmp_path: Path) -> None:
    text = GOOD.replace("LNGFR", "lngfr").replace("NGFR", "lngfr").replace("CD45 =", "LCA =").replace("cd45", "lca")
    problem = read_problem(written(tmp_path / "p.toml", text))
    assert [marker.name for marker in problem.marker] == ["lngfr", "LCA", "Lab-Antigen 7"]
    assert set(problem.population[1].levels) == {"lngfr", "LCA"}


def test_two_markers_may_not_share_an_alias(tmp_path: Path) -> None:
    text = GOOD.replace('name = "LCA"', 'name = "LCA"\naliases = ["la-7"]')
    found = faults(tmp_path, text)
    assert found[0].code == "ambiguous-name"
    assert "'LA7' stands for CD45 and for Lab-Antigen 7" in found[0].message


def test_all_faults_of_a_file_come_together(tmp_path: Path) -> None:
    text = GOOD.replace("frequency = 1e-4", "frequency = 0.4").replace('"very_bright"', '"very bright"')
    text = text.replace("fold = 150", 'fold = "many"').replace('state = "live"', "").replace("la7 =", "LB7 =")
    text = text.replace('marker = "NGFR"\nfluorochrome', 'marker = "CD73"\nfluorochrome').replace('id = "tiny"', "")
    found = {finding.code: finding for finding in faults(tmp_path, text)}
    assert set(found) == {"frequency-sum", "unknown-level-word", "unlisted-marker", "float-parsing", "missing"}
    assert "1.3" in found["frequency-sum"].message
    assert found["frequency-sum"].where.endswith("p.toml: population")
    assert found["unknown-level-word"].where.endswith("population[1].levels.CD45")
    assert found["unknown-level-word"].hint == "Did you mean very_bright?"
    assert found["float-parsing"].where.endswith("sample.enrichment.fold")


def test_keys_in_a_table_of_their_own_are_told_where_they_belong(tmp_path: Path) -> None:
    found = faults(tmp_path, GOOD.replace('id = "tiny"', "") + '\n[problem]\nid = "tiny"\n')
    hints = {finding.where.split(": ")[1]: finding.hint for finding in found}
    assert hints["problem"] == "Its keys belong in the file itself, above all tables."
    found = faults(tmp_path, GOOD + "\n[problem]\nsomething = 1\n")
    assert [finding.hint for finding in found] == [""]


def test_unlisted_markers(tmp_path: Path) -> None:
    text = GOOD.replace("la7 =", '"Lab-Antigen 8" =').replace('"NGFR", fold', '"CD34", fold')
    text = text.replace('marker = "NGFR"\nfluorochrome', 'marker = "CD105"\nfluorochrome')
    found = faults(tmp_path, text)
    assert [finding.code for finding in found] == ["unlisted-marker"] * 3
    assert {finding.where.split(": ")[1] for finding in found} == {
        "population[0].levels.Lab-Antigen 8",
        "sample.enrichment.marker",
        "locked[0].marker",
    }
    assert found[0].hint == "Did you mean Lab-Antigen 7?"


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ('name = "LCA"', 'name = "NGFR"', "listed-twice", "marker CD271 is listed twice"),
        ('name = "blood"', 'name = "msc"', "listed-twice", "population msc is listed twice"),
        ("cd45 =", 'LCA = "mid", cd45 =', "listed-twice", "LCA and cd45 are the same marker"),
        ('sourced = ["LNGFR"]', 'sourced = ["CD45"]', "listed-twice", "CD45 has two level sources"),
        ('["LA7"]', '["VCAM-1"]', "foreign-alias", "the alias table lists it for CD106"),
        ('["LA7"]', '["LA7", "lca."]', "foreign-alias", "the alias table lists it for CD45"),
        ("low = 2000", "low = 8000", "wrong-order", "low (8000) is above abc (7000)"),
        ("frequency = 0.9", "frequency = 0.9\nfrequency_high = 0.5", "wrong-order", "above frequency_high (0.5)"),
        ('"very_bright"', "70000", "level-type", "70000 is not a level"),
        ('role = "target"', 'role = "contaminant"', "no-target", "no population has the role target"),
        ('role = "contaminant"', 'role = "ignore"', "no-contaminant", "only one population"),
        ("abc = 7000, cv = 0.6, low = 2000", "abc = -7, cv = 0.6", "greater-than-equal", "found -7"),
        ("abc = 7000, ", "", "missing", "the key is missing"),
        ('role = "required"', 'role = "wanted"', "literal-error", "found 'wanted'"),
        ("schema_version = 1", "schema_version = 2", "schema-version", "newer than this program"),
        ("fold = 150", "fold = 150, folds = 2", "extra-forbidden", "unknown key 'folds'"),
    ],
)
def test_one_fault_gives_one_finding(tmp_path: Path, old: str, new: str, code: str, message: str) -> None:
    assert old in GOOD
    found = [f for f in faults(tmp_path, GOOD.replace(old, new, 1)) if f.code != "unlisted-marker"]
    assert [finding.code for finding in found] == [code]
    assert message in found[0].message
    assert "p.toml: " in found[0].where


def test_clashing_demands_are_no_fault_of_the_file(tmp_path: Path) -> None:
    second = '\n[[locked]]\nmarker = "CD45"\nfluorochrome = "PE"\ndetector = "B1"\n'
    text = GOOD + 'detector = "B1"\n' + second + second
    assert len(read_problem(written(tmp_path / "p.toml", text), MARKERS).locked) == 3


@pytest.mark.parametrize("text", ["", "id = [", "marker = 3", "[[marker]]\n", "marker = ['x']", "population = {a = 1}"])
def test_broken_files_give_findings(tmp_path: Path, text: str) -> None:
    assert faults(tmp_path, text)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=True)
    | st.sampled_from(["", "-", "CD45", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["abc", "name", "CD45"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(junk=JUNK, draw=st.data())
def test_junk_anywhere_gives_findings_or_a_problem(junk: object, draw: st.DataObject) -> None:
    content: Any = tomllib.loads(GOOD)
    place: Any = content
    while True:
        key = draw.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or draw.draw(st.booleans()):
            break
        place = place[key]
    place[key] = junk
    places = []
    try:
        parse_problem(content, "junk", MARKERS, DYES)
    except InputError as error:
        places = [finding.where for finding in error.findings]
    assert all(where.startswith("junk") for where in places)


def test_marker_list_needs_levels(tmp_path: Path) -> None:
    found = faults(tmp_path, 'id = "m"\n[[marker]]\nname = "CD45"\n[[marker]]\nname = "CD34"\n')
    assert [finding.where.split(": ")[1] for finding in found] == ["marker[0]", "marker[1]"]
    assert {finding.code for finding in found} == {"missing-level"}


def test_alias_file_faults_name_the_entry(tmp_path: Path) -> None:
    path = written(tmp_path / "a.toml", 'schema_version = 1\n[names]\nCD54 = ["ICAM"]\nCD50 = ["I-CAM"]\n')
    with pytest.raises(InputError) as caught:
        read_name_table(path)
    assert caught.value.findings[0].where.endswith("a.toml: names.CD50")


def test_reading_back_gives_the_same_problem(tmp_path: Path) -> None:
    problem = read_problem(written(tmp_path / "p.toml", GOOD), MARKERS, DYES)
    assert read_problem(written(tmp_path / "q.toml", problem_toml(problem)), MARKERS, DYES) == problem


def test_layout(tmp_path: Path) -> None:
    text = problem_toml(read_problem(written(tmp_path / "p.toml", GOOD), MARKERS))
    assert '[[marker]]\nname = "CD271"\nrole = "required"\n' in text
    assert 'CD45 = "-"\n' in text
    assert 'sourced = ["CD271"]\n' in text
    assert max(len(line) for line in text.splitlines()) <= 120


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=150).map(str.strip)
PLAIN = st.text("abcXYZ019 \"\\#'=.", min_size=1, max_size=150).filter(lambda t: bool(t.strip())).map(str.strip)
NUMBERS = st.floats(min_value=0, max_value=1e7)
LEVELS = st.one_of(
    st.sampled_from(["-", "low", "dim", "mid", "bright", "very_bright"]),
    st.builds(Level, abc=NUMBERS, cv=st.floats(min_value=0, max_value=5), source=TEXTS),
)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    names = draw(
        st.lists(st.sampled_from(["CD45", "CD271", "HLA-DR", "Lab 7", 'a"b', "x.y", "b\\c"]), min_size=1, unique=True)
    )
    populations = [
        {
            "name": f"{draw(PLAIN)} {i}",
            "role": "target" if i == 0 else "contaminant",
            "frequency": draw(st.floats(min_value=1e-12, max_value=0.3)),
            "levels": {name: draw(LEVELS) for name in names if draw(st.booleans())},
            "level_sources": {name: draw(TEXTS) for name in names if draw(st.booleans())},
            "note": draw(TEXTS),
        }
        for i in range(draw(st.integers(2, 3)))
    ]
    markers = [{"name": name, "required": draw(st.booleans()), "note": draw(TEXTS)} for name in names]
    return Problem.model_validate(
        {
            "id": "random",
            "title": draw(TEXTS),
            "description": draw(PLAIN),
            "sources": draw(st.lists(TEXTS, max_size=3)),
            "sample": {"dead_fraction": draw(st.floats(min_value=0, max_value=0.9))},
            "limits": {"budget": draw(st.none() | NUMBERS), "vendors": draw(st.lists(PLAIN, max_size=2))},
            "marker": markers,
            "population": populations,
            "locked": [{"marker": names[0], "fluorochrome": draw(PLAIN)}],
        }
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_any_problem_survives_writing_and_reading(tmp_path: Path, problem: Problem) -> None:
    assert read_problem(written(tmp_path / "r.toml", problem_toml(problem))) == problem
