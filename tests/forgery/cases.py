"""Certificates of small questions, with the score of every panel that each question allows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from panelopt.certificates.certificate_inputs import CertificateInputs
from panelopt.instance import Instance, Lock, SlotIndex
from panelopt.questions.question import Options, Question, compiled
from panelopt.scoring import PanelScore, check_panel, score_panel
from tests import builders
from tests.certificates.examples import certified, inputs
from tests.oracle.instances import random_instance, with_shipping

Panel = tuple[SlotIndex, ...]
TOLERANCE = 0.02


@dataclass(frozen=True)
class Case:
    """A question and its honest certificate.

    Attributes:
        name: What is special about it.
        instance: The question.
        inputs: What a certificate of it should be about.
        document: The certificate as plain objects of JSON.
        scores: Every allowed panel with its score.
    """

    name: str
    instance: Instance
    inputs: CertificateInputs
    document: dict[str, Any]
    scores: Mapping[Panel, PanelScore]


def scores_of(instance: Instance, tolerance: float) -> dict[Panel, PanelScore]:
    """The score of every panel that the hard rules allow, found by trying all."""
    judged = ((panel, score_panel(instance, panel, tolerance)) for panel in _panels(instance))
    return {panel: score for panel, score in judged if score is not None}


def _panels(instance: Instance) -> Iterator[Panel]:
    dyes = [[None, *np.flatnonzero(row).tolist()] for row in instance.available]
    for choice in itertools.product(*dyes):
        by_dye: dict[int, list[int]] = {}
        for marker, dye in enumerate(choice):
            if dye is not None:
                by_dye.setdefault(dye, []).append(marker)
        for places in itertools.product(*(instance.detectors_of(dye) for dye in by_dye)):
            slots = (SlotIndex(tuple(ms), dye, d) for (dye, ms), d in zip(by_dye.items(), places, strict=True))
            panel = tuple(sorted(slots))
            if panel and not check_panel(instance, panel):
                yield panel


def _small(seed: int, *, conventional: bool, markers: int = 2, bright: float = 1.0, **changes: Any) -> Instance:
    base = random_instance(seed, conventional=conventional, markers=markers, dyes=3, **changes)
    return replace(base, autofluorescence=base.autofluorescence * bright)


def _locked() -> Instance:
    base = _small(27, conventional=True, markers=3, bright=5.0)
    marker, dye = (int(i) for i in np.argwhere(base.available)[0])
    return replace(base, locks=(Lock(marker, dye, None),), max_colours=2)


def _bought() -> Instance:
    return replace(with_shipping(_small(10, conventional=True), 10), budget=500.0, allow_unknown_price=True)


def _viability() -> Instance:
    base = _small(26, conventional=True, markers=3, bright=5.0)
    abc, viability = base.abc.copy(), np.array([False, False, True])
    abc[:, 2], abc[-1, 2] = 0.0, 60000.0
    cv = np.where(np.isnan(base.cv), 0.5, base.cv)
    return replace(base, abc=abc, cv=cv, viability=viability, required=viability, dump=np.zeros(3, bool))


def _marker_list() -> Instance:
    question = Question(
        builders.marker_list({"CD271": "mid", "CD146": "dim"}),
        builders.cytometer(unmixing="spectral"),
        (builders.catalog(builders.MARKERS[:2], ("BV421", "FITC", "PE")),),
        builders.fluorochromes(),
        builders.autofluorescence(),
    )
    return compiled(question, Options()).instance


MAKERS: dict[str, Callable[[], Instance]] = {
    "bright cells": lambda: _small(26, conventional=True, bright=5.0),
    "spectral": lambda: _small(22, conventional=False),
    "spectral, capped": lambda: _small(21, conventional=False, markers=3),
    "dump": lambda: _small(14, conventional=True, markers=3, bright=5.0),
    "two targets": lambda: _small(42, conventional=False, markers=3),
    "locked": _locked,
    "bought": _bought,
    "live gate": _viability,
    "marker list": _marker_list,
    "no total leak": lambda: replace(_small(16, conventional=True), leak_total=0.0, max_spillover=1e6),
    "purity out of reach": lambda: replace(_small(34, conventional=True), require_goal=True, purity_goal=0.99),
    "no slot": lambda: replace(_small(18, conventional=True), available=np.zeros((2, 3), dtype=bool)),
}
"""Makers of the questions, by name."""


@cache
def case(name: str) -> Case:
    """Return a question with its honest certificate."""
    instance = MAKERS[name]()
    document = json.loads(certified(instance, TOLERANCE).model_dump_json())
    return Case(name, instance, inputs(instance, TOLERANCE), document, scores_of(instance, TOLERANCE))
