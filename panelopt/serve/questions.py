"""Questions and consultations, read once and kept while they are in use."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

from panelopt import api
from panelopt.api.catalogs import catalog_sources
from panelopt.api.consulting import Consultation, PanelRow
from panelopt.api.cytometers import cytometer_names
from panelopt.api.designs import Locked
from panelopt.api.errors import PaneloptError
from panelopt.api.problems import problem_names
from panelopt.serve.bounded import Bounded
from panelopt.serve.state import State
from panelopt.serve.uploads import OWN, Uploads

QUESTIONS = 6
"""Questions that are kept, each with the products of its markers."""

CONSULTATIONS = 12
"""Compiled questions that are kept."""


_UPLOADED = "uploaded"
"""Origin of the list of stock in results: its place in the private folder tells nobody anything."""


class Questions:
    """Reads what a state names.

    Args:
        uploads: Uploaded files.
    """

    def __init__(self, uploads: Uploads) -> None:
        self.uploads = uploads
        self._questions: Bounded[Hashable, api.Question] = Bounded(QUESTIONS)
        self._consultations: Bounded[Hashable, Consultation] = Bounded(CONSULTATIONS)

    def question(self, state: State) -> api.Question:
        """Return the question of a state.

        Raises:
            PaneloptError: if a name is unknown or a file wrong.
        """
        return self._questions.made(state.question, lambda: self._read(state))

    def missing(self, state: State) -> dict[str, str]:
        """Return the file names, by kind, of uploads that a state needs and that are not here any more."""
        wanted = {"stock": (state.stock, state.stock_name), "sorter": (state.cytometer, state.cytometer_name)}
        return {kind: name for kind, (reference, name) in wanted.items() if not self.uploads.has(reference)}

    def consultation(self, state: State) -> Consultation:
        """Return the question of a state, compiled with its demands.

        Raises:
            PaneloptError: if a name is unknown or a file wrong.
        """
        question = self.question(state)
        key = (state.question, state.demands)
        return self._consultations.made(key, lambda: Consultation(question, options_of(state)))

    def _read(self, state: State) -> api.Question:
        _check("problem", state.problem, problem_names())
        _check("cytometer", state.cytometer, cytometer_names())
        known = [source.name for source in catalog_sources()[0]]
        for name in state.catalogs:
            _check("catalog", name, known)
        problem = str(self.uploads.problem_file(state.own_problem)) if state.own_problem else state.problem
        found = api.load(
            problem,
            cytometer=self.uploads.path(state.cytometer),
            catalogs=state.catalogs,
            inventory=self.uploads.path(state.stock) or None,
            beside=self.uploads.folder,
        )
        catalogs = [one.model_copy(update={"origin": _UPLOADED}) if one.inventory else one for one in found.catalogs]
        return replace(found, catalogs=tuple(catalogs))


def options_of(state: State, *, locks: bool = False) -> api.Options:
    """Return the demands of a state, with the locks of its panel if wanted."""
    held = [
        Locked(marker=marker, fluorochrome=slot.dye, detector=slot.detector, **slot.pack(marker).model_dump())
        for slot in state.panel
        for marker in slot.markers
        if slot.locked
    ]
    return api.Options(
        time_limit_s=state.seconds,
        max_colours=state.max_colours,
        budget=state.budget,
        vendors=state.vendors,
        exclude_dyes=state.exclude_dyes,
        exclude_tandems=state.exclude_tandems,
        only_inventory=state.only_inventory,
        allow_unverified=state.allow_unverified,
        allow_unknown_price=state.allow_unknown_price,
        require_goal=state.require_goal,
        require=state.require,
        forbid=state.forbid,
        locks=tuple(held) if locks else (),
    )


def rows_of(state: State) -> tuple[PanelRow, ...]:
    """Return the panel of a state, one row for each reagent."""
    return tuple(
        PanelRow(marker, slot.dye, detector=slot.detector, **slot.pack(marker).model_dump())
        for slot in state.panel
        for marker in slot.markers
    )


def _check(kind: str, name: str, known: tuple[str, ...] | list[str]) -> None:
    """Refuse anything but the names that a list offers: the page reads no paths."""
    if name and not name.startswith(OWN) and name not in known:
        raise PaneloptError(f"there is no {kind} {Path(name).name}", hint="Choose one from the list.")
