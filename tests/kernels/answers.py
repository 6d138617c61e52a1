"""Answers to a few questions as one JSON document: what must not depend on the processor.

``python -m tests.kernels.answers FILE`` writes a certificate to the file and prints the rest.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.asked import question_hash
from panelopt import api
from panelopt.bounds.candidate_slots import CandidateSlots as Slots
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.exclusions import most_slots
from panelopt.bounds.reduction import reduce
from panelopt.instance import Instance
from panelopt.instance.numbers import instance_sha256, numbers_of
from panelopt.questions.question import compiled
from panelopt.scoring import PanelScore, check_panel, score_panel

INSTANCES = (("bm-cd271-cd146", "aria-fusion"), ("skeletal-hssc", "aurora-cs"), ("general-msc-identity", "symphony-s6"))
"""Questions whose numbers and scores are compared."""

DESIGNS = (("bm-cd271-msca1-gmp", "aria-fusion"), ("general-msc-identity", "symphony-s6"))
"""Questions that are proven within seconds."""

CERTIFIED = ("cv-cd106", "symphony-s6")
"""The question of the certificate."""

PANELS = 20
"""Random panels that are scored, for each question."""

SECONDS = 300.0
"""Far more than is needed, so that a busy machine decides nothing."""


def answers(certificate: Path) -> dict[str, Any]:
    """Return numbers, scores and designs, and write a certificate."""
    found: dict[str, Any] = {}
    for problem, cytometer in INSTANCES:
        question = api.load(problem, cytometer=cytometer)
        found[f"{problem} on {cytometer}"] = _numbers(question)
    for problem, cytometer in DESIGNS:
        found[f"design of {problem} on {cytometer}"] = _design(api.load(problem, cytometer=cytometer))
    _, proof = api.design_certified(certified_question(), api.Options(time_limit_s=SECONDS, workers=1))
    api.write_certified(proof, certificate)
    return found


def certified_question() -> api.Question:
    """The question of the certificate."""
    problem, cytometer = CERTIFIED
    return api.load(problem, cytometer=cytometer)


def _numbers(question: api.Question) -> dict[str, Any]:
    instance = compiled(question, api.Options()).instance
    options = reduce(instance, list_options(instance))
    return {
        "asked": question_hash(question),
        "instance": instance_sha256(numbers_of(instance)),
        "options": [[*slot.markers, slot.dye, slot.detector] for slot in options.slots],
        "scores": [_score(score) for score in _panels(instance, options)],
    }


def _panels(instance: Instance, options: Slots) -> list[PanelScore]:
    """Return the scores of random panels that obey the rules of slots."""
    random = np.random.default_rng(0)
    found: list[PanelScore] = []
    while len(found) < PANELS:
        panel: tuple[int, ...] = ()
        for option in random.permutation(len(options.slots))[:60]:
            larger = (*panel, int(option))
            slots = [options.slots[o] for o in larger]
            if len(slots) <= most_slots(instance) and not _broken(instance, slots):
                panel = larger
        score = score_panel(instance, sorted(options.slots[o] for o in panel))
        if score is not None:
            found.append(score)
    return found


def _broken(instance: Instance, slots: Sequence[Any]) -> bool:
    """Whether a rule is broken that more slots cannot heal."""
    return any(broken.rule not in ("required-marker", "lock") for broken in check_panel(instance, sorted(slots)))


def _score(score: PanelScore) -> dict[str, Any]:
    return {
        "worst": score.worst,
        "total": score.total,
        "gates": [[list(gate) for gate in view.gates] for view in score.views],
        "purity": [[view.purity, view.purity_at_least] for view in score.views],
        "rho": [view.rho.tolist() for view in score.views],
    }


def _design(question: api.Question) -> dict[str, Any]:
    result = api.design(question, api.Options(time_limit_s=SECONDS, workers=1))
    document = result.model_dump(mode="json", by_alias=True)
    for clock in ("wall_s", "build_s"):
        del document["solver"][clock]
    return document


if __name__ == "__main__":
    json.dump(answers(Path(sys.argv[1])), sys.stdout)
