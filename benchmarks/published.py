"""Compares published panels with the best that their own dyes allow on the same instrument.

Each panel of ``problems/published/`` is scored as it is, improved by one, two and three changed reagents, and set
against the free optimum, first with its own markers and then with all markers of the problem. Only dyes of the panel
are admitted; products are those of the default catalogs and those of the panel. Run from the root of the source tree,
e.g. ``python benchmarks/published.py --panel marrow-msc-tube``; ``--report`` writes the tables of
``docs/published-panels.md`` from the measured rows.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.asked import question_hash
from benchmarks.rows import Cell, RowFile, number, shown
from panelopt import api, registry
from panelopt.catalogs import find_catalogs
from panelopt.domain.problem_record import Marker, Problem
from panelopt.domain.reagents import VIABILITY_MARKER, Catalog, Conjugate
from panelopt.domain.result import Result
from panelopt.io.panel_csv import PanelRow, read_panel_rows
from panelopt.questions.panel_rows import named_rows
from panelopt.questions.question import compiled
from panelopt.registry.data_places import PROBLEM_DATA, data_folder

ROOT = Path(__file__).resolve().parents[1]
FOLDER = data_folder(PROBLEM_DATA, "published")
ROWS = FOLDER / "comparison.csv"
PAGE = ROOT / "docs" / "published-panels.md"

COLUMNS = (
    *("panel", "cytometer", "question", "limit_s", "question_sha256", "status", "worst", "bound_worst", "gap_worst"),
    *("floor", "best_sum", "bound_sum", "gap_sum", "colours", "changed", "hardest", "broken", "slots", "seconds"),
    *("own_pairs", "all_pairs", "version", "date"),
)
GIVEN, OWN, ALL = "as published", "free, own markers", "free, all markers"
CHANGES = (1, 2, 3)
LIST_LEVEL = "mid"
"""Level of every marker where a panel is judged as a marker list (model value)."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published panel and how it is judged; texts as in ``panels.toml``.

    Attributes:
        id, title, sample, source, note: As published.
        instrument: As stated, empty where it is not.
        cytometer: The shipped one on which it is judged.
        problem: The shipped problem, empty for a marker list.
        ignored: Targets of the problem that are not asked for.
    """

    id: str
    title: str
    sample: str
    source: str
    instrument: str
    cytometer: str
    note: str
    problem: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[PanelRow, ...]:
        """All reagents of the panel."""
        return read_panel_rows(FOLDER / f"{self.id}.csv")


def published_panels() -> tuple[Published, ...]:
    """Return the panels of ``problems/published/panels.toml``."""
    entries = tomllib.loads((FOLDER / "panels.toml").read_text("utf-8"))["panel"]
    return tuple(Published(**{**entry, "ignored": tuple(entry.get("ignored", ()))}) for entry in entries)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is asked about one panel.

    Attributes:
        question: Own dyes, all markers of the problem.
        own: Own dyes, own markers.
        rows: Reagents whose markers the problem has.
        left_out: Markers that the problem does not have.
        waived: Markers that the problem requires and the panel lacks.
    """

    question: api.Question
    own: api.Question
    rows: tuple[PanelRow, ...]
    left_out: tuple[str, ...]
    waived: tuple[str, ...]


def comparison(panel: Published) -> Comparison:
    """Return the questions about a panel."""
    names = registry.marker_names()
    rows = tuple(replace(row, marker=names.resolve(row.marker) or row.marker) for row in panel.rows)
    problem = _problem(panel, rows)
    listed = {marker.name for marker in problem.marker}
    kept = tuple(row for row in rows if row.marker in listed)
    base = api.load(registry.problem_names()[0], cytometer=panel.cytometer)
    catalogs, _ = find_catalogs()  # of all markers, not only those of the problem that was loaded
    question = replace(base, problem=problem, catalogs=(*catalogs, _reagents(panel, kept)))
    kept = named_rows(question, kept)
    dyes = {row.fluorochrome for row in kept}
    others = tuple(sorted({dye.name for dye in question.fluorochromes} - dyes))
    limits = problem.limits.model_copy(update={"exclude_fluorochromes": others, "max_colours": None})
    problem = problem.model_copy(update={"limits": limits})
    have = {row.marker for row in kept}
    waived = tuple(marker.name for marker in problem.marker if marker.required and marker.name not in have)
    markers = tuple(m.model_copy(update={"required": False}) if m.name in waived else m for m in problem.marker)
    own = tuple(m if m.name in have else _forbidden(m) for m in markers)
    return Comparison(
        question=replace(question, problem=problem.model_copy(update={"marker": markers})),
        own=replace(question, problem=problem.model_copy(update={"marker": own})),
        rows=kept,
        left_out=tuple(row.marker for row in rows if row.marker not in listed),
        waived=waived,
    )


def _problem(panel: Published, rows: tuple[PanelRow, ...]) -> Problem:
    if not panel.problem:
        stained = [row.marker for row in rows if row.marker != VIABILITY_MARKER]
        return Problem(id=panel.id, marker=tuple(Marker(name=name, level=LIST_LEVEL) for name in stained))
    problem = registry.find_problem(panel.problem).problem
    populations = tuple(
        p.model_copy(update={"role": "ignore"}) if p.name in panel.ignored else p for p in problem.population
    )
    return problem.model_copy(update={"population": populations})


def _forbidden(marker: Marker) -> Marker:
    # a viability marker keeps its role: without a product it cannot be used anyway
    return marker if marker.role == "viability" else marker.model_copy(update={"role": "forbidden"})


def _reagents(panel: Published, rows: tuple[PanelRow, ...]) -> Catalog:
    dyes = registry.fluorochrome_names()
    conjugates = tuple(
        Conjugate(
            marker=row.marker,
            fluorochrome=dyes.resolve(row.fluorochrome) or row.fluorochrome,
            clone=row.clone,
            vendor=row.vendor,
            availability="sourced",
            source=panel.source,
        )
        for row in rows
    )
    return Catalog(name=panel.id, source=panel.source, conjugates=conjugates)


def questions(panel: Published) -> tuple[str, ...]:
    """Return what is asked about a panel; a marker list has no other markers."""
    return (GIVEN, *(f"{n} changed" for n in CHANGES), OWN, *((ALL,) if panel.problem else ()))


def answered(asked: Comparison, question: str, options: api.Options) -> Result:
    """Return the answer to one of :func:`questions`."""
    if question == GIVEN:
        return api.score(asked.own, asked.rows, options)
    if question in (OWN, ALL):
        return api.design(asked.own if question == OWN else asked.question, options)
    return api.improve(asked.own, asked.rows, int(question.split()[0]), options)


def measured(asked: Comparison, question: str, options: api.Options) -> dict[str, Cell]:
    """Return the row of one answer; what was not searched has no limit."""
    result = answered(asked, question, options)
    given = {(row.marker, row.fluorochrome) for row in asked.rows}
    stains = {(marker, slot.fluorochrome) for slot in result.panel for marker in slot.markers}
    dropped = {marker for marker, _ in given} - {marker for marker, _ in stains}
    searched = question != GIVEN
    best = result.best if searched else result.objective
    hardest = min(result.pairs, key=lambda pair: pair.log_ratio, default=None)
    return {
        "status": result.status.value,
        "worst": best.worst_log_ratio if best else None,
        "bound_worst": result.bound.worst_log_ratio,
        "gap_worst": result.gap.worst_log_ratio,
        "floor": result.floor,
        "best_sum": best.sum_log_ratio if best else None,
        "bound_sum": result.bound.sum_log_ratio,
        "gap_sum": result.gap.sum_log_ratio,
        "colours": result.objective.colours if result.objective else None,
        "changed": len(stains - given) + len(dropped) if result.panel else None,
        "hardest": f"{hardest.target} against {hardest.contaminant}" if hardest else "",
        "broken": "; ".join(c.demand if searched else c.message for c in result.conflicts),
        "slots": "; ".join(f"{'+'.join(slot.markers)} {slot.fluorochrome}" for slot in result.panel),
        "seconds": round(result.solver.wall_s, 1) if searched else None,
        "own_pairs": _choices(asked.own),
        "all_pairs": _choices(asked.question),
        "version": result.panelopt_version,
    }


@click.command()
@click.option("--panel", "panels", multiple=True, metavar="ID", help="Repeatable. Default: all.")
@click.option("--time-limit", type=float, default=20.0, show_default=True, metavar="S", help="Seconds a search.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, metavar="N")
@click.option(
    "--csv", "csv_path", type=click.Path(path_type=Path), default=ROWS, metavar="PATH", help="File to write and resume."
)
@click.option("--report", is_flag=True, help="Only write the tables of docs/published-panels.md.")
def published(panels: tuple[str, ...], time_limit: float, workers: int, csv_path: Path, report: bool) -> None:
    """Score, improve and redesign each published panel, and print what is reached."""
    file = RowFile(csv_path, COLUMNS)
    if report:
        PAGE.write_text(with_tables(PAGE.read_text("utf-8"), file.rows), "utf-8")
        return
    options = api.Options(time_limit_s=time_limit, workers=workers, allow_unverified=True)
    for panel in published_panels():
        if panels and panel.id not in panels:
            continue
        asked = comparison(panel)
        sha = question_hash(asked.question, options)
        for question in questions(panel):
            point: dict[str, Cell] = {"panel": panel.id, "cytometer": panel.cytometer, "question": question}
            point |= {"limit_s": f"{time_limit:g}", "question_sha256": sha}
            known = [row for row in file.rows if all(row[name] == str(value) for name, value in point.items())]
            today = dt.datetime.now(tz=dt.UTC).date().isoformat()
            row = known[-1] if known else file.add({**point, **measured(asked, question, options), "date": today})
            click.echo("  ".join((row["panel"], *_cells(row))))


def with_tables(page: str, rows: list[dict[str, str]]) -> str:
    """Return the page with the tables between its two marks made anew."""
    start, end = "<!-- tables: begin -->\n", "<!-- tables: end -->"
    body = "\n".join([*_overview(rows), "", *_sections(rows)])
    return re.sub(f"{start}.*{end}", lambda _: f"{start}\n{body}\n{end}", page, flags=re.DOTALL)


def _overview(rows: list[dict[str, str]]) -> Iterator[str]:
    asked = (GIVEN, *(f"{n} changed" for n in CHANGES), OWN, ALL)
    yield f"Worst ratio (log10); * not proven within {rows[0]['limit_s'] if rows else 0} s:\n"
    yield f"| panel | judged as | {' | '.join(asked)} |"
    yield f"|---|---|{'---:|' * len(asked)}"
    for panel in published_panels():
        found = {row["question"]: row for row in rows if row["panel"] == panel.id}
        marked = {
            name: _shown(row["worst"], 3) + ("*" if row["status"] == "feasible" and row["seconds"] else "")
            for name, row in found.items()
        }
        kind = f"`{panel.problem}`" if panel.problem else "marker list"
        yield f"| {panel.title} | {kind} | {' | '.join(marked.get(name, '-') for name in asked)} |"


def _sections(rows: list[dict[str, str]]) -> Iterator[str]:
    for panel in published_panels():
        own = [row for row in rows if row["panel"] == panel.id]
        if not own:
            continue
        asked = comparison(panel)
        yield f"### {panel.title}\n"
        yield f"`{panel.id}`: {panel.sample}. Source: {panel.source}.\n"
        judged = f"`{panel.problem}`" if panel.problem else "a marker list"
        yield f"Instrument as stated: {panel.instrument or 'none'}; judged on `{panel.cytometer}` with {judged}."
        yield f"Note: {panel.note}.\n"
        if asked.left_out:
            yield f"Left out, as the question has no levels for them: {', '.join(asked.left_out)}.\n"
        more = f"; of any marker of the problem and own dye: {own[0]['all_pairs']}" if panel.problem else ""
        yield f"Pairs of own marker and own dye to choose from: {own[0]['own_pairs']}{more}.\n"
        if asked.waived:
            yield f"Demanded by the problem, waived here as the panel lacks them: {', '.join(asked.waived)}.\n"
        if broken := own[0]["broken"]:
            yield f"The published panel breaks a rule of the question, and is judged all the same: {broken}.\n"
        yield "| panel | status | worst | limit | gap | sum | limit | gap | colours | changed | s |"
        yield "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        for row in own:
            yield f"| {' | '.join(_cells(row))} |"
        yield ""
        for row in (own[0], *own[-2:]):
            if row["slots"]:
                yield f"- {row['question']}: {row['slots']}. Hardest: {row['hardest']}."
        yield ""


def _choices(question: api.Question) -> int:
    instance = compiled(question, api.Options(allow_unverified=True)).instance
    usable = np.array([marker.role != "forbidden" for marker in question.problem.marker])
    return int(instance.available[usable].sum())


def _cells(row: dict[str, str]) -> tuple[str, ...]:
    status = row["status"] if row["seconds"] else "given"
    numbers = [_shown(row[name], 3) for name in ("worst", "bound_worst", "gap_worst")]
    numbers += [_shown(row[name], 2) for name in ("best_sum", "bound_sum", "gap_sum")]
    return (row["question"], status, *numbers, row["colours"], row["changed"], _shown(row["seconds"], 0))


def _shown(text: str, digits: int) -> str:
    value = number(text)
    return shown(None if value is None else round(value, digits) + 0.0, digits)  # no negative zero


if __name__ == "__main__":
    published()
