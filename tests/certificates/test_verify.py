"""Certificates are verified without the search, and every change that matters is found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.cut_check import CutCheck
from panelopt.bounds.cut_trials import CutTrials
from panelopt.bounds.exclusions import Exclusions
from panelopt.bounds.proof_arrays import proof_of, row_of
from panelopt.bounds.reduction import reduce
from panelopt.certificates.verify_certificate import VerifyOptions, verify, verify_against
from panelopt.domain.certificate import AskedQuestion, Certificate, ScoredPanel
from panelopt.domain.problem_record import Locked
from panelopt.domain.result import Bound, SolveStatus
from panelopt.domain.verification_result import CheckVerdict, Verification
from panelopt.instance.numbers import instance_of
from panelopt.solver.certificates import relist
from panelopt.solver.search_cache import SearchCache
from tests.certificates.examples import bright, certified, changed, inputs
from tests.oracle.instances import random_instance, with_limits, with_shipping

FEW = VerifyOptions(time_limit_s=30.0, panels=40)
Change = Callable[[Certificate], Certificate]


def wrong_checks(found: Verification) -> set[str]:
    return {check.name for check in found.checks if check.verdict is CheckVerdict.WRONG}


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 6, 9])
def test_certificates_of_small_questions_are_verified(seed: int) -> None:
    instance = random_instance(seed, conventional=bool(seed % 2), markers=3, dyes=4)
    if seed % 3 == 0:
        instance, _ = with_limits(instance, seed)
    if seed % 4 == 1:
        instance = with_shipping(instance, seed)
    certificate = certified(instance, 0.02 * (seed % 2))
    found = verify_against(certificate, inputs(instance, 0.02 * (seed % 2)), FEW)
    assert found.status == "verified", [c for c in found.checks if c.verdict is not CheckVerdict.OK]
    assert certificate.status in ("optimal", "infeasible")


def test_an_infeasible_question_is_proven_again_and_not_if_it_is_not() -> None:
    instance = replace(random_instance(3, conventional=True), required=np.ones(3, dtype=bool), max_colours=2)
    instance = replace(instance, dump=np.zeros(3, dtype=bool))
    certificate = certified(instance)
    assert certificate.status == "infeasible"
    assert verify_against(certificate, inputs(instance), FEW).status == "verified"
    possible = certified(bright(1))
    lie = changed(
        possible,
        status=SolveStatus.INFEASIBLE,
        reported=None,
        best_worst=None,
        best_total=None,
        gates=(),
        floor=None,
        bound=Bound(),
        capped=(),
        forbidden=(),
    )
    assert wrong_checks(verify(lie, None, FEW)) == {"no panel is allowed"}


def test_marker_lists_are_verified() -> None:
    from panelopt.questions.question import Options, Question, compiled
    from tests import builders

    question = Question(
        builders.marker_list(),
        builders.cytometer(unmixing="spectral"),
        (builders.catalog(),),
        builders.fluorochromes(),
        builders.autofluorescence(),
    )
    instance = compiled(question, Options()).instance
    certificate = certified(instance, 0.02)
    assert certificate.instance.marker_list
    assert verify_against(certificate, inputs(instance, 0.02), FEW).status == "verified"


def test_limits_of_related_searches_are_part_of_the_proof() -> None:
    used = 0
    for seed in (9, 12):  # a few limits, and many
        instance = bright(seed)
        cache = SearchCache()
        first = certified(instance, 0.0, cache)
        second = certified(replace(instance, max_colours=2), 0.0, cache)
        used += len(second.rows) + len(second.lowered)
        for certificate in (first, second):
            assert verify(certificate, None, FEW).status == "verified, inputs not checked", seed
    assert used > 10


# ---- lies


@pytest.fixture(scope="module")
def honest() -> Certificate:
    """A certificate with every kind of clause, whose rows are all of its proof but for own limits and caps."""
    certificate = certified(bright(34), 0.0)
    assert certificate.status == "optimal"
    assert certificate.rows
    assert certificate.lowered
    assert certificate.reported is not None
    return certificate


def more(judged: ScoredPanel | None, worst: float = 0.0, total: float = 0.0) -> ScoredPanel:
    assert judged is not None
    return judged.model_copy(update={"worst": judged.worst + worst, "total": judged.total + total})


def lower(bound: Bound, worst: float = 0.0, total: float = 0.0) -> Bound:
    assert bound.worst_log_ratio is not None
    assert bound.sum_log_ratio is not None
    return Bound(worst_log_ratio=bound.worst_log_ratio - worst, sum_log_ratio=bound.sum_log_ratio - total)


def other_panel(c: Certificate) -> Certificate:
    assert c.reported is not None
    panel = c.capped[0].panel if c.capped and c.capped[0].panel != c.reported.panel else c.reported.panel[:-1]
    return changed(c, reported=c.reported.model_copy(update={"panel": panel}))


def lowered_table(c: Certificate) -> Certificate:
    first = c.lowered[0]
    values = tuple(tuple(max(v - 0.1, 0.0) for v in line) for line in first.values)
    return changed(c, lowered=(first.model_copy(update={"values": values}), *c.lowered[1:]))


def fewer_members(c: Certificate) -> Certificate:
    first = c.lowered[0]
    update = {"members": first.members[:-1], "values": first.values[:-1]}
    return changed(c, lowered=(first.model_copy(update=update), *c.lowered[1:]))


def own_limit(c: Certificate) -> Certificate:
    first = c.own_limits[0]
    return changed(c, own_limits=(first.model_copy(update={"options": (), "values": ()}), *c.own_limits[1:]))


def brighter(c: Certificate) -> Certificate:
    signal = tuple(tuple(2 * v for v in line) for line in c.instance.signal)
    return changed(c, instance=c.instance.model_copy(update={"signal": signal}))


def asking(c: Certificate, **demands: object) -> AskedQuestion:
    return c.question.model_copy(update={"demands": c.question.demands.model_copy(update=demands)})


LIES: dict[str, tuple[Change, str]] = {
    "higher worst": (lambda c: changed(c, reported=more(c.reported, worst=0.01)), "score"),
    "higher sum": (lambda c: changed(c, reported=more(c.reported, total=0.01)), "score"),
    "higher best": (lambda c: changed(c, best_total=more(c.best_total, total=0.01)), "score"),
    "other panel": (other_panel, "score"),
    "no gates": (lambda c: changed(c, gates=tuple(() for _ in c.gates)), "gates"),
    "lower bound of worst": (lambda c: changed(c, bound=lower(c.bound, worst=0.01)), "claims"),
    "lower bound of sum": (lambda c: changed(c, bound=lower(c.bound, total=0.01)), "claims"),
    "higher floor": (lambda c: changed(c, floor=(c.floor or 0.0) + 0.01), "claims"),
    "gates of slots that are none": (lambda c: changed(c, gates=tuple(((99_999, 0),) for _ in c.gates)), "gates"),
    "lowered table": (lowered_table, "lowered bounds"),
    "fewer members": (fewer_members, "lowered bounds"),
    "own limits": (own_limit, "own bounds"),
    "allowed panel forbidden": (lambda c: changed(c, forbidden=(c.best_worst.panel,)), "forbidden panels"),  # type: ignore[union-attr]
    "cap": (lambda c: changed(c, capped=(more(c.best_worst, worst=-0.1),)), "capped panels"),
    "slot dropped": (lambda c: changed(c, options=c.options[::-1]), "slots"),
    "brighter dyes": (brighter, "score"),
    "demand that the instance has not": (lambda c: changed(c, question=asking(c, max_colours=1)), "demands"),
    "marker that is not required": (lambda c: changed(c, question=asking(c, require=("nobody",))), "demands"),
    "marker that is not forbidden": (lambda c: changed(c, question=asking(c, forbid=c.instance.marker)), "demands"),
    "dye that is not excluded": (lambda c: changed(c, question=asking(c, exclude_dyes=c.instance.dye)), "demands"),
    "lock that is none": (
        lambda c: changed(c, question=asking(c, locks=(Locked(marker="nobody", fluorochrome="PE"),))),
        "demands",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_lies_are_found(honest: Certificate, name: str) -> None:
    change, check = LIES[name]
    found = verify(change(honest), None, replace(FEW, time_limit_s=0.0))
    assert found.status == "wrong"
    assert check in wrong_checks(found)


def test_other_numbers_have_another_hash(honest: Certificate) -> None:
    instance = honest.instance.model_copy(update={"leak": honest.instance.leak * 0.5})
    found = verify(honest.model_copy(update={"instance": instance}), None, replace(FEW, time_limit_s=0.0))
    assert "instance hash" in wrong_checks(found)


def test_sharpened_rows_are_found_unless_they_are_true(honest: Certificate) -> None:
    instance = instance_of(honest.instance)
    options = reduce(instance, list_options(instance))
    check = CutCheck(instance, options)
    sharper = [replace(row_of(row), base=row.base - 0.01) for row in honest.rows if row.base > 0.011]
    left = [row for row in sharper if check.wrong_row(row) is None]
    assert len(sharper) > 20
    assert len(left) < 0.1 * len(sharper)
    assert not CutTrials(instance, options, check.exclusions, left).broken(100)


def test_random_panels_break_rows_that_are_far_too_sharp(honest: Certificate) -> None:
    instance = instance_of(honest.instance)
    options = reduce(instance, list_options(instance))
    rows = [row_of(row) for row in honest.rows]
    exclusions = Exclusions(instance, options)
    assert not CutTrials(instance, options, exclusions, rows).broken(100)
    sharper = [replace(row, base=row.base * 0.3) for row in rows]
    assert CutTrials(instance, options, exclusions, sharper).broken(100)


BOUNDS = {"bound on objective 1", "bound on objective 2"}


def test_without_its_rows_the_clauses_prove_nothing(honest: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relist, "WORK", 0)
    assert wrong_checks(verify(changed(honest, rows=(), lowered=(), capped=()), None, FEW)) & BOUNDS


def test_without_its_rows_listing_proves_the_bounds(honest: Certificate) -> None:
    found = verify(changed(honest, rows=(), lowered=(), capped=()), None, FEW)
    assert not wrong_checks(found)
    assert any("by listing" in check.text for check in found.checks if check.name in BOUNDS)


def test_listing_refuses_bounds_that_a_panel_exceeds(honest: Certificate) -> None:
    instance, worst, total = instance_of(honest.instance), honest.best_worst, honest.best_total
    assert worst is not None
    assert total is not None
    assert honest.floor is not None
    options = reduce(instance, list_options(instance))
    lister = relist.Relister(instance, options, proof_of(honest, instance, options), honest.tolerance)
    for less, verdict in ((-1e-3, True), (1e-3, False)):
        assert lister.none_above(worst.worst - less, -math.inf, worst.panel, None) is verdict
        assert lister.none_above(honest.floor, total.total - 50 * less, total.panel, None) is verdict


def test_without_time_nothing_is_decided(honest: Certificate) -> None:
    found = verify(honest, None, replace(FEW, time_limit_s=0.0))
    assert found.status == "undecided"
    assert [check.name for check in found.checks if check.verdict is CheckVerdict.OPEN] == [
        "bound on objective 1",
        "bound on objective 2",
    ]


def without_members(c: Certificate) -> Certificate:
    return changed(c, lowered=(c.lowered[0].model_copy(update={"values": ()}),))


def with_row(c: Certificate, **update: object) -> Certificate:
    return changed(c, rows=(c.rows[0].model_copy(update=update), *c.rows[1:]))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda c: changed(c, capped=(ScoredPanel(panel=(99_999,), worst=0, total=0),)), "capped[0]"),
        (lambda c: changed(c, capped=(ScoredPanel(panel=(), worst=0, total=0),)), "capped[0]"),
        (lambda c: changed(c, capped=c.capped * 2), "capped"),
        (lambda c: changed(c, forbidden=((1, 0),)), "forbidden[0]"),
        (lambda c: with_row(c, gate=(99, 0, 0)), "rows[0]"),
        (lambda c: with_row(c, dark=(99,)), "rows[0]"),
        (lambda c: changed(c, rows=(c.rows[0], *c.rows)), "rows"),
        (lambda c: changed(c, rows=c.rows[::-1]), "rows"),
        (lambda c: changed(c, own_limits=()), "own_limits"),
        (lambda c: changed(c, gates=()), "gates"),
        (without_members, "lowered[0]"),
    ],
)
def test_what_has_not_the_form_is_refused(honest: Certificate, change: Change, where: str) -> None:
    found = verify(change(honest), None, FEW)
    assert wrong_checks(found) == {"form"}
    assert found.checks[-1].wrong[0].startswith(f"{where}: ")


@pytest.mark.slow
@pytest.mark.parametrize("cytometer", ["aria-fusion", "aurora-cs"])
def test_a_shipped_problem_is_verified_with_all_its_inputs(cytometer: str) -> None:
    from panelopt import api

    question = api.load("endometrium-susd2", cytometer=cytometer)
    _, certificate = api.design_certified(question, api.Options(time_limit_s=60.0))
    found = verify(certificate, question, VerifyOptions(workers=2), api.Options())
    assert found.status == "verified", [c for c in found.checks if c.verdict is not CheckVerdict.OK]
    assert found.claims[0].startswith(certificate.status.value)
