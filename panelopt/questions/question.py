"""A question: all named inputs, read and validated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime
from pathlib import Path

from panelopt import registry
from panelopt.catalogs import find_catalogs
from panelopt.domain.conjugate_table import table_of
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.demands import Demands
from panelopt.domain.name_table import suggestion
from panelopt.domain.problem_record import MOST_SLACK, Locked, Problem
from panelopt.domain.reagents import Catalog, Fluorochrome
from panelopt.errors import Finding, InputError, UsageError
from panelopt.frozen import dataclass
from panelopt.instance.compile import Compiled, compile_instance
from panelopt.instance.product import Key
from panelopt.instance.switches import Switches
from panelopt.optics.measured import SignatureSet
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.call_demands import named_demands, with_demands
from panelopt.registry.data_places import HERE


@dataclass(frozen=True, slots=True)
class Question:
    """Problem, instrument and products, with the remarks of their readers.

    Attributes:
        problem, cytometer, catalogs: The inputs.
        fluorochromes: Dyes with known optics.
        autofluorescence: Spectral shape of autofluorescence.
        problem_sha256: Hash of the problem file.
        warnings: Remarks of the readers.
        signatures: Measured signatures by dye: file content and index.
    """

    problem: Problem
    cytometer: Cytometer
    catalogs: tuple[Catalog, ...]
    fluorochromes: Sequence[Fluorochrome]
    autofluorescence: Fluorochrome
    problem_sha256: str = ""
    warnings: tuple[Finding, ...] = ()
    signatures: Mapping[str, tuple[SignatureSet, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """Demands and search options of a call.

    Attributes:
        time_limit_s: Wall-clock limit of the search; None = none.
        tolerance: Gap of objective 1 that counts as closed (log10).
        workers: Solver threads; 0 = one per core. The answer does not depend on them.
        seed: Random seed.
        max_colours, budget: Override those of the problem.
        allow_unknown_price: With a budget, admit products without a price.
        require_goal: Accept only panels that meet the purity goal.
        memory_limit_mb: Resident memory of the process at which the search stops; None = none.
        today: Exclude lots that expired before this day; None = the day of the call.
        locks: Reagents to use, in addition to the locks of the problem.
        require, forbid: Markers to stain, and markers not to stain.
        exclude_dyes: Fluorochromes to exclude, in addition to those of the problem.
        exclude_tandems: Exclude tandem dyes.
        vendors: Buy only from these vendors; empty = as in the problem.
        only_inventory: Use only your stock.
        allow_unverified: Admit products that no source confirms.
        slack: Overrides that of the problem: log10 within which panels count as equally good.
        max_spillover: Overrides that of the problem: maximum light of a dye in another dye's detector, relative to
            its light in its own.

    Names are matched without regard to case, blanks and punctuation.
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
    today: date | None = None
    locks: tuple[Locked, ...] = ()
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    exclude_dyes: tuple[str, ...] = ()
    exclude_tandems: bool = False
    vendors: tuple[str, ...] = ()
    only_inventory: bool = False
    allow_unverified: bool = False
    slack: float | None = None
    max_spillover: float | None = None

    @property
    def demands(self) -> Demands:
        """The demands beyond the problem, as stored in results and certificates."""
        return Demands(**{name: getattr(self, name) for name in Demands.model_fields})


def load(
    problem: str,
    *,
    cytometer: str,
    catalogs: Sequence[str] = (),
    inventory: str | None = None,
    signatures: Sequence[str] = (),
    beside: Path = HERE,
) -> Question:
    """Read a question by names or paths.

    Args:
        problem: Problem file, or name of a shipped problem.
        cytometer: Cytometer file, or name of a shipped or plug-in cytometer.
        catalogs: Catalog names or folders; none = all installed ones that are not synthetic.
        inventory: Folder of your stock.
        signatures: Files of measured signatures; the last one for a dye counts.
        beside: Folder that paths are relative to, and whose files go before shipped things of their name.

    Raises:
        InputError: with all findings in the first invalid file.
    """
    found = registry.find_problem(problem, beside)
    instrument = registry.find_cytometer(cytometer, beside)
    markers = frozenset(marker.name for marker in found.problem.marker)
    products, warnings = find_catalogs(catalogs, inventory, markers, beside)
    measured, remarks = registry.find_signatures(signatures, instrument)
    check_dyes(found.problem)
    remarks = (*remarks, *_on_analyser(found.problem, instrument), *_without_product(found.problem, products))
    return Question(
        problem=found.problem,
        cytometer=instrument,
        catalogs=products,
        fluorochromes=registry.fluorochromes(),
        autofluorescence=registry.autofluorescence(),
        problem_sha256=found.sha256,
        warnings=tuple(dict.fromkeys((*registry.fluorochrome_findings(), *warnings, *remarks))),
        signatures=measured,
    )


def _on_analyser(problem: Problem, cytometer: Cytometer) -> Iterator[Finding]:
    """Yield a remark if a sort is asked of an instrument that cannot sort."""
    if not cytometer.sorter and any(population.role == "target" for population in problem.population):
        message = f"{cytometer.id} is an analyser: the panel shows the targets, but they cannot be sorted there"
        yield Finding("analyser", message, problem.id, "`panelopt cytometer list --sorters` shows the sorters.")


def _without_product(problem: Problem, catalogs: Iterable[Catalog]) -> Iterator[Finding]:
    """Yield a remark on each marker that neither the catalogs nor the table of marker names know."""
    if unknown := registry.unknown_markers(problem):
        sold = {name for catalog in catalogs for name in table_of(catalog.conjugates).column("marker").values}
        for name, hint in unknown.items():
            if name not in sold:
                message = f"no product of the catalogs stains {name}, and no other name of it is known"
                yield Finding("unknown-marker", message, problem.id, hint or "Check how the catalogs spell it.")


def check_dyes(problem: Problem) -> None:
    """Check that the dyes that a problem excludes or locks are known.

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
            suggestion(name, known) or "`panelopt dye list` shows the names.",
        )
        for where, name in wanted
        if name not in known
    ]
    if findings:
        raise InputError(findings)


def named(question: Question, options: Options) -> Options:
    """Return the options with canonical names.

    Raises:
        InputError: with every unknown or ambiguous name.
        UsageError: if a number is invalid, or there is no inventory to choose from.
    """
    if options.slack is not None and not 0 <= options.slack <= MOST_SLACK:
        raise UsageError(f"the slack must be a number from 0 to {MOST_SLACK:g}")
    if options.max_spillover is not None and not 0 < options.max_spillover < math.inf:
        raise UsageError("max_spillover must be a positive number")
    if options.only_inventory and not any(catalog.inventory for catalog in question.catalogs):
        hint = "Add --inventory PATH."
        raise UsageError("only your stock may be used, but no inventory is specified", hint=hint)
    found = named_demands(options.demands, question.problem, question.cytometer, question.catalogs)
    return replace(options, **found)  # type: ignore[arg-type]  # fields of the same name and kind


@refuse_overflow
def compiled(
    question: Question,
    options: Options,
    given: Sequence[Key] = (),
    optional: frozenset[str] = frozenset(),
    former_locks: tuple[Locked, ...] = (),
) -> Compiled:
    """Compile a question into arrays.

    Args:
        question: The question.
        options: Demands and search options of the call.
        given: Marker and fluorochrome of each reagent of a given panel; its products are admitted even if unverified,
            and its dyes even without a product.
        optional: Markers that need not be stained although a marker list requires all.
        former_locks: Dropped locks; their reagents stay admitted in the locked place.
    """
    former = named(question, replace(options, locks=former_locks)).locks
    options = named(question, options)
    problem = with_demands(question.problem, options.demands)
    today = options.today or datetime.now().astimezone().date()
    switches = Switches(
        allow_unknown_price=options.allow_unknown_price,
        require_goal=options.require_goal,
        optional=optional,
        today=today,
        allow_unverified=options.allow_unverified,
        only_inventory=options.only_inventory,
        given=frozenset(given),
        call_locks=len(options.locks),
        former_locks=former,
    )
    result = compile_instance(
        problem,
        question.cytometer,
        question.catalogs,
        question.fluorochromes,
        question.autofluorescence,
        switches,
        question.signatures,
    )
    return replace(result, remarks=(*question.warnings, *result.remarks))
