"""What a conflict says about a marker that must be stained."""

from __future__ import annotations

from dataclasses import replace

from panelopt import api
from panelopt.answers.stainable import staining_obstacle
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.questions.constrained_question import ConstrainedQuestion
from panelopt.questions.question import Options
from tests import builders
from tests.answers.test_smallest_conflict import QUICK, question, required

MARKER = "CD31"
DYES = tuple(builders.DYES)


def catalog(dyes: dict[str, str]) -> Catalog:
    """All products but those of :data:`MARKER`, which is sold only with these dyes, each with an availability."""
    whole = builders.catalog()
    own = tuple(builders.conjugate(MARKER, dye, availability=known) for dye, known in dyes.items())
    others: tuple[Conjugate, ...] = tuple(c for c in whole.conjugates if c.marker != MARKER)
    return whole.model_copy(update={"conjugates": (*others, *own)})


def obstacle(dyes: dict[str, str], options: Options | None = None, machine: dict[str, object] | None = None) -> str:
    asked = question(machine, [catalog(dyes)], marker=required(MARKER))
    return staining_obstacle(ConstrainedQuestion(asked, options or Options()), MARKER)


def test_a_marker_that_nobody_sells() -> None:
    assert obstacle({}) == f"no product of the catalogs stains {MARKER}"


def test_products_without_a_source_are_named() -> None:
    dyes = {DYES[0]: "unverified", DYES[1]: "unverified"}
    found = obstacle(dyes)
    assert found.startswith(f"no product of the catalogs stains {MARKER}, except without a confirming source: ")
    assert all(dye in found for dye in dyes)
    assert obstacle(dyes, Options(allow_unverified=True)).startswith("sold only with ")


def test_few_dyes_are_named_and_many_are_not() -> None:
    few = dict.fromkeys(DYES[:2], "")
    assert obstacle(few) == f"sold only with {' or '.join(sorted(few))}"
    assert obstacle(dict.fromkeys(DYES, "")) == ""


def test_a_dye_that_the_instrument_does_not_see() -> None:
    dim = question(None, [catalog({DYES[0]: ""})], marker=required(MARKER))
    dyes = tuple(
        builders.fluorochrome(name, *builders.DYES[name][:2], brightness_pe=1e-9) if name == DYES[0] else dye
        for name, dye in zip(DYES, dim.fluorochromes, strict=True)
    )
    asked = ConstrainedQuestion(replace(dim, fluorochromes=dyes), Options())
    found = staining_obstacle(asked, MARKER)
    assert found.startswith(f"{DYES[0]} is not visible on {dim.cytometer.id}; ")
    assert DYES[1] in found


def test_the_conflict_of_a_design_says_it() -> None:
    found = api.design(question(None, [catalog({})], marker=required(MARKER)), QUICK)
    (conflict,) = found.conflicts
    assert conflict.message == f"{MARKER} must be stained: no product of the catalogs stains {MARKER}"
