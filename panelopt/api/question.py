"""A question: everything that was named, read and validated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from panelopt import registry
from panelopt.domain.cytometer import Cytometer
from panelopt.domain.problem import Problem
from panelopt.domain.reagents import Catalog, Fluorochrome
from panelopt.domain.result import Demands
from panelopt.errors import Finding, InputError, did_you_mean
from panelopt.instance.compile import Compiled, Switches, compile_instance
from panelopt.optics.measured import SignatureSet
from panelopt.optics.overflow import refuse_overflow


@dataclass(frozen=True, slots=True)
class Question:
    """Problem, instrument and products, with remarks on how they were read.

    Attributes:
        problem, cytometer, catalogs: What was named.
        fluorochromes: Dyes with known optics.
        autofluorescence: Shape of the cells' own light.
        problem_sha256: Hash of the problem file.
        warnings: Remarks of the readers.
        signatures: Measured signatures, by dye: file content and index.
    """

    problem: Problem
    cytometer: Cytometer
    catalogs: tuple[Catalog, ...]
    fluorochromes: tuple[Fluorochrome, ...]
    autofluorescence: Fluorochrome
    problem_sha256: str = ""
    warnings: tuple[Finding, ...] = ()
    signatures: Mapping[str, tuple[SignatureSet, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """Demands and limits that come with the call.

    Attributes:
        time_limit_s: Wall-clock limit of the search; None = none.
        tolerance: Gap of objective 1 that counts as closed (log10).
        workers: Threads of the constraint solver; 0 = as many as there are cores. The answer does not depend on them.
        seed: Seed of the search.
        max_colours, budget: Override the limits of the problem.
        allow_unknown_price: Admit products without a price although a budget is set.
        require_goal: Make the purity goal a demand.
        memory_limit_mb: Resident size of the process at which the search ends; None = none.
        prefer_inventory: How much of the best sum (log10) may be given up to buy fewer products; None = as usual.
        complexity_within: Part of the best sum (log10) that a step after the search may give up for a small complexity
            index; None = no such step.
        today: Lots that expired before this day are not used; None = the day of the call.
    """

    time_limit_s: float | None = 60.0
    tolerance: float = 0.02
    workers: int = 0
    seed: int = 0
    max_colours: int | None = None
    budget: float | None = None
    allow_unknown_price: bool = False
    require_goal: bool = False
    memory_limit_mb: float | None = None
    prefer_inventory: float | None = None
    today: date | None = None
    complexity_within: float | None = None

    @property
    def demands(self) -> Demands:
        """What is asked beside the problem, as results and certificates keep it."""
        return Demands(**{name: getattr(self, name) for name in Demands.model_fields})


def load(
    problem: str,
    *,
    cytometer: str,
    catalogs: Sequence[str] = (),
    inventory: str | None = None,
    signatures: Sequence[str] = (),
) -> Question:
    """Read a question by names or paths.

    Args:
        problem: Problem file, or name of a shipped problem.
        cytometer: Cytometer file, or name of a shipped one.
        catalogs: Catalog names or folders; none = all that are installed and not synthetic.
        inventory: Folder of what is on the own shelf.
        signatures: Files of measured signatures; of several for one dye the last counts.

    Raises:
        InputError: with everything that is wrong in the first wrong file.
    """
    found = registry.find_problem(problem)
    instrument = registry.find_cytometer(cytometer)
    markers = frozenset(marker.name for marker in found.problem.marker)
    products, warnings = registry.find_catalogs(catalogs, inventory, markers)
    measured, remarks = registry.find_signatures(signatures, instrument)
    check_dyes(found.problem)
    return Question(
        problem=found.problem,
        cytometer=instrument,
        catalogs=products,
        fluorochromes=registry.fluorochromes(),
        autofluorescence=registry.autofluorescence(),
        problem_sha256=found.sha256,
        warnings=(*warnings, *remarks),
        signatures=measured,
    )


def check_dyes(problem: Problem) -> None:
    """Make sure that dyes which a problem excludes or locks are known.

    Raises:
        InputError: with every unknown one.
    """
    known = registry.fluorochrome_names().canonical
    wanted = [("limits.exclude_fluorochromes", name) for name in problem.limits.exclude_fluorochromes]
    wanted += [(f"locked[{i}]", lock.fluorochrome) for i, lock in enumerate(problem.locked)]
    findings = [
        Finding(
            "unknown-fluorochrome",
            f"{name} is not a known fluorochrome",
            f"{problem.id}: {where}",
            did_you_mean(name, known) or "`panelopt dye list` shows the names.",
        )
        for where, name in wanted
        if name not in known
    ]
    if findings:
        raise InputError(findings)


def asked(problem: Problem, demands: Demands) -> Problem:
    """Return the problem with the limits of the call in place of its own."""
    limits = {
        name: value
        for name, value in (("max_colours", demands.max_colours), ("budget", demands.budget))
        if value is not None
    }
    if not limits:
        return problem
    return problem.model_copy(update={"limits": problem.limits.model_copy(update=limits)})


@refuse_overflow
def compiled(
    question: Question,
    options: Options,
    extra_dyes: Sequence[str] = (),
    optional: frozenset[str] = frozenset(),
) -> Compiled:
    """Compile a question into arrays.

    Args:
        question: What is asked.
        options: Demands and limits of the call.
        extra_dyes: Dyes to carry although no product has them.
        optional: Markers that need not be stained although a marker list asks for all.
    """
    problem = asked(question.problem, options.demands)
    today = options.today or datetime.now().astimezone().date()
    switches = Switches(options.allow_unknown_price, options.require_goal, optional, today)
    result = compile_instance(
        problem,
        question.cytometer,
        question.catalogs,
        question.fluorochromes,
        question.autofluorescence,
        switches,
        extra_dyes,
        question.signatures,
    )
    return replace(result, remarks=(*question.warnings, *result.remarks))
