"""What was asked, as a hash: every input counts, words do not, nor does what the processor makes of the numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.asked import SAME_NUMBERS, numbers_sum, question_hash
from benchmarks.variants import Case
from panelopt import api
from panelopt.questions.question import compiled

QUESTION = api.load("uc-gd2", cytometer="aria-fusion")
HASH = question_hash(QUESTION)


def test_a_hash_holds_for_equal_inputs() -> None:
    assert question_hash(api.load("uc-gd2", cytometer="aria-fusion"), api.Options(time_limit_s=1, workers=2)) == HASH


def test_every_input_counts() -> None:
    problem, cytometer = QUESTION.problem, QUESTION.cytometer
    bright = QUESTION.fluorochromes[0].brightness.model_copy(update={"photoelectrons_per_antibody": 0.5})
    dyes = (QUESTION.fluorochromes[0].model_copy(update={"brightness": bright}), *QUESTION.fluorochromes[1:])
    others = [
        replace(QUESTION, problem=problem.model_copy(update={"goal": problem.goal.model_copy(update={"leak": 2e-3})})),
        replace(QUESTION, cytometer=cytometer.model_copy(update={"detector": cytometer.detector[1:]})),
        replace(QUESTION, fluorochromes=dyes),
        replace(QUESTION, catalogs=QUESTION.catalogs[:-1]),
        replace(QUESTION, catalogs=(QUESTION.catalogs[0].model_copy(update={"sha256": "0"}), *QUESTION.catalogs[1:])),
    ]
    hashes = {HASH, *map(question_hash, others), question_hash(QUESTION, api.Options(max_colours=4))}
    assert len(hashes) == len(others) + 2


def test_catalogs_without_a_file_count_by_their_rows() -> None:
    made = QUESTION.catalogs[0].model_copy(update={"sha256": "", "conjugates": tuple(QUESTION.catalogs[0].conjugates)})
    fewer = made.model_copy(update={"conjugates": made.conjugates[:-1]})
    assert question_hash(replace(QUESTION, catalogs=(made,))) != question_hash(replace(QUESTION, catalogs=(fewer,)))


def test_words_do_not_count() -> None:
    renamed = QUESTION.problem.model_copy(update={"title": "another", "sources": ()})
    assert question_hash(replace(QUESTION, problem=renamed)) == HASH


def test_nozzles_change_no_panel() -> None:
    other = {"nozzle": (), "nozzle_um": (70.0,), "drop_rate_hz": 1e5, "nozzle_source": "", "sort_modes": {}}
    assert question_hash(replace(QUESTION, cytometer=QUESTION.cytometer.model_copy(update=other))) == HASH


def test_variants_of_one_problem_are_other_questions() -> None:
    cases = [Case(variant, "uc-gd2", "aria-fusion") for variant in ("nominal", "dim", "thin")]
    assert len({case.question_sha256 for case in cases}) == len(cases)


def test_numbers_tell_a_model_value_from_rounding() -> None:
    instance = compiled(QUESTION, api.Options()).instance
    total = numbers_sum(instance)
    rounded = replace(instance, signal=instance.signal * (1 + 1e-13) + 1e-20)
    assert numbers_sum(rounded) == pytest.approx(total, abs=SAME_NUMBERS / 100)
    assert abs(numbers_sum(replace(instance, signal=instance.signal * (1 + 1e-4))) - total) > SAME_NUMBERS
    assert abs(numbers_sum(replace(instance, leak=instance.leak * 1.1)) - total) > SAME_NUMBERS
