"""Certificates that call a poor panel the best, each by another trick that somebody who knows the checks might try."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from panelopt.bounds.candidate_slots import CandidateSlots, list_options
from panelopt.bounds.claim_bounds import own_bounds
from panelopt.bounds.exclusions import Exclusions
from panelopt.bounds.reduction import reduce
from panelopt.bounds.subset_noise import SubsetNoise
from tests.forgery.cases import TOLERANCE, Case, Panel

Document = dict[str, Any]
GAP = 1e-5


class Forger:
    """Makes certificates that call one panel of a question optimal.

    Args:
        case: The question.
        panel: The panel, allowed and worse than the best one.
    """

    def __init__(self, case: Case, panel: Panel) -> None:
        self.case = case
        self.panel = panel
        self.instance = case.instance
        self.options: CandidateSlots = reduce(case.instance, list_options(case.instance))
        self.conflict = Exclusions(case.instance, self.options).rows(range(len(self.options.slots)))
        self.own = own_bounds(case.instance, SubsetNoise(case.instance, self.options))

    def lie(self) -> Document:
        """Return the honest certificate with the poor panel in the place of the best."""
        found = copy.deepcopy(self.case.document)
        score, place = self.case.scores[self.panel], self.options.by_slot
        judged = {"panel": sorted(place[s] for s in self.panel), "worst": score.worst, "total": score.total}
        found |= {name: copy.deepcopy(judged) for name in ("reported", "best_worst", "best_total")}
        found["gates"] = [[[place[self.panel[s]], side] for s, side in view.gates] for view in score.views]
        found["floor"] = score.worst - TOLERANCE
        found["bound"] = {"worst_log_ratio": score.worst + GAP, "sum_log_ratio": score.total + GAP}
        found["status"] = "optimal"
        better = {
            tuple(sorted(place[s] for s in slots)) for slots, s in self.case.scores.items() if s.worst > score.worst
        }
        found["capped"] = [one for one in found["capped"] if tuple(one["panel"]) not in better]
        found["forbidden"] = [one for one in found["forbidden"] if tuple(one) not in better]
        return found

    def row(self, view: int, option: int, side: int, contaminant: int, **parts: Any) -> Document:
        """Return a row that leaves a gate no claim, if nothing else is said."""
        plain = {"fixed": [[option]], "dark": [], "base": 0.0, "reduction": [], "unused": None}
        return {"gate": [view, self.options.key(option), side], "contaminant": contaminant, **plain, **parts}

    def gates(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield view, option, side and contaminant of every claim."""
        for view, limits in enumerate(self.own):
            yield from ((view, *(int(i) for i in place)) for place in np.argwhere(limits > 0))  # type: ignore[misc]

    def claim(self, view: int, option: int, side: int, contaminant: int) -> float:
        """What an option claims at its own noise."""
        return float(self.own[view][option, side, contaminant])

    def others(self, option: int, *, meet: bool) -> list[int]:
        """Other options that can be in a panel with one, or that cannot."""
        return [int(o) for o in np.flatnonzero(self.conflict[option] != meet) if o != option]


Trick = Callable[[Forger, Document], None]


def _with_rows(make: Callable[[Forger, tuple[int, int, int, int]], list[Document]]) -> Trick:
    """A trick that adds rows for every claim, in the order in which rows must be."""

    def trick(forger: Forger, document: Document) -> None:
        document["rows"] += [row for gate in forger.gates() for row in make(forger, gate)]
        in_order(document)

    return trick


def in_order(document: Document) -> None:
    """Bring rows into order, each once."""
    texts = {json.dumps(row): row for row in document["rows"]}
    document["rows"] = sorted(texts.values(), key=_row_order)


def _row_order(row: Document) -> Any:
    tuples = json.loads(json.dumps(row))
    unused = tuples["unused"] or []
    parts = (tuples["gate"], tuples["contaminant"], tuples["fixed"], tuples["dark"], unused, tuples["base"])
    return _deep((*parts, tuples["reduction"]))


def _deep(value: Any) -> Any:
    return tuple(_deep(part) for part in value) if isinstance(value, list | tuple) else value


def _alone(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    return [forger.row(*gate)]


def _twice(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    option = gate[1]
    same = [o for o in forger.others(option, meet=False) if forger.options.dye[o] == forger.options.dye[option]]
    groups = [
        [[option], [option]],
        [[option], sorted([option, *same])],
        [[option, option]],
        [[option], [option, option]],
    ]
    return [forger.row(*gate, fixed=groups) for groups in groups]


def _excluded(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    """Rows beside a group of what can be in the panel and what cannot."""
    cannot, can = forger.others(gate[1], meet=False)[:3], forger.others(gate[1], meet=True)
    groups = [[[gate[1]], [o]] for o in cannot]
    groups += [[[gate[1]], sorted([o, p])] for o in cannot[:1] for p in can]
    return [forger.row(*gate, fixed=group) for group in groups]


def _mixed(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    can = forger.others(gate[1], meet=True)
    return [forger.row(*gate, fixed=[[gate[1]], sorted(can)])] if len(can) > 1 else []


def _itself(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    claim = forger.claim(*gate)
    repeated = [[gate[1], claim / 2], [gate[1], claim / 2]]
    return [forger.row(*gate, base=claim, reduction=less) for less in ([[gate[1], claim]], repeated)]


def _partners(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    """Rows that fall with whatever joins, with all of it at once, and rows that hardly rise."""
    claim, can = forger.claim(*gate), forger.others(gate[1], meet=True)
    every = forger.others(gate[1], meet=True) + forger.others(gate[1], meet=False)
    rows = [forger.row(*gate, base=claim, reduction=[[o, claim]]) for o in can]
    rows.append(forger.row(*gate, base=claim, reduction=[[o, claim] for o in can]))
    rows.append(forger.row(*gate, base=0.0, reduction=[[o, -1e-9] for o in can]))
    rows.append(forger.row(*gate, base=0.0, reduction=[[o, -5.0] for o in sorted(every)]))
    rows.append(forger.row(*gate, base=-1.0))
    rows.append(forger.row(*gate, base=claim, reduction=[[o, 2 * claim * (-1) ** i] for i, o in enumerate(can)]))
    return rows


def _dark(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    claim, own = forger.claim(*gate), int(forger.options.detector[gate[1]])
    every = list(range(len(forger.instance.detector)))
    rows = [forger.row(*gate, dark=dark) for dark in ([own], every, [d for d in every if d != own])]
    rows += [forger.row(*gate, base=claim, unused=[d, claim]) for d in every]
    rows += [forger.row(*gate, base=claim, dark=[d], unused=[d, claim]) for d in every]
    rows += [forger.row(*gate, base=0.0, unused=[d, -claim]) for d in every]
    return rows


def _elsewhere(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    """Rows whose gate is of another marker, view, side or contaminant than what they name."""
    view, option, side, contaminant = gate
    rows = []
    for other in forger.others(option, meet=True):
        row = forger.row(view, other, side, contaminant)
        rows.append(row | {"fixed": [[option]]})
        rows.append(row | {"fixed": [[option], [other]]})
    return rows


def _empty(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    return [forger.row(*gate, fixed=groups) for groups in ([], [[]], [[gate[1]], []])]


def _far(forger: Forger, gate: tuple[int, int, int, int]) -> list[Document]:
    far = len(forger.options.slots)
    return [forger.row(*gate, fixed=[[gate[1]], [o]]) for o in (far, -1, 10**12)]


def _lower_rows(by: float) -> Trick:
    def trick(_: Forger, document: Document) -> None:
        for row in document["rows"]:
            row["base"] -= by
        in_order(document)

    return trick


def _sharper_rows(_: Forger, document: Document) -> None:
    for row in document["rows"]:
        row["reduction"] = [[o, row["base"] if less > 0 else 0.5 * less] for o, less in row["reduction"]]
    in_order(document)


def _fewer_names(_: Forger, document: Document) -> None:
    for row in document["rows"]:
        row["fixed"], row["dark"] = row["fixed"][:1], []
    in_order(document)


def _no_own(_: Forger, document: Document) -> None:
    document["own_limits"] = [{"options": [], "values": []} for _ in document["own_limits"]]


def _zero_own(_: Forger, document: Document) -> None:
    for table in document["own_limits"]:
        table["values"] = [[0.0] * len(line) for line in table["values"]]


def _lowered(values: Callable[[int], float], *, some: bool = False) -> Trick:
    """A trick with a table of low limits for every marker; of some members only, if wanted."""

    def trick(forger: Forger, document: Document) -> None:
        keys = sorted({forger.options.key(o) for o in range(len(forger.options.slots))})
        tables = []
        for view, limits in enumerate(forger.own):
            for key in keys:
                members = [o for o in range(len(forger.options.slots)) if forger.options.key(o) == key]
                members = members[1:] if some else members
                line = [values(i) for i in range(limits.shape[1] * limits.shape[2])]
                tables.append({"view": view, "key": key, "members": members, "values": [line] * len(members)})
        document["lowered"] = tables

    return trick


def _capped(*, by_true: bool) -> Trick:
    """A trick that caps every better panel, at its score or at that of the poor one."""

    def trick(forger: Forger, document: Document) -> None:
        poor, place = forger.case.scores[forger.panel], forger.options.by_slot
        caps = []
        for panel, score in forger.case.scores.items():
            shown = score if by_true else poor
            caps.append({"panel": sorted(place[s] for s in panel), "worst": shown.worst, "total": shown.total})
        document["capped"] = sorted(caps, key=lambda cap: cap["panel"])

    return trick


def _forbidden(forger: Forger, document: Document) -> None:
    place = forger.options.by_slot
    panels = [sorted(place[s] for s in panel) for panel in forger.case.scores if panel != forger.panel]
    document["forbidden"] = sorted(panels)


def _fewer_slots(forger: Forger, document: Document) -> None:
    kept = [forger.options.by_slot[s] for s in forger.panel]
    document["options"] = [document["options"][o] for o in sorted(kept)]
    for name in ("reported", "best_worst", "best_total"):
        if document[name] is not None:  # an earlier trick may have taken it away
            document[name]["panel"] = list(range(len(kept)))
    document |= {"gates": [[] for _ in forger.instance.views], "rows": [], "lowered": [], "capped": [], "forbidden": []}


def _set(**values: Any) -> Trick:
    def trick(_: Forger, document: Document) -> None:
        document.update(copy.deepcopy(values))

    return trick


def _floor(by: float) -> Trick:
    def trick(_: Forger, document: Document) -> None:
        document["floor"] = (document["floor"] or 0.0) + by  # an earlier trick may have taken it away

    return trick


def _best_stays(*names: str) -> Trick:
    """A trick that reports the poor panel beside the honest best values and limits."""

    def trick(forger: Forger, document: Document) -> None:
        honest = copy.deepcopy(forger.case.document)
        document |= {name: honest[name] for name in (*names, "bound", "floor", "capped", "forbidden")}

    return trick


def _infeasible(_: Forger, document: Document) -> None:
    nothing = dict.fromkeys(("reported", "best_worst", "best_total", "floor"))
    bound = {"worst_log_ratio": None, "sum_log_ratio": None}
    document |= {"status": "infeasible", "gates": [], "bound": bound, **nothing}


TRICKS: dict[str, Trick] = {
    "as it is": lambda _forger, _document: None,
    "no claims": _with_rows(_alone),
    "a slot twice": _with_rows(_twice),
    "slots that cannot meet": _with_rows(_excluded),
    "groups of several dyes": _with_rows(_mixed),
    "a slot lowers itself": _with_rows(_itself),
    "whatever joins lowers": _with_rows(_partners),
    "used detectors unused": _with_rows(_dark),
    "gates of other markers": _with_rows(_elsewhere),
    "groups of nothing": _with_rows(_empty),
    "slots that do not exist": _with_rows(_far),
    "rows a little lower": _lower_rows(3e-7),
    "rows lower": _lower_rows(0.3),
    "sharper rows": _sharper_rows,
    "fewer names": _fewer_names,
    "no own limits": _no_own,
    "own limits of zero": _zero_own,
    "lowered to zero": _lowered(lambda _: 0.0),
    "lowered below zero": _lowered(lambda _: -1.0),
    "lowered without a slot": _lowered(lambda _: 10.0, some=True),
    "caps at the poor value": _capped(by_true=False),
    "caps at the true value": _capped(by_true=True),
    "all others forbidden": _forbidden,
    "fewer slots": _fewer_slots,
    "far tolerance": _set(tolerance=1000.0),
    "no tolerance": _set(tolerance=0.0),
    "high floor": _floor(5.0),
    "low floor": _floor(-5.0),
    "no proof": _set(rows=[], lowered=[], capped=[], forbidden=[]),
    "best beside": _best_stays("best_worst", "best_total"),
    "best worst beside": _best_stays("best_worst"),
    "best sum beside": _best_stays("best_total"),
    "infeasible": _infeasible,
}
"""Tricks, by name."""
