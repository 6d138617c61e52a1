"""Harder versions of the shipped problems, made by fixed rules: the same on every machine.

========  ==============================================================================================
nominal   the problem as it is shipped
dim       every signal x 0.05, and autofluorescence x 3: photons are few, noise decides
required  dim, and as many markers required as colours and detectors admit
thin      dim, and about 35 % of the (marker, dye) pairs kept: few ways round a conflict of spectra
========  ==============================================================================================

All of them allow up to 14 colours, unless the problem says less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import click
import numpy as np

from benchmarks.asked import question_hash
from panelopt import api
from panelopt.instance.arrays import BoolArray, Instance
from panelopt.questions.question import compiled
from panelopt.solver.feasible import is_feasible
from panelopt.solver.local import most_slots

MAX_COLOURS = 14

SIGNAL_FACTOR = 0.05
"""Part of the light that is left in the dim variants."""

AUTOFLUORESCENCE_FACTOR = 3.0
"""By how much autofluorescence rises in the dim variants."""

KEPT_SHARE = 0.35
"""Share of the (marker, dye) pairs in the thin variant."""

CONVENTIONAL = ("aria-fusion", "influx", "sh800")
SPECTRAL = ("aurora-5l",)
CYTOMETERS = (*CONVENTIONAL, *SPECTRAL)
"""Three conventional sorters with 16, 19 and 6 detectors, and a spectral cytometer with 64."""


@dataclass(frozen=True)
class Case:
    """A variant of a problem on a cytometer, written ``variant/problem@cytometer``."""

    variant: str
    problem: str
    cytometer: str

    def __str__(self) -> str:
        return f"{self.variant}/{self.problem}@{self.cytometer}"

    @cached_property
    def question(self) -> api.Question:
        """The problem as it is shipped."""
        return api.load(self.problem, cytometer=self.cytometer)

    @cached_property
    def question_sha256(self) -> str:
        """Hash of the problem as it is shipped and of what the variant makes of it."""
        changes = (SIGNAL_FACTOR, AUTOFLUORESCENCE_FACTOR, self.instance.max_colours)
        flags = (self.instance.required.tolist(), self.instance.available.tolist())
        return question_hash(self.question, None, self.variant, *changes, *flags)

    @cached_property
    def instance(self) -> Instance:
        """The arrays."""
        options = api.Options(allow_unverified=True)  # long panels need what no source shows
        nominal = compiled(self.question, options).instance
        colours = min(nominal.max_colours or MAX_COLOURS, MAX_COLOURS)
        return VARIANTS[self.variant](replace(nominal, max_colours=colours))

    @classmethod
    def parse(cls, text: str) -> Case:
        """Return the case of a name.

        Raises:
            click.BadParameter: if the name has another form or an unknown variant.
        """
        variant, slash, rest = text.partition("/")
        problem, at, cytometer = rest.partition("@")
        if not (slash and at and problem and cytometer) or variant not in VARIANTS:
            known = ", ".join(VARIANTS)
            raise click.BadParameter(
                f"{text!r}: a case is written variant/problem@cytometer, with a variant of {known}"
            )
        return cls(variant, problem, cytometer)


def cases(variants: Iterable[str], problems: Sequence[str], cytometers: Sequence[str]) -> list[Case]:
    """Return all combinations; the variant changes last, so that every part of a survey sees all instruments."""
    return [Case(v, p, c) for v in variants for p in problems for c in cytometers]


def sample(every: Sequence[Case], count: int) -> list[Case]:
    """Return some of the cases, chosen by a hash of their names, in their order; larger samples hold smaller ones."""
    chosen = set(sorted(every, key=lambda case: _hash(str(case)))[:count])
    return [case for case in every if case in chosen]


def nominal(instance: Instance) -> Instance:
    """Return the instance unchanged."""
    return instance


def dim(instance: Instance) -> Instance:
    """Return the instance with little light and bright cells."""
    return replace(
        instance,
        signal=instance.signal * SIGNAL_FACTOR,
        autofluorescence=instance.autofluorescence * AUTOFLUORESCENCE_FACTOR,
    )


def required(instance: Instance) -> Instance:
    """Return the dim instance with as many markers required as it admits.

    Candidates are the available markers that are not of role dump. They are added in the order of the problem as long
    as the required markers are no more than the slots of the largest panel. While no panel is left (or none is found in
    time), the marker added last is taken back. Limits on shares are left out of that test: a variant which they make
    infeasible stays so, and is reported as infeasible.
    """
    hard = dim(instance)
    candidates = [int(m) for m in np.flatnonzero(hard.available.any(axis=1) & ~hard.dump & ~hard.required)]
    room = max(most_slots(hard) - int(hard.required.sum()), 0)
    for count in range(min(room, len(candidates)), 0, -1):
        more = _with_required(hard, candidates[:count])
        if is_feasible(_without_shares(more)):
            return more
    return hard


def thin(instance: Instance) -> Instance:
    """Return the dim instance with a thin catalog.

    A pair stays where the hash of its names falls into the lowest 35 %; each marker keeps at least the pair with its
    lowest hash, and locked reagents stay.
    """
    hard = dim(instance)
    value = np.array([[_hash(f"{marker}|{dye}") for dye in hard.dye] for marker in hard.marker])
    value = np.where(hard.available, value, np.inf)
    keep: BoolArray = (value < KEPT_SHARE) | (value == value.min(axis=1, keepdims=True))
    for lock in hard.locks:
        keep[lock.marker, lock.dye] = True
    return replace(hard, available=hard.available & keep)


VARIANTS: dict[str, Callable[[Instance], Instance]] = {
    "nominal": nominal,
    "dim": dim,
    "required": required,
    "thin": thin,
}

HARD = ("dim", "required", "thin")
"""Variants of the hard set."""


def _with_required(instance: Instance, markers: Sequence[int]) -> Instance:
    demanded = instance.required.copy()
    demanded[list(markers)] = True
    return replace(instance, required=demanded)


def _without_shares(instance: Instance) -> Instance:
    return replace(instance, max_share=np.full_like(instance.max_share, np.nan))


def _hash(text: str) -> float:
    """Return a number between 0 and 1 that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
