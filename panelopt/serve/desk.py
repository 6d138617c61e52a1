"""What the page can do: it changes sittings, and starts and ends searches."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from panelopt import api
from panelopt.api.consulting import Choice, Reagent
from panelopt.api.designs import Result
from panelopt.api.errors import InputError, PaneloptError
from panelopt.api.pictures import Report
from panelopt.api.reporting import verdict
from panelopt.serve.bounded import Bounded
from panelopt.serve.changes import fitted, with_places, with_result, with_rows
from panelopt.serve.jobs import Jobs
from panelopt.serve.questions import Questions, options_of, rows_of
from panelopt.serve.sitting import Sitting, locks_of
from panelopt.serve.state import State
from panelopt.serve.uploads import PREFIX, Uploads
from panelopt.serve.worker import Task

MOST_SITTINGS = 40
"""Tabs that are remembered; the one used longest ago is forgotten, and begins anew from its address."""

MOST_NOTICES = 12
MOST_REPORTS = 8
"""Reports that are kept: looking at another part of the same panel costs nothing."""

_UPLOAD = re.compile(r"\S*" + PREFIX + r"[^/\\\s]+[/\\][^\s:]+")
"""The path of an upload in a message."""


class Desk:
    """Everything behind the page.

    Args:
        memory_mb: Memory at which a search ends with its best panel.
    """

    def __init__(self, memory_mb: float) -> None:
        self.uploads = Uploads()
        self.questions = Questions(self.uploads)
        self.jobs = Jobs(memory_mb)
        self._reports: Bounded[tuple[State, bool], Report] = Bounded(MOST_REPORTS)
        self.sittings: Bounded[str, Sitting] = Bounded(MOST_SITTINGS, _left)

    def close(self) -> None:
        """Kill all searches and remove all uploads."""
        self.jobs.close()
        self.uploads.close()

    def sitting(self, id_: str, state: State | None) -> Sitting:
        """Return a sitting, or begin one: for a page that is opened.

        Args:
            id_: Its id in the address; one that is not known begins a new one.
            state: The state in the address; None: none.
        """
        found = self.sittings.get(id_) if id_ else None
        if found is not None and (state is None or state == found.state):
            return found
        found = Sitting(state=state or State())
        self.sittings.put(found.id, found)
        self._open(found)
        return found

    def _open(self, sitting: Sitting) -> None:
        try:
            state, result = self._judged(sitting.state)
        except PaneloptError as error:
            tell(sitting, error)
            sitting.state = State()
            return
        sitting.state, sitting.result = state, result
        sitting.note_best(result)

    # ---- changes

    def change(self, sitting: Sitting, make: Callable[[State], State]) -> bool:
        """Change the state; what is wrong is told, and nothing changes then.

        Returns whether the question or its demands changed, so that all of the page must be drawn again.
        """
        with sitting.lock:
            before = sitting.state
            try:
                state = make(before)
                if _scored(state) == _scored(before) and (sitting.result is not None or not state.panel):
                    result = sitting.result
                else:
                    state, result = self._judged(state)
            except ValidationError as error:
                sitting.notices.append(f"Not done: {error.errors()[0]['msg'].removeprefix('Value error, ')}.")
                return False
            except PaneloptError as error:
                tell(sitting, error)
                return False
            sitting.show(state, result)
            return _asks(state) != _asks(before)

    def back(self, sitting: Sitting) -> bool:
        """Undo the last change; return whether all of the page must be drawn again."""
        return self._step(sitting, sitting.past, sitting.went_back)

    def forward(self, sitting: Sitting) -> bool:
        """Redo what was undone; return whether all of the page must be drawn again."""
        return self._step(sitting, sitting.future, sitting.went_forward)

    def _step(self, sitting: Sitting, steps: list[State], go: Callable[[Result | None], None]) -> bool:
        with sitting.lock:
            if not steps:
                return False
            before = sitting.state
            try:
                _, result = self._judged(steps[-1])
            except PaneloptError as error:
                tell(sitting, error)
                return False
            go(result)
            return _asks(sitting.state) != _asks(before)

    def _judged(self, state: State) -> tuple[State, Result | None]:
        """Return a state that fits its question, and the score of its panel.

        While an upload is missing, the state stays as it is, and there is no score.
        """
        if self.questions.missing(state):
            return state, None
        consultation = self.questions.consultation(state)
        state = fitted(state, consultation.question)
        if not state.panel:
            return state, None
        result = consultation.judge(rows_of(state))
        return with_places(state, result), result

    def read_panel(self, sitting: Sitting, content: bytes, suffix: str) -> bool:
        """Take the panel of a file; return whether all of the page must be drawn again."""
        path = self.uploads.text(content, suffix)
        try:
            rows = api.files.read_panel(path)
        except PaneloptError as error:
            tell(sitting, error)
            return False
        finally:
            path.unlink(missing_ok=True)
        return self.change(sitting, lambda state: with_rows(state, rows))

    # ---- answers

    def menu(self, sitting: Sitting, markers: Sequence[str]) -> tuple[Choice, ...]:
        """Return what could stain some markers, best first.

        Raises:
            PaneloptError: if the markers are none of the problem.
        """
        return self.questions.consultation(sitting.state).menu(rows_of(sitting.state), markers)

    def packs(self, sitting: Sitting, markers: Sequence[str]) -> dict[str, tuple[Reagent, ...]]:
        """Return the products that could be bought for each of some markers in the dye that it has.

        Raises:
            PaneloptError: if the markers are none of the problem.
        """
        return self.questions.consultation(sitting.state).packs(rows_of(sitting.state), markers)

    def full(self, sitting: Sitting) -> Result | None:
        """Return the full score of the panel, or the result that found it, with its proof."""
        state, found = sitting.state, sitting.result
        if found is None:
            return None
        asked = (state.question, state.demands, locks_of(state))
        if sitting.proven is not None and sitting.proven_for == asked and stains(sitting.proven) == stains(found):
            return sitting.proven
        consultation = self.questions.consultation(state)
        return api.score(consultation.question, rows_of(state), consultation.options)

    def report(self, sitting: Sitting, *, planned: bool) -> Report:
        """Return the report of the panel on the page, without its slowest numbers.

        Args:
            sitting: The page.
            planned: Whether to plan the sort.

        Raises:
            PaneloptError: if there is no panel.
        """
        state, result = sitting.state, sitting.result
        if result is None:
            raise PaneloptError("there is no panel yet", hint="Design one, or add a colour.")
        question = self.questions.question(state)
        return self._reports.made((state, planned), lambda: api.report_of(question, result, planned=planned))

    def full_report(self, sitting: Sitting) -> Report:
        """Return the report of the full score.

        Raises:
            PaneloptError: if there is no panel.
        """
        result = self.full(sitting)
        if result is None:
            raise PaneloptError("there is no panel yet", hint="Design one, or add a colour.")
        return api.report_of(self.questions.question(sitting.state), result)

    def sampled(self, sitting: Sitting) -> str:
        """Return in words how the panel performs in samples of what is uncertain; empty for marker lists."""
        found = self.questions.consultation(sitting.state).sampled(rows_of(sitting.state))
        return found.summary() if found is not None else ""

    # ---- searches

    def search(self, sitting: Sitting, *, improve: bool) -> None:
        """Start a search."""
        with sitting.lock:
            if sitting.job is not None and sitting.job.snapshot().running:
                return
            state = sitting.state
            try:
                task = Task(self.questions.question(state), options_of(state, locks=True))
                if improve:
                    task = Task(task.question, task.options, rows_of(state), state.changes)
                sitting.job = self.jobs.start(task)
            except PaneloptError as error:
                tell(sitting, error)

    def take(self, sitting: Sitting) -> None:
        """Show the panel of a search that has ended."""
        with sitting.lock:
            if sitting.job is None:
                return
            found = sitting.job.snapshot()
            if found.running:
                return
            task, sitting.job = sitting.job.task, None
        if found.result is None:
            sitting.notices.append(found.message)
            return
        result = found.result
        sitting.notices.append(_ending(result))
        if not result.panel:
            return
        state = with_result(sitting.state, result)
        self.change(sitting, lambda _: state)
        if not task.rows and not sitting.job:
            sitting.proven = result
            sitting.proven_for = (sitting.state.question, sitting.state.demands, locks_of(sitting.state))


def _ending(result: Result) -> str:
    """Return in words how a search ended."""
    if result.panel or not result.conflicts:
        return verdict(result)
    clash = "; ".join(conflict.message for conflict in result.conflicts)
    fewer = "" if result.conflicts_minimal else " (perhaps fewer suffice)"
    return f"No panel meets the demands; this is proven. What clashes{fewer}: {clash}."


def tell(sitting: Sitting, error: PaneloptError) -> None:
    """Tell what is wrong, where, and what to do; without the private folder of uploads."""
    findings = error.findings if isinstance(error, InputError) else ()
    texts = [str(finding) for finding in findings] or [f"{error} {error.hint}".strip()]
    sitting.notices += [_plain(text) for text in texts[:MOST_NOTICES]]
    if len(texts) > MOST_NOTICES:
        sitting.notices.append(f"and {len(texts) - MOST_NOTICES} more faults.")


def stains(result: Result) -> set[tuple[str, tuple[Reagent, ...]]]:
    """Return detector and products of each slot of a result."""
    return {(slot.detector, slot.reagents) for slot in result.panel}


def _plain(text: str) -> str:
    return _UPLOAD.sub("the uploaded file", text)


def _scored(state: State) -> tuple[object, ...]:
    """Return what a score depends on."""
    return state.question, state.demands, tuple((s.markers, s.dye, s.detector, s.products) for s in state.panel)


def _asks(state: State) -> tuple[object, ...]:
    return state.question, state.demands


def _left(sitting: Sitting) -> None:
    if sitting.job is not None:
        sitting.job.kill()


def suffix_of(name: str) -> str:
    """Return the suffix of a file name, ``.csv`` or ``.json``."""
    return ".json" if Path(name).suffix.lower() == ".json" else ".csv"
