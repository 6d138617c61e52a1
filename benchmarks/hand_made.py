"""Compares panels that people made by hand with the design of the same question.

Run from the root of the source tree, e.g.
``python benchmarks/hand_made.py --panel marrow.csv bm-cd271-cd146 aria-fusion``. A panel file is what
``panelopt score`` reads. With ``--index`` the panels come from a CSV file with the columns ``file``, ``problem`` and
``cytometer``; its files lie beside it.

A panel that keeps the rules, is as good as the best one within the slack, and comes before the chosen one in the order
of objective 3 is a fault of the design: exit code 1. Products that no source shows, or that no catalog has, count as
unsourced. Ties that only product ids decide are not counted.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.rows import markdown
from panelopt import api
from panelopt.domain.panel_records import PanelSlot
from panelopt.domain.result import Result
from panelopt.errors import PaneloptError
from panelopt.io.panel_csv import PanelRow, read_panel_rows
from panelopt.questions.scored_panel import GivenPanel, score_rows
from panelopt.scoring.panel_score import PanelScore
from panelopt.scoring.practicality import as_good, practical, whole_steps, word_order

FAULT = "FAULT: as good, and ahead in"


@dataclass(frozen=True, slots=True)
class HandMade:
    """A panel made by hand.

    Attributes:
        file: Its CSV file.
        problem, cytometer: The question that it answers.
    """

    file: Path
    problem: str
    cytometer: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a panel made by hand compares.

    Attributes:
        made: The panel.
        text: Refused by which rule, worse by what, or behind or ahead in which count of objective 3.
        worst, chosen_worst: Objective 1 of both.
        counts, chosen_counts: What objective 3 compares, by word.
        proven: Whether the choice of the design is proven.
    """

    made: HandMade
    text: str
    worst: float | None = None
    chosen_worst: float | None = None
    counts: str = ""
    chosen_counts: str = ""
    proven: bool = False

    @property
    def is_fault(self) -> bool:
        """Whether the design is wrong."""
        return self.text.startswith(FAULT)


@click.command()
@click.option("--panel", "panels", nargs=3, multiple=True, metavar="FILE PROBLEM CYTOMETER", help="Repeatable.")
@click.option("--index", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="CSV that lists panels.")
@click.option("--time-limit", type=float, default=60.0, show_default=True, metavar="S", help="Seconds a search.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, metavar="N")
def hand_made(panels: tuple[tuple[str, str, str], ...], index: Path | None, time_limit: float, workers: int) -> None:
    """Score each panel, design the same question, and print how they compare, as Markdown."""
    every = [HandMade(Path(file), problem, cytometer) for file, problem, cytometer in panels]
    every += listed(index) if index else []
    if not every:
        raise click.UsageError("name panels with --panel or --index")
    options = api.Options(time_limit_s=time_limit, workers=workers)
    verdicts = [compared(made, options) for made in every]
    click.echo(shown(verdicts))
    if any(verdict.is_fault for verdict in verdicts):
        raise SystemExit(1)


def listed(index: Path) -> list[HandMade]:
    """Return the panels of an index file."""
    with index.open(encoding="utf-8", newline="") as stream:
        lines = csv.DictReader(stream)
        return [HandMade(index.parent / line["file"], line["problem"], line["cytometer"]) for line in lines]


def compared(made: HandMade, options: api.Options) -> Verdict:
    """Judge a panel, and compare it with the design of its question."""
    question = api.load(made.problem, cytometer=made.cytometer)
    try:
        mine = score_rows(question, read_panel_rows(made.file), options)
    except PaneloptError as error:
        return Verdict(made, f"refused: {error}")
    if mine.conflicts or mine.score is None:
        return Verdict(made, "refused: " + "; ".join(f"{c.demand}: {c.message}" for c in mine.conflicts))
    result = _designed(made.problem, made.cytometer, options)
    if not result.panel:
        return Verdict(made, f"FAULT: no panel was designed ({result.status.value})", mine.score.worst)
    best = score_rows(question, rows_of(result.best.panel or result.panel), options)
    chosen = score_rows(question, rows_of(result.panel), options)
    if best.score is None or chosen.score is None:
        return Verdict(made, "FAULT: the design is refused by the score", mine.score.worst)
    return Verdict(
        made,
        _verdict(mine, best.score, chosen),
        mine.score.worst,
        chosen.score.worst,
        _counts(mine),
        _counts(chosen),
        result.practical is not None and result.practical.proven,
    )


@cache
def _designed(problem: str, cytometer: str, options: api.Options) -> Result:
    return api.design(api.load(problem, cytometer=cytometer), options)


def rows_of(panel: Iterable[PanelSlot]) -> tuple[PanelRow, ...]:
    """Return a panel of a result as the rows of a panel file."""
    return tuple(
        PanelRow(r.marker, r.fluorochrome, r.clone, slot.detector, r.vendor, r.catalog_number)
        for slot in panel
        for r in slot.reagents
    )


def _verdict(mine: GivenPanel, best: PanelScore, chosen: GivenPanel) -> str:
    assert mine.score is not None
    if not as_good(best, mine.score, mine.arrays.instance.slack):
        pairs = zip(best.views, mine.score.views, strict=True)
        less = max(its.odds_at_least - own.odds_at_least for its, own in pairs)
        return f"not as good: worst {mine.score.worst - best.worst:+.3f}, odds of a tube {-less:+.3f}"
    return standing(counts_of(mine), counts_of(chosen))


def standing(own: Mapping[str, tuple[float, ...]], chosen: Mapping[str, tuple[float, ...]]) -> str:
    """Return how a panel that is as good as the best one stands to the chosen one, by the first count that differs."""
    for word in own:
        if own[word] != chosen[word]:
            return f"{FAULT} {word}" if own[word] < chosen[word] else f"as good, and behind in {word}"
    return "as good in everything"


def counts_of(judged: GivenPanel) -> dict[str, tuple[float, ...]]:
    """Return what objective 3 compares, in its order; product ids are left out."""
    assert judged.score is not None
    instance, slots = judged.arrays.instance, judged.score.slots
    bought = judged.arrays.bought(slots).values()
    counted = practical(instance, slots, judged.score.gate_count)
    counts: dict[str, tuple[float, ...]] = {
        "sourced": (sum(product.conjugate.availability != "sourced" for product in bought),),
        "to_buy": (counted.to_buy,),
        "colours": (counted.colours,),
        "spillover": (whole_steps(counted.spillover),),
        "fragile": (counted.fragile,),
        "price": (counted.unknown_prices, counted.price),
    }
    return {word: counts[word] for word in word_order(instance.prefer)} | {"gates": (counted.gates,)}


def _counts(judged: GivenPanel) -> str:
    counts = counts_of(judged)
    return ", ".join(f"{word} {'/'.join(f'{value:g}' for value in counts[word])}" for word in counts)


def shown(verdicts: Sequence[Verdict]) -> str:
    """Return the table."""
    header = (
        "panel",
        "problem",
        "cytometer",
        "verdict",
        "worst",
        "worst of the design",
        "counts",
        "of the design",
        "proven",
    )
    lines = []
    for v in verdicts:
        values = ["-" if value is None else f"{value:.3f}" for value in (v.worst, v.chosen_worst)]
        named = [v.made.file.name, v.made.problem, v.made.cytometer]
        lines.append([*named, v.text, *values, v.counts or "-", v.chosen_counts or "-", "yes" if v.proven else "no"])
    return markdown(header, lines)


if __name__ == "__main__":
    hand_made()
