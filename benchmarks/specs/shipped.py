"""Shipped problems on shipped cytometers, from files to report."""

from __future__ import annotations

from functools import partial

from benchmarks.phases import PHASES
from benchmarks.registry import Spec
from benchmarks.subject import Subject
from panelopt import api

PAIRS = {
    "cv_cd106@aria_fusion": ("cv-cd106", "aria-fusion"),
    "uc_cd106@aria_fusion": ("uc-cd106", "aria-fusion"),
    "uc_cd106@symphony_s6": ("uc-cd106", "symphony-s6"),
    "bm_cd271_msca1@facsmelody": ("bm-cd271-msca1-gmp", "facsmelody"),
    "general_msc_identity@symphony_s6": ("general-msc-identity", "symphony-s6"),
}
"""Conventional and spectral, with targets and without; each is closed within seconds."""


def subject(problem: str, cytometer: str) -> Subject:
    """Return the subject of a problem."""
    return Subject(read=partial(api.load, problem, cytometer=cytometer))


SPEC = Spec(
    "shipped",
    {size: partial(subject, *pair) for size, pair in PAIRS.items()},
    tuple(PHASES),
    quick=frozenset({*(f"bm_cd271_msca1@facsmelody-{phase}" for phase in PHASES), "uc_cd106@symphony_s6-solve"}),
)
