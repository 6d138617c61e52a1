"""A question kept ready, so that panels are scored and places of a panel ranked without compiling it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from panelopt.answers.missed_goals import target_name
from panelopt.answers.purchase_records import reagent
from panelopt.answers.result_records import Assembler
from panelopt.answers.samples import robustness
from panelopt.answers.slot_menu import Ranked, ranked
from panelopt.bounds.candidate_slots import list_options
from panelopt.domain.panel_records import Reagent
from panelopt.domain.result import Result, SolveStatus
from panelopt.domain.tube_robustness import Robustness
from panelopt.errors import input_error
from panelopt.instance.compile import Compiled
from panelopt.instance.product import Key, Product
from panelopt.instance.products import is_named
from panelopt.io.panel_csv import PanelRow
from panelopt.questions.panel_rows import named_rows, slots_of
from panelopt.questions.question import Options, Question, compiled, named
from panelopt.questions.scored_panel import score_named

KEPT = 4
"""Further compiled forms that are kept: a panel with reagents that no catalog lists needs one of its own."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What could stand in one place of a panel.

    Attributes:
        markers, fluorochrome, detector: The slot.
        reagents: The product that would be bought for each marker; empty if no catalog lists one.
        worst_log_ratio, sum_log_ratio: Objectives of the panel with it; None if it breaks a rule or cannot be unmixed.
        exact: Whether they are scored; False: estimated.
        purity: By target, exact only.
        broken: Rules that the panel would break, and does not break now.
        burden: Spillover burden or complexity index of the panel with it; None unless the question is a marker list.
    """

    markers: tuple[str, ...]
    fluorochrome: str
    detector: str
    reagents: tuple[Reagent, ...]
    worst_log_ratio: float | None
    sum_log_ratio: float | None
    exact: bool
    purity: dict[str, float]
    broken: tuple[str, ...]
    burden: float | None


class Consultation:
    """A question with its demands, compiled once.

    Args:
        question: The question.
        options: Demands and search options of the call.

    Raises:
        InputError: if names in the demands or in the problem are unknown.
    """

    def __init__(self, question: Question, options: Options | None = None) -> None:
        self.question = question
        self.options = named(question, options or Options())
        self._base = compiled(question, self.options)
        self._others: OrderedDict[frozenset[Key], Compiled] = OrderedDict()
        self._lock = Lock()

    def judge(self, rows: Sequence[PanelRow]) -> Result:
        """Return the score of a panel as :func:`panelopt.api.score` does, without its slowest numbers.

        Left out are the samples (see :meth:`sampled`), the purity after a second sort, and what would reach a missed
        goal.

        Raises:
            InputError: if the panel contains an unknown name.
        """
        rows = named_rows(self.question, rows)
        scored = score_named(self._arrays(rows), rows, self.options)
        status = SolveStatus.INFEASIBLE if scored.conflicts else SolveStatus.FEASIBLE
        assembler = Assembler(self.question, self.options, scored.arrays)
        return assembler.result(
            status, scored.score, None, scored.conflicts, scored.remarks, sampled=False, second_sort=False
        )

    def sampled(self, rows: Sequence[PanelRow]) -> Robustness | None:
        """Return how a panel performs in samples of what is uncertain, as in the result of its score.

        Returns None for marker lists, and for panels without a score.

        Raises:
            InputError: if the panel contains an unknown name.
        """
        rows = named_rows(self.question, rows)
        scored = score_named(self._arrays(rows), rows, self.options)
        if scored.score is None:
            return None
        return robustness(self.question, scored.arrays.instance, scored.score.slots, self.options.tolerance)

    def menu(self, rows: Sequence[PanelRow], markers: Sequence[str]) -> tuple[Choice, ...]:
        """Return every slot that could stain some markers together, best first.

        It takes the place of the slots that stain any of them now. Those that keep the rules are estimated, and the
        best of them (:data:`panelopt.answers.slot_menu.EXACT`) scored exactly; they come first.

        Args:
            rows: The panel.
            markers: A marker, or the markers of a dump.

        Raises:
            InputError: if a name is unknown.
        """
        rows = named_rows(self.question, rows)
        arrays = self._arrays(rows)
        wanted = _indices(arrays, markers)
        present = tuple(sorted(slots_of(arrays.instance, rows)))
        rest = tuple(slot for slot in present if not set(wanted) & set(slot.markers))
        offered = [slot for slot in list_options(arrays.instance).slots if slot.markers == wanted]
        found = ranked(arrays.instance, present, rest, offered, self.options.tolerance)
        return tuple(self._choice(arrays, one) for one in found)

    def packs(self, rows: Sequence[PanelRow], markers: Sequence[str]) -> dict[str, tuple[Reagent, ...]]:
        """Return the products that each of some markers could be stained with in the fluorochrome that it has now.

        They are in the order in which a design would take them. Of products with the same vendor, catalog number and
        clone, which a panel cannot tell apart, the first is given. Markers that are not in the panel are left out.

        Args:
            rows: The panel.
            markers: Markers of the problem.

        Raises:
            InputError: if a name is unknown.
        """
        rows = named_rows(self.question, rows)
        arrays = self._arrays(rows)
        instance, wanted = arrays.instance, _indices(arrays, markers)
        dyes = {row.marker: row.fluorochrome for row in rows}
        found = {}
        for marker in wanted:
            key = (name, dye) = instance.marker[marker], dyes.get(instance.marker[marker], "")
            offered = arrays.products.get(key, ())
            found[name] = tuple(
                reagent(instance, marker, instance.dye.index(dye), {key: product})
                for place, product in enumerate(offered)
                if not any(_stands_for(other, product) for other in offered[:place])
            )
        return {name: products for name, products in found.items() if products}

    def _arrays(self, rows: Sequence[PanelRow]) -> Compiled:
        """Return the compiled question; reagents of the panel that no product offers are admitted."""
        given = frozenset((row.marker, row.fluorochrome) for row in rows if not self._offers(row))
        if not given:
            return self._base
        with self._lock:
            if given not in self._others:
                self._others[given] = compiled(self.question, self.options, sorted(given))
            self._others.move_to_end(given)
            while len(self._others) > KEPT:
                self._others.popitem(last=False)
            return self._others[given]

    def _offers(self, row: PanelRow) -> bool:
        """Whether the catalogs offer a reagent anyway, so that it needs no admission."""
        offered = self._base.products.get((row.marker, row.fluorochrome), ())
        return any(is_named(one.conjugate, row.clone, row.vendor, row.catalog_number) for one in offered)

    def _choice(self, arrays: Compiled, one: Ranked) -> Choice:
        instance = arrays.instance
        dye = instance.dye[one.slot.dye]
        names = tuple(instance.marker[m] for m in one.slot.markers)
        products = {(name, dye): arrays.products[name, dye][0] for name in names if (name, dye) in arrays.products}
        views = one.score.views if one.score is not None else ()
        return Choice(
            markers=names,
            fluorochrome=dye,
            detector=instance.detector[one.slot.detector],
            reagents=tuple(reagent(instance, m, one.slot.dye, products) for m in one.slot.markers)
            if len(products) == len(names)
            else (),
            worst_log_ratio=one.worst,
            sum_log_ratio=one.total,
            exact=one.score is not None or one.worst is None,
            purity={target_name(instance, view): view.purity for view in views},
            broken=one.broken,
            burden=one.burden,
        )


def _stands_for(product: Product, other: Product) -> bool:
    """Whether a product is bought where a panel names another one."""
    named = other.conjugate
    return is_named(product.conjugate, named.clone, named.vendor, named.catalog_number)


def _indices(arrays: Compiled, markers: Sequence[str]) -> tuple[int, ...]:
    known = arrays.instance.marker
    unknown = [name for name in markers if name not in known]
    if unknown or not markers:
        message = f"{', '.join(unknown)} is not a marker of the problem" if unknown else "no marker is named"
        raise input_error("unknown-marker", message, hint=f"Markers: {', '.join(known)}.")
    return tuple(sorted({known.index(name) for name in markers}))
