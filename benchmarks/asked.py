"""What was asked, as a hash, and what it comes to in numbers, as one number.

Computed numbers are no part of the hash: their last digits depend on the processor and on the libraries. That the
numbers are still the same is told by a sum that is compared with a tolerance.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable

import numpy as np

from panelopt import api
from panelopt.domain.base import Record
from panelopt.domain.reagents import Catalog
from panelopt.instance.arrays import Instance
from panelopt.io.instance_npz import arrays
from panelopt.scoring import SCORE_VERSION

WORDS = frozenset({"title", "description", "note", "source", "sources", "origin", "licence", "retrieved"})
"""Fields that explain and change no number."""

STREAMS = frozenset({"nozzle", "nozzle_source", "default_nozzle_um", "sort_modes", "sort_modes_source"})
"""Fields of a cytometer that only a sort needs: they change no panel, and neither do sizes and drop rate."""

SAME_NUMBERS = 1e-5
"""Difference of :func:`numbers_sum` up to which instances are the same; that of processors is below 1e-8."""


def question_hash(question: api.Question, options: api.Options | None = None, *also: object) -> str:
    """Return a hash of a question: problem, instrument, catalogs, dyes, demands and the version of the score.

    Args:
        question: What is asked.
        options: Its demands; those that stand at their default do not count.
        also: What else was changed, in a form that ``repr`` tells apart.
    """
    demands = (options or api.Options()).demands
    measured = [question.signatures[dye] for dye in sorted(question.signatures)]
    cytometer = question.cytometer.model_copy(update={"nozzle_um": (), "drop_rate_hz": None})
    parts = [
        f"score {SCORE_VERSION}",
        *_texts([question.problem, cytometer, *question.fluorochromes, question.autofluorescence]),
        *_texts(source.model_copy(update={"signature": (source.signature[i],)}) for source, i in measured),
        *(part for catalog in question.catalogs for part in _catalog(catalog)),
        json.dumps(demands.model_dump(mode="json", exclude_defaults=True), sort_keys=True),
        *map(repr, also),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def numbers_sum(instance: Instance) -> float:
    """Return a weighted sum of ``log(1 + |x|)`` over all known numbers x of an instance.

    It tells a changed model value from rounding: light of 1e-20 adds nothing, and each number has another weight than
    its neighbours.
    """
    terms: list[float] = []
    for _, value in sorted(arrays(instance).items()):
        if value.dtype.kind in "fiu":
            size = np.log1p(np.abs(np.nan_to_num(value.astype(float).ravel())))
            terms += ((1 + np.arange(size.size) % 97) * size).tolist()
    return math.fsum(terms)


def _texts(records: Iterable[Record]) -> list[str]:
    return [json.dumps(_numbers(record.model_dump(mode="json", by_alias=True)), sort_keys=True) for record in records]


def _numbers(value: object) -> object:
    """Return a document without the fields that only explain."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items() if key not in WORDS | STREAMS}
    return [_numbers(item) for item in value] if isinstance(value, list) else value


def _catalog(catalog: Catalog) -> list[str]:
    """Return what tells a catalog from others: the hash of its file, or its rows where there is no file."""
    head = f"{'inventory' if catalog.inventory else 'catalog'} {catalog.name} {catalog.currency}"
    return [head, catalog.sha256] if catalog.sha256 else [head, *_texts(catalog.conjugates)]
