"""Demands of a call: what they make of a problem, which names they take, and how a clash names them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt import api
from panelopt.answers.conflicts import smallest_conflict
from panelopt.answers.stainable import detector_shortage
from panelopt.domain.demands import Demands
from panelopt.domain.problem_record import Locked
from panelopt.domain.reagents import Catalog
from panelopt.domain.result import SolveStatus
from panelopt.errors import InputError, UsageError
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.call_demands import with_demands
from panelopt.questions.constrained_question import ConstrainedQuestion
from panelopt.questions.demand_list import demands
from panelopt.questions.question import Options, Question, compiled, named
from panelopt.solver.feasible import is_feasible
from tests import builders

MARKERS = [{"name": name} for name in builders.MARKERS]
QUICK = Options(time_limit_s=100)


def question(catalogs: Any = None, machine: dict[str, Any] | None = None, **changes: Any) -> Question:
    return Question(
        problem=builders.problem(**({"marker": MARKERS} | changes)),
        cytometer=builders.cytometer(**(machine or {})),
        catalogs=tuple(catalogs or [builders.catalog()]),
        fluorochromes=builders.fluorochromes(),
        autofluorescence=builders.autofluorescence(),
    )


def lock(marker: str, dye: str, detector: str = "") -> Locked:
    return Locked(marker=marker, fluorochrome=dye, detector=detector)


# ---- the problem that is asked


def test_a_call_without_demands_changes_nothing() -> None:
    problem = builders.problem()
    assert with_demands(problem, Demands()) is problem


def test_each_demand_is_what_the_problem_file_could_say() -> None:
    own = {
        "limits": {"max_colours": 9, "vendors": ["Old"], "exclude_fluorochromes": ["PE"], "budget": 7.0},
        "locked": [{"marker": "CD45", "fluorochrome": "FITC"}],
        "marker": [*MARKERS[:2], {"name": "CD45", "required": True}, {"name": "CD31", "role": "forbidden"}],
    }
    found = with_demands(
        builders.problem(**own),
        Demands(
            max_colours=3,
            budget=0.0,
            vendors=("New",),
            exclude_dyes=("BV421", "PE"),
            exclude_tandems=True,
            max_spillover=2.0,
            slack=0.0,
            locks=(lock("CD271", "PE"),),
            require=("CD31",),
            forbid=("CD45", "CD146"),
        ),
    )
    limits = found.limits
    assert (limits.max_colours, limits.budget, limits.vendors, limits.max_spillover) == (3, 0.0, ("New",), 2.0)
    assert (limits.exclude_fluorochromes, limits.exclude_tandems) == (("PE", "BV421"), True)
    assert found.goal.slack == 0.0
    assert [(one.marker, one.fluorochrome) for one in found.locked] == [("CD45", "FITC"), ("CD271", "PE")]
    roles = {marker.name: (marker.role, marker.required) for marker in found.marker}
    assert roles == {
        "CD271": ("candidate", False),
        "CD146": ("forbidden", False),
        "CD45": ("forbidden", False),  # the call has the last word
        "CD31": ("candidate", True),
    }


def test_a_lock_of_the_call_wins_over_a_marker_that_the_problem_forbids() -> None:
    problem = builders.problem(marker=[{**MARKERS[0], "role": "forbidden"}, *MARKERS[1:]])
    assert with_demands(problem, Demands(locks=(lock("CD271", "PE"),))).marker[0].role == "candidate"


def test_every_demand_is_kept_in_the_result_and_comes_back_from_it() -> None:
    options = replace(
        QUICK,
        max_colours=3,
        locks=(lock("CD271", "PE", "B575"),),
        require=("CD45",),
        forbid=("CD31",),
        exclude_dyes=("BV605",),
        exclude_tandems=True,
        vendors=("Testa",),
        allow_unverified=True,
        slack=0.05,
        max_spillover=1.5,
    )
    result = api.design(question(), options)
    assert result.objective is not None
    assert result.demands == options.demands
    again = type(result).model_validate_json(result.model_dump_json(by_alias=True))
    assert Options(time_limit_s=100, **dict(again.demands)) == options
    assert set(Demands.model_fields) < {field.name for field in fields(Options)}
    stained = {marker for slot in result.panel for marker in slot.markers}
    assert {"CD271", "CD45"} <= stained
    assert "CD31" not in stained
    assert ("CD271", "PE", "B575") in {(s.markers[0], s.fluorochrome, s.detector) for s in result.panel}
    assert not {"BV605"} & {slot.fluorochrome for slot in result.panel}


def test_only_what_is_on_the_shelf() -> None:
    shelf = Catalog(name="shelf", inventory=True, conjugates=(builders.conjugate("CD45", "FITC", lot="1"),))
    result = api.design(question([shelf, builders.catalog()]), replace(QUICK, only_inventory=True))
    assert [slot.markers for slot in result.panel] == [("CD45",)]
    assert all(reagent.owned for slot in result.panel for reagent in slot.reagents)
    with pytest.raises(UsageError, match="no inventory"):
        api.design(question(), replace(QUICK, only_inventory=True))


@pytest.mark.parametrize("wrong", [{"slack": -0.1}, {"slack": 3.1}, {"max_spillover": 0.0}, {"max_spillover": 1e999}])
def test_numbers_that_make_no_sense_are_wrong_usage(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        api.design(question(), replace(QUICK, **wrong))


# ---- names


def test_names_of_the_call_are_those_of_the_question() -> None:
    own = [{"name": "CD271", "aliases": ["my marker"]}, *MARKERS[1:]]
    written = replace(
        QUICK,
        locks=(lock("My-Marker", "p.e.", "b 575"), lock("LNGFR", "PE", "B575")),
        require=("cd 45", "PTPRC"),
        forbid=("pecam1",),
        exclude_dyes=("brilliant violet 421", "bv421"),
        vendors=("TESTA",),
    )
    found = named(question(marker=own), written)
    assert found.locks == (lock("CD271", "PE", "B575"),)  # both say the same
    assert (found.require, found.forbid) == (("CD45",), ("CD31",))
    assert (found.exclude_dyes, found.vendors) == (("BV421",), ("Testa",))
    assert named(question(marker=own), found) == found


SEPARATORS = st.sampled_from(["", " ", "-", "_", "/", "."])


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_spelling_of_a_name_is_understood(data: st.DataObject) -> None:
    def spelt(name: str) -> str:
        letters = [c.swapcase() if data.draw(st.booleans()) else c for c in name if c.isalnum()]
        # between digits a separator counts: CD3/4 is not CD34
        pairs = zip(letters, [*letters[1:], ""], strict=True)
        gaps = ["" if a.isdigit() and b.isdigit() else data.draw(SEPARATORS) for a, b in pairs]
        return "".join(letter + gap for letter, gap in zip(letters, gaps, strict=True))

    marker, dye = data.draw(st.sampled_from(builders.MARKERS)), data.draw(st.sampled_from(list(builders.DYES)))
    detector = data.draw(st.sampled_from(list(builders.DETECTORS)))
    options = Options(
        locks=(lock(spelt(marker), spelt(dye), spelt(detector)),), forbid=(spelt(marker),), vendors=(spelt("Testa"),)
    )
    found = named(question(), options)
    assert found.locks == (lock(marker, dye, detector),)
    assert (found.forbid, found.vendors) == ((marker,), ("Testa",))


def test_every_unknown_name_is_told_with_a_suggestion() -> None:
    wrong = Options(
        locks=(lock("CD27", "PE-Cy", "B57"),), require=("CD99",), exclude_dyes=("BV412",), vendors=("Testo",)
    )
    with pytest.raises(InputError) as caught:
        named(question(), wrong)
    found = {(f.code, f.where): f.hint for f in caught.value.findings}
    assert found["unlisted-marker", "--lock CD27=PE-Cy@B57"] == "Did you mean CD271?"
    assert "Did you mean" in found["unknown-fluorochrome", "--lock CD27=PE-Cy@B57"]
    assert found["unknown-detector", "--lock CD27=PE-Cy@B57"] == "Did you mean B575?"
    assert "CD271, CD146, CD45, CD31" in found["unlisted-marker", "--require"]
    assert found["unknown-fluorochrome", "--exclude-dye"] == "Did you mean BV421?"
    assert found["unknown-vendor", "--vendor"] == "Did you mean Testa?"
    assert len(found) == 6


def test_two_spellings_of_a_vendor_are_one_vendor() -> None:
    products = tuple(builders.conjugate("CD45", d, vendor=v) for d, v in (("PE", "Bio-Legend"), ("FITC", "BioLegend")))
    shelf = compiled(question([Catalog(name="shop", conjugates=products)]), Options(vendors=("biolegend",))).products
    assert list(shelf) == [("CD45", "FITC"), ("CD45", "PE")]


def test_names_in_a_problem_file_are_as_free() -> None:
    own = question(
        locked=[{"marker": "CD271", "fluorochrome": "PE", "detector": "b-575"}], limits={"vendors": ["TES TA"]}
    )
    instance = compiled(own, QUICK).instance
    assert instance.locks[0].detector == instance.detector.index("B575")
    assert instance.available.any()
    with pytest.raises(InputError) as caught:
        compiled(question(locked=[{"marker": "CD271", "fluorochrome": "PE", "detector": "B57"}]), QUICK)
    assert (caught.value.findings[0].where, caught.value.hint) == ("tiny: locked[0]", "Did you mean B575?")


# ---- clashes

RUMOUR = builders.catalog(
    conjugates=tuple(
        builders.conjugate(m, d, availability="unverified" if m == "CD31" else "sourced")
        for m in builders.MARKERS
        for d in builders.DYES
    )
)
SHELF = Catalog(name="shelf", inventory=True, conjugates=(builders.conjugate("CD45", "FITC", lot="1"),))
ONE_COLOUR = {"limits": {"max_colours": 1}}

CLASHES: dict[str, tuple[Question, Options, set[str]]] = {
    "two locks on one detector": (
        question(),
        replace(QUICK, locks=(lock("CD271", "PE", "B575"), lock("CD45", "FITC", "B575"))),
        {"--lock CD271=PE@B575", "--lock CD45=FITC@B575"},
    ),
    "a lock and an excluded dye": (
        question(),
        replace(QUICK, locks=(lock("CD271", "PE"),), exclude_dyes=("PE", "FITC")),
        {"--lock CD271=PE", "--exclude-dye PE"},
    ),
    "required and forbidden": (
        question(),
        replace(QUICK, require=("CD45",), forbid=("CD45", "CD31")),
        {"--require CD45", "--forbid CD45"},
    ),
    "a lock of the problem and one of the call": (
        question(locked=[{"marker": "CD271", "fluorochrome": "FITC"}]),
        replace(QUICK, locks=(lock("CD271", "PE"),)),
        {"locked[0]", "--lock CD271=PE"},
    ),
    "a lock of the problem and a forbidden marker": (
        question(locked=[{"marker": "CD271", "fluorochrome": "FITC"}]),
        replace(QUICK, forbid=("CD271",)),
        {"locked[0]", "--forbid CD271"},
    ),
    "colours of the problem and markers of the call": (
        question(**ONE_COLOUR),
        replace(QUICK, require=("CD271", "CD146")),
        {"limits.max_colours", "--require CD271", "--require CD146"},
    ),
    "colours of the call": (
        question(),
        replace(QUICK, require=("CD271", "CD146"), max_colours=1),
        {"--max-colours", "--require CD271", "--require CD146"},
    ),
    "a source": (question([RUMOUR]), replace(QUICK, require=("CD31",)), {"availability", "--require CD31"}),
    "a vendor": (
        question([builders.catalog(), Catalog(name="b", conjugates=(builders.conjugate("CD45", "PE", vendor="B"),))]),
        replace(QUICK, require=("CD31",), vendors=("B",)),
        {"--vendor", "--require CD31"},
    ),
    "the own shelf": (
        question([SHELF, builders.catalog()]),
        replace(QUICK, require=("CD31", "CD45"), only_inventory=True),
        {"--only-inventory", "--require CD31"},
    ),
    "a forbidden marker of the problem": (
        question(
            marker=[{**MARKERS[0], "role": "forbidden"}, *MARKERS[1:]],
            locked=[{"marker": "CD271", "fluorochrome": "PE"}],
        ),
        QUICK,
        {"marker.CD271", "locked[0]"},
    ),
}


@pytest.mark.parametrize("name", CLASHES)
def test_a_clash_names_demands_and_where_they_come_from(name: str) -> None:
    asked_question, options, expected = CLASHES[name]
    conflicts = smallest_conflict(asked_question, options).conflicts
    assert {conflict.demand for conflict in conflicts} == expected
    for conflict in conflicts:
        assert conflict.where == ("command line" if conflict.demand.startswith("--") else "tiny")


def test_the_demand_on_sources_names_the_marker_and_the_option() -> None:
    result = api.design(question([RUMOUR]), replace(QUICK, require=("CD31",)))
    assert result.status is SolveStatus.INFEASIBLE
    (message,) = [conflict.message for conflict in result.conflicts if conflict.demand == "availability"]
    assert "none stains CD31" in message
    assert "--allow-unverified" in message
    admitted = api.design(question([RUMOUR]), replace(QUICK, require=("CD31",), allow_unverified=True))
    assert admitted.objective is not None


def test_explain_says_what_each_demand_of_the_call_costs() -> None:
    found = api.explain(question([RUMOUR]), replace(QUICK, forbid=("CD146",), exclude_tandems=True, max_colours=2))
    costs = {cost.demand: cost.gain.worst_log_ratio for cost in found.costs}
    of_call = {"--forbid CD146", "--exclude-tandems", "--max-colours"}
    assert set(costs) == {*of_call, "availability", "limits.max_spillover"}
    assert costs["--forbid CD146"] is not None
    assert costs["--forbid CD146"] > 0


MARKER = st.sampled_from(builders.MARKERS)


@st.composite
def calls(draw: st.DrawFn) -> Options:
    """Return demands that often clash."""
    dyes = st.sampled_from(["FITC", "PE"])
    return replace(
        QUICK,
        locks=tuple(draw(st.lists(st.builds(lock, MARKER, dyes), max_size=2, unique=True))),
        require=tuple(draw(st.lists(MARKER, max_size=3, unique=True))),
        forbid=tuple(draw(st.lists(MARKER, max_size=2, unique=True))),
        exclude_dyes=tuple(draw(st.lists(dyes, max_size=1))),
        max_colours=draw(st.sampled_from([None, 1, 2])),
        allow_unverified=draw(st.booleans()),
    )


@settings(max_examples=30, deadline=None)
@given(calls())
def test_what_a_clash_names_is_enough_and_each_part_is_needed(options: Options) -> None:
    whole = ConstrainedQuestion(question([RUMOUR], {"names": ("B530", "B575", "V450")}), options)
    if is_feasible(whole.instance()) is not False:
        return
    named_ones = {conflict.demand for conflict in smallest_conflict(whole.question, options).conflicts}
    assert ("cytometer" in named_ones) == bool(detector_shortage(whole))
    named_ones.discard("cytometer")  # says why they clash; nobody can drop it
    every = list(demands(whole))
    assert named_ones <= {demand.name for demand in every}
    only = whole
    for demand in every:
        if demand.name not in named_ones:
            only = demand.drop(only)
    assert is_feasible(only.instance()) is False
    for demand in every:
        if demand.name in named_ones:
            assert is_feasible(demand.drop(only).instance()) is not False


# ---- given panels


def test_a_given_reagent_is_judged_although_no_source_shows_it() -> None:
    rows = [PanelRow("CD271", "PE"), PanelRow("CD31", "FITC")]
    result = api.score(question([RUMOUR]), rows, QUICK)
    assert result.status is SolveStatus.FEASIBLE
    assert result.practical is not None
    assert result.practical.unsourced == 1
    (warning,) = [w.message for w in result.warnings if w.code == "unsourced-reagent"]
    assert "CD31 FITC" in warning
    missing = api.score(question([builders.catalog(markers=["CD271"])]), rows, QUICK)
    assert missing.practical is not None
    assert missing.practical.unsourced == 1  # in no catalog at all


def test_a_given_panel_is_judged_under_the_demands_of_the_call() -> None:
    rows = [PanelRow("CD271", "PE"), PanelRow("CD45", "FITC")]
    assert api.score(question(), rows, QUICK).status is SolveStatus.FEASIBLE
    broken = api.score(question(), rows, replace(QUICK, require=("CD31",)))
    assert broken.status is SolveStatus.INFEASIBLE
    assert broken.conflicts
    assert api.score(question(), rows, replace(QUICK, locks=(lock("CD271", "FITC"),))).status == "infeasible"
