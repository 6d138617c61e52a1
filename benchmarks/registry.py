"""All benchmarks: every module of ``specs/`` with a ``SPEC``, in every size and phase, with an id that stays."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from benchmarks import specs
from benchmarks.phases import PHASES, Step
from benchmarks.subject import Subject

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SIZE = re.compile(r"[a-z0-9][a-z0-9._@+]*")


@dataclass(frozen=True)
class Spec:
    """A family of subjects.

    Attributes:
        name: Of the family: lower case, no hyphen.
        sizes: What makes the subject of each size; the names hold no hyphen, so that an id can be taken apart.
        phases: What is timed, for each size the same.
        quick: Ids (``size-phase``) that belong to the short selection.
        only: Phases of single sizes, where not all make sense.
    """

    name: str
    sizes: Mapping[str, Callable[[], Subject]]
    phases: tuple[str, ...]
    quick: frozenset[str] = frozenset()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the names.

        Raises:
            ValueError: if a name cannot be part of an id, or a phase is not known.
        """
        wrong = [name for name in (self.name,) if not _NAME.fullmatch(name)]
        wrong += [size for size in self.sizes if not _SIZE.fullmatch(size)]
        wrong += [phase for phases in (self.phases, *self.only.values()) for phase in phases if phase not in PHASES]
        wrong += [size for size in self.only if size not in self.sizes]
        wrong += sorted(self.quick - {f"{job.size}-{job.phase}" for job in self.jobs()})
        if wrong:
            raise ValueError(f"spec {self.name}: not a name, size or phase: {', '.join(wrong)}")

    def jobs(self) -> list[Job]:
        """Return all that is timed of this family."""
        return [Job(self, size, phase) for size in self.sizes for phase in self.only.get(size, self.phases)]


@dataclass(frozen=True)
class Job:
    """One phase of one subject."""

    spec: Spec
    size: str
    phase: str

    def __str__(self) -> str:
        return f"{self.spec.name}-{self.size}-{self.phase}"

    @property
    def is_quick(self) -> bool:
        """Whether it belongs to the short selection."""
        return f"{self.size}-{self.phase}" in self.spec.quick

    def step(self) -> Step:
        """Return what is timed, made ready; subjects are shared between their phases."""
        return PHASES[self.phase](_subject(self.spec.name, self.size))


@cache
def all_specs() -> tuple[Spec, ...]:
    """Return the specs of all modules in ``specs/``, sorted by name.

    Raises:
        ValueError: if two have one name.
    """
    found: dict[str, Spec] = {}
    for module in pkgutil.iter_modules(specs.__path__):
        spec = importlib.import_module(f"{specs.__name__}.{module.name}").SPEC
        if spec.name in found:
            raise ValueError(f"two specs are called {spec.name}")
        found[spec.name] = spec
    return tuple(found[name] for name in sorted(found))


def all_jobs() -> list[Job]:
    """Return everything that is timed."""
    return [job for spec in all_specs() for job in spec.jobs()]


def find_jobs(ids: Iterable[str]) -> list[Job]:
    """Return jobs by their ids.

    Raises:
        KeyError: if one is unknown.
    """
    known = {str(job): job for job in all_jobs()}
    return [known[name] for name in ids]


@cache
def _subject(spec: str, size: str) -> Subject:
    return next(found for found in all_specs() if found.name == spec).sizes[size]()
