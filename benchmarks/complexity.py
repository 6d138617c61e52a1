"""Dyes of low complexity index, against plain restarts that exchange one dye at a time.

Any N of the shipped antibody dyes on a spectral cytometer, and 30 markers with 190 allowed pairs of 49 drawn dyes, with
autofluorescence as a column; then whole designs for markers of one level, whose panels differ in nothing but the
index, against restarts on the pairs that the catalogs sell and the rules allow. Run from the root of the source tree,
e.g. ``python benchmarks/complexity.py --colours 8,30 --limit 5``.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from scipy.optimize import linear_sum_assignment

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.marker_lists import list_question
from benchmarks.rows import table
from panelopt import api, registry
from panelopt.bounds.candidate_slots import list_options
from panelopt.bounds.exclusions import exclusive_dyes
from panelopt.bounds.reduction import reduce
from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.joined_complexity import peak_products
from panelopt.optics.signatures import signature_matrix
from panelopt.optics.spectral_similarity import complexity_index
from panelopt.questions.question import compiled
from panelopt.scoring.rule_checks import panel_complexity
from panelopt.solver.complexity_search import ComplexitySearch, lowest_first
from panelopt.solver.outcome import SearchSettings
from panelopt.solver.search import Search
from panelopt.solver.seats import IntArray, Seats

MARKERS, DYES, PAIRS = 30, 49, 190


@click.command()
@click.option("--colours", default="8,12,20,30,40", show_default=True, metavar="N,N", help="Dyes to be chosen.")
@click.option("--cytometer", default="aurora-5l", show_default=True, metavar="NAME")
@click.option("--draws", type=click.IntRange(min=0), default=4, show_default=True, help="Draws of allowed pairs.")
@click.option("--lists", default="8,12,20", show_default=True, metavar="N,N", help="Lengths of lists to design for.")
@click.option(
    "--limit", type=float, default=5.0, show_default=True, metavar="S", help="Processor time of the restarts."
)
def complexity(colours: str, cytometer: str, draws: int, lists: str, limit: float) -> None:
    """Print the index that each search finds, and the processor time until it was found."""
    instrument = registry.find_cytometer(cytometer)
    light = signature_matrix(instrument, [dye for dye in registry.fluorochromes() if dye.use == "antibody"])
    light = light[:, light.max(axis=0) > 0]
    own = signature_matrix(instrument, [registry.autofluorescence()])
    rows = []
    for count in map(int, colours.split(",")):
        seats = Seats(np.ones((count, light.shape[1]), dtype=bool), np.zeros((light.shape[1],) * 2, dtype=bool))
        rows.append((f"{count} of {light.shape[1]}", *_compared(light, seats, lowest_first(light, seats), limit)))
    for draw in range(draws):
        some, seats, start = allowed_pairs(light, own, draw)
        rows.append((f"{MARKERS} markers, {PAIRS} pairs, draw {draw}", *_compared(some, seats, start, limit)))
    lengths = map(int, filter(None, lists.split(",")))
    rows += [(f"list of {count}", *_designed(one_level(count, cytometer), limit)) for count in lengths]
    click.echo(table(("case", "panelopt", "after s", "of s", "restarts", "after s"), rows))


def one_level(count: int, cytometer: str) -> Instance:
    """Return a list of markers that all have the highest level of any."""
    question = list_question(count, cytometer)
    level = max((m.level for m in question.problem.marker if m.level is not None), key=lambda level: level.abc)
    markers = tuple(marker.model_copy(update={"level": level}) for marker in question.problem.marker)
    question = replace(question, problem=question.problem.model_copy(update={"marker": markers}))
    return compiled(question, api.Options(allow_unverified=True)).instance


def _designed(instance: Instance, limit: float) -> tuple[str, ...]:
    """Return the index of a design, and that of restarts among panels with as few products that no source shows."""
    began = time.process_time()
    outcome = Search(instance, SearchSettings(time_limit_s=None)).run()
    spent = time.process_time() - began
    assert outcome.score is not None
    options = reduce(instance, list_options(instance))
    sold = np.zeros(instance.available.shape, dtype=bool)
    sold[[slot.markers[0] for slot in options.slots], options.dye] = True
    dyes = np.flatnonzero(sold.any(axis=0))
    apart = exclusive_dyes(instance)[np.ix_(dyes, dyes)]
    seats = Seats(sold[:, dyes], apart, (~instance.sourced[:, dyes]).astype(float))
    other, when = restarts(instance.signal[:, dyes], seats, limit)
    return f"{panel_complexity(instance, outcome.score.slots):.3f}", "", f"{spent:.2f}", f"{other:.3f}", f"{when:.2f}"


def allowed_pairs(light: FloatArray, own: FloatArray, draw: int) -> tuple[FloatArray, Seats, IntArray]:
    """Return drawn dyes with autofluorescence last, which markers they may stain, and one way to seat them."""
    random = np.random.default_rng(draw)
    some = np.hstack([light[:, random.choice(light.shape[1], DYES, replace=False)], own])
    allowed = np.zeros((MARKERS + 1, DYES + 1), dtype=bool)
    allowed[np.arange(MARKERS), random.permutation(DYES)[:MARKERS]] = True
    while allowed.sum() < PAIRS:
        allowed[random.integers(MARKERS), random.integers(DYES)] = True
    allowed[-1, -1] = True
    start = linear_sum_assignment(allowed, maximize=True)[1]
    return some, Seats(allowed, np.zeros((DYES + 1,) * 2, dtype=bool)), start


def _compared(light: FloatArray, seats: Seats, start: IntArray, limit: float) -> tuple[str, ...]:
    began, found, moment = time.process_time(), start, 0.0
    for better in ComplexitySearch(light, seats).run(start):
        found, moment = better, time.process_time() - began
    spent = time.process_time() - began
    other, when = restarts(light, seats, limit)
    index = complexity_index(light[:, found])
    return f"{index:.3f}", f"{moment:.2f}", f"{spent:.2f}", f"{other:.3f}", f"{when:.2f}"


def restarts(light: FloatArray, seats: Seats, limit: float) -> tuple[float, float]:
    """Return the least index of exchanges from random seatings, and the processor time until it was found, s.

    All seatings count as little as any does.
    """
    products, random = peak_products(light), np.random.default_rng(0)
    most, dear = seats.least_sum(), np.where(seats.allowed, seats.adds, 1e9)
    began, best, moment = time.process_time(), np.inf, 0.0
    while time.process_time() - began < limit:
        seating = linear_sum_assignment(dear + random.random(dear.shape) / len(dear))[1]
        value, quiet = np.inf, 0
        while quiet < len(seating) and time.process_time() - began < limit:
            for seat in random.permutation(len(seating)):
                quiet += 1
                rest = np.delete(seating, seat)
                left = most - seats.sum(seating) + seats.adds[seat, seating[seat]]
                fits = (seats.adds[seat] <= left) & ~seats.apart[rest].any(axis=0)
                joiners = np.setdiff1d(np.flatnonzero(fits), seating)
                if not joiners.size:
                    continue
                offers = np.repeat(seating[None], joiners.size, axis=0)
                offers[:, seat] = joiners
                values = np.linalg.eigvalsh(products[offers[:, :, None], offers[:, None, :]])
                index = np.sqrt(values[:, -1] / np.maximum(values[:, 0], 1e-12))
                top = int(np.argmin(index))
                if index[top] < value - 1e-9:
                    seating, value, quiet = offers[top], float(index[top]), 0
        if value < best:
            best, moment = value, time.process_time() - began
    return best, moment


if __name__ == "__main__":
    complexity()
