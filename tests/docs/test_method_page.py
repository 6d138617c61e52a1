"""The pages on the method state the numbers that the code uses."""

from __future__ import annotations

import importlib
import inspect
import re
from numbers import Real
from typing import Any

import pytest

from panelopt import registry
from panelopt.bounds.reduction import RULES
from panelopt.domain.problem_record import DEFAULT_LEVELS, Goal, Sample
from panelopt.instance import populations, readable
from panelopt.scoring.practicality import ORDER
from tests.docs import pages
from tests.docs.pages import ROOT

METHOD = ROOT / "docs" / "method.md"
PROBLEMS = ROOT / "docs" / "problems.md"


def rows(heading: str, page: Any = METHOD) -> list[list[str]]:
    """Cells of all rows below the rule of the tables of one section, without bars."""
    section = re.split(rf"^#+ {re.escape(heading)}$", pages.prose(page), flags=re.MULTILINE)[1]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    tables = re.findall(r"^\|-.*\n((?:\|.*\n)+)", section, flags=re.MULTILINE)
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for table in tables for line in table.splitlines()]


CONSTANTS = {row[4].strip("`"): row for row in rows("Constants")}


def in_code(place: str) -> float:
    """The number that ``module:NAME``, ``module:NAME.field`` or ``module:Class.field`` (its default) has."""
    module, names = place.split(":")
    value: Any = importlib.import_module(module)
    for name in names.split("."):
        fields = getattr(value, "model_fields", {}) if isinstance(value, type) else {}
        value = fields[name].default if name in fields else getattr(value, name)
    assert isinstance(value, Real)
    return float(value)


@pytest.mark.parametrize("place", CONSTANTS)
def test_constants_are_those_of_the_code(place: str) -> None:
    what, value, unit, origin, _ = CONSTANTS[place]
    assert float(value) == in_code(place), what
    assert unit, what
    assert origin, what


def test_keys_of_problem_files_stand_beside_their_own_defaults() -> None:
    for place, (what, *_) in CONSTANTS.items():
        if key := re.match(r"`(?:goal|sample|limits)\.(\w+)`", what):
            assert place.endswith(f".{key.group(1)}"), what


@pytest.mark.parametrize("module", [populations, readable], ids=lambda module: module.__name__)
def test_no_number_of_these_modules_is_missing(module: Any) -> None:
    own = re.findall(r"^([A-Z_]+) = ", inspect.getsource(module), flags=re.MULTILINE)
    numbers = {name for name in own if isinstance(getattr(module, name), Real)}
    assert numbers
    listed = {place.split(":")[1] for place in CONSTANTS if place.startswith(f"{module.__name__}:")}
    assert numbers <= listed


def test_the_order_of_what_the_bench_decides() -> None:
    assert tuple(row[0].strip("`") for row in rows("Practical criteria")) == ORDER


def test_fragile_dyes_are_those_that_are_shipped_as_such() -> None:
    (text,) = (row[1] for row in rows("Practical criteria") if row[0] == "`fragile`")
    named = re.findall(r"shipped as such: ([^)]*)", text)[0].split(", ")
    assert named == sorted(dye.name for dye in registry.fluorochromes() if {"light", "fixation"} & set(dye.fragile))


def test_slack_is_given_as_a_ratio_too() -> None:
    (ratio,) = re.findall(r"no tube holds more than ([\d.]+) times", " ".join(METHOD.read_text("utf-8").split()))
    assert float(ratio) == pytest.approx(10 ** Goal().slack, abs=0.005)


def test_the_light_of_viability_dyes_follows_from_its_parts() -> None:
    text = " ".join(METHOD.read_text("utf-8").split())
    (parts,) = re.findall(r"(\d+) pe x (\d+) / ([\d,]+) = ([\d.]+) pe per equivalent", text)
    light, contrast, equivalents, result = (float(part.replace(",", "")) for part in parts)
    assert light * contrast / equivalents == pytest.approx(result)
    assert light == in_code("panelopt.optics.signatures:AUTOFLUORESCENCE_PE")
    assert equivalents == populations.DEAD_VIABILITY.abc


def test_every_rule_of_the_reduction_is_described() -> None:
    assert pages.table_names(METHOD, "Reduction") == {rule.name for rule in RULES}


def test_level_words_are_those_of_the_code() -> None:
    words, abc, cv = re.findall(
        r"^\| word \| (.*) \|\n.*\n\| abc \| (.*) \|\n\| cv \| (.*) \|$",
        PROBLEMS.read_text("utf-8"),
        flags=re.MULTILINE,
    )[0]
    shown = zip(*(line.split(" | ") for line in (words, abc, cv)), strict=True)
    assert {word.strip("`"): (float(a), float(c)) for word, a, c in shown} == {
        word: (level.abc, level.cv) for word, level in DEFAULT_LEVELS.items()
    }


@pytest.mark.parametrize(("heading", "record"), [("`[sample]`", Sample), ("`[goal]`", Goal)])
def test_defaults_of_problem_files_are_those_of_the_code(heading: str, record: Any) -> None:
    """Where the last cell begins with a number, it is the default of the key in the first."""
    seen = 0
    for first, *_, last in rows(heading, PROBLEMS):
        number = re.match(r"[\d.]+(?=$| \()", last)
        if number and first.strip("`") in record.model_fields:
            assert float(number.group()) == record.model_fields[first.strip("`")].default, first
            seen += 1
    assert seen >= 3


def test_every_formula_with_a_source_has_it_in_the_list() -> None:
    text = METHOD.read_text("utf-8")
    body, literature = text.split("## Literature")
    named = re.findall(r"\(([A-Z][^()]*? (?:19|20)\d\d(?:; [^()]*?(?:19|20)\d\d)*)\)", " ".join(body.split()))
    entries = [" ".join(entry.split()) for entry in literature.split("\n- ")[1:]]
    assert len(named) >= 5
    for reference in (part for group in named for part in group.split("; ")):
        author, year = reference.split()[0].rstrip(","), reference.split()[-1]
        assert [entry for entry in entries if entry.startswith(f"{author} ") and f"({year})" in entry], reference
    assert all(entry.count("doi:") == 1 or "Press" in entry for entry in entries)  # books have publishers
