"""The questions of ``panelopt problem new``, on stderr so that stdout carries only the file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import click

from panelopt.api.errors import InputError
from panelopt.api.problems import VIABILITY_MARKER, Answers, PopulationAnswer, named_levels, same_marker
from panelopt.cli.group import say, say_error

Answer = TypeVar("Answer")


def ask_answers(id_: str) -> Answers:
    """Ask for tissue, targets, contaminants, markers, levels and goal; repeat questions with invalid answers."""
    say("A few questions; separate lists by commas. You can change everything in the file later.")
    tissue = _text("Tissue", default="")
    targets = _again("Populations to sort", _names)
    contaminants = _again("Populations to keep out", lambda text: _apart(_names(text), targets))
    markers = _again("Markers that may be stained, without the viability dye", _markers)
    say("Levels: - low dim mid bright very_bright, e.g. CD271 bright, CD45 -. Omit unknown levels.")
    populations: list[PopulationAnswer] = []
    for role, name in [*(("target", name) for name in targets), *(("contaminant", name) for name in contaminants)]:
        left = 1 - sum(population.frequency for population in populations)
        share = _again(f"{name}: share of live single cells (0 to {left:.6g})", partial(_share, most=left))
        levels = _again(f"{name}: levels", lambda text: named_levels(text, markers), default="")
        populations.append(PopulationAnswer(name, role, share, levels))
    purity = _again("Purity goal for each tube (0 to 1)", _share, default="0.95")
    return Answers(id_, tissue, markers, populations, purity)


def _text(question: str, default: str | None = None) -> str:
    return str(click.prompt(question, default=default, show_default=bool(default), err=True)).strip()


def _again(question: str, read: Callable[[str], Answer], default: str | None = None) -> Answer:
    while True:
        try:
            return read(_text(question, default))
        except InputError as error:
            say_error(error.message, error.hint)
        except ValueError as error:
            say_error(str(error))


def _names(text: str) -> list[str]:
    names = list(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))
    if not names:
        raise ValueError("at least one name is needed")
    return names


def _apart(names: list[str], others: list[str]) -> list[str]:
    if both := [name for name in names if name in others]:
        raise ValueError(f"{', '.join(both)}: already a population to sort")
    return names


def _markers(text: str) -> list[str]:
    names = _names(text)
    for i, name in enumerate(names):
        if same := [other for other in names[:i] if same_marker(name, other)]:
            raise ValueError(f"{same[0]} and {name} are the same marker")
        if same_marker(name, VIABILITY_MARKER):
            raise ValueError("the viability dye is already included")
    return names


def _share(text: str, most: float = 1.0) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text} is not a number") from None
    if not 0 < value < 1 or value > most + 1e-9:
        raise ValueError(f"{text} is not between 0 and {most:.6g}")
    return value
