"""Menus and quick scores say what `score` says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panelopt import api
from panelopt.answers.consultation import KEPT, Consultation
from panelopt.answers.slot_menu import EXACT
from panelopt.errors import InputError
from panelopt.io.panel_csv import PanelRow

ROWS = tuple(
    PanelRow(marker, dye) for marker, dye in (("viability", "7-AAD"), ("CD106", "PE"), ("CD45", "APC"), ("CD31", "APC"))
)
QUESTIONS = (("cv-cd106", "aria-fusion"), ("cv-cd106", "aurora-5l"))


@pytest.fixture(scope="module", params=QUESTIONS, ids="-".join)
def question(request: pytest.FixtureRequest) -> api.Question:
    problem, cytometer = request.param
    return api.load(problem, cytometer=cytometer, catalogs=["msc-reagents"])


def with_choice(rows: tuple[PanelRow, ...], choice: object) -> tuple[PanelRow, ...]:
    markers, dye, detector = (getattr(choice, name) for name in ("markers", "fluorochrome", "detector"))
    rest = tuple(row for row in rows if row.marker not in markers)
    return (*rest, *(PanelRow(marker, dye, detector=detector) for marker in markers))


def placed(question: api.Question, rows: tuple[PanelRow, ...]) -> tuple[PanelRow, ...]:
    """The rows with the detectors that the score chooses."""
    chosen = {slot.fluorochrome: slot.detector for slot in api.score(question, rows).panel}
    return tuple(PanelRow(row.marker, row.fluorochrome, detector=chosen[row.fluorochrome]) for row in rows)


def test_a_quick_score_is_the_score(question: api.Question) -> None:
    consultation, whole = Consultation(question), api.score(question, ROWS)
    quick = consultation.judge(ROWS)
    left_out = {"robustness", "warnings", "targets"}
    assert quick.model_dump(exclude=left_out) == whole.model_dump(exclude=left_out)
    plain = [target.model_copy(update={"purity_second_sort": None}) for target in whole.targets]
    assert list(quick.targets) == plain


@pytest.mark.parametrize("markers", [("CD106",), ("CD45", "CD31")], ids="+".join)
def test_a_menu_is_in_the_order_of_the_score(question: api.Question, markers: tuple[str, ...]) -> None:
    rows = placed(question, ROWS)
    consultation = Consultation(question)
    menu = consultation.menu(rows, markers)
    fit = [choice for choice in menu if not choice.broken]
    assert fit
    assert menu[: len(fit)] == tuple(fit)
    exact = fit[:EXACT]
    judged = [consultation.judge(with_choice(rows, choice)) for choice in exact]
    values = [(r.objective.worst_log_ratio, r.objective.sum_log_ratio) if r.objective else None for r in judged]
    assert values == [
        None if choice.worst_log_ratio is None else (choice.worst_log_ratio, choice.sum_log_ratio) for choice in exact
    ]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    for choice, result in zip(exact, judged, strict=True):
        assert choice.purity == {target.name: target.purity for target in result.targets}
    assert not any(choice.exact for choice in fit[EXACT:])


def test_an_empty_panel_can_be_filled_one_by_one(question: api.Question) -> None:
    consultation = Consultation(question)
    rows: tuple[PanelRow, ...] = ()
    for marker in ("CD106", "viability", "CD45"):
        choices = [choice for choice in consultation.menu(rows, (marker,)) if not choice.broken]
        assert len(choices) > 2, marker
        rows = with_choice(rows, choices[0])
    assert consultation.judge(rows).objective is not None


def test_choices_that_break_a_rule_say_which(question: api.Question) -> None:
    rows = placed(question, ROWS)
    consultation = Consultation(question, api.Options(max_colours=3))
    menu = consultation.menu(rows, ("CD73",))
    assert menu
    for choice in menu:
        assert choice.broken
        assert choice.worst_log_ratio is None
        assert not choice.purity
    new = next(choice for choice in menu if choice.fluorochrome not in {row.fluorochrome for row in rows})
    after = {conflict.message for conflict in consultation.judge(with_choice(rows, new)).conflicts}
    assert {message for message in new.broken if "colours" in message} == after & {"4 colours, more than 3"} != set()
    assert not any(choice.broken for choice in consultation.menu(rows, ("CD106",)) if choice.fluorochrome == "PE")


def test_a_reagent_that_no_catalog_lists_is_scored() -> None:
    question = api.load("cv-cd106", cytometer="aria-fusion", catalogs=["msc-reagents"])
    consultation = Consultation(question)
    rows = (*ROWS, PanelRow("CD90", "PerCP-Cy5.5", catalog_number="MINE-1"))
    assert consultation.judge(rows).objective == api.score(question, rows).objective
    for number in range(KEPT + 2):
        consultation.judge((PanelRow("CD106", "PE"), PanelRow("CD73", question.fluorochromes[number].name, vendor="X")))
    assert len(consultation._others) <= KEPT


def test_unknown_names_are_refused(question: api.Question) -> None:
    consultation = Consultation(question)
    with pytest.raises(InputError, match="CD999"):
        consultation.menu(ROWS, ("CD999",))
    with pytest.raises(InputError, match="no marker"):
        consultation.menu(ROWS, ())
    with pytest.raises(InputError, match="Nobody 1"):
        consultation.judge((PanelRow("CD106", "Nobody 1"),))


def test_every_pack_that_is_offered_is_the_one_that_is_bought() -> None:
    question = api.load("cv-cd106", cytometer="aria-fusion", catalogs=["msc-reagents"])
    consultation = Consultation(question)
    markers = tuple(row.marker for row in ROWS)
    offered = consultation.packs(ROWS, markers)
    assert set(offered) == set(markers)
    assert max(len(packs) for packs in offered.values()) > 1
    for marker, packs in offered.items():
        for pack in packs:
            names = {"vendor": pack.vendor, "catalog_number": pack.catalog_number, "clone": pack.clone}
            rows = [replace(row, **names) if row.marker == marker else row for row in ROWS]
            bought = {r.marker: r for slot in api.score(question, rows).panel for r in slot.reagents}
            assert bought[marker] == pack
            assert consultation.judge(rows).panel == api.score(question, rows).panel
    assert not consultation._others  # nothing was compiled anew
    assert consultation.packs(ROWS, ("CD73",)) == {}
