"""The command line with a stand-in for the library: it records what it was asked, and answers what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result as Outcome

import panelopt.api.designs
from panelopt.api.designs import Options
from panelopt.cli import main
from panelopt.domain.result import Result
from tests import builders

Run = Callable[..., Outcome]


@dataclass
class FakeApi:
    """What was asked (``calls``) and what is answered (``answer``, or ``fault`` to raise)."""

    answer: Result = field(default_factory=builders.result)
    fault: BaseException | None = None
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def load(
        self,
        problem: str,
        *,
        cytometer: str,
        catalogs: Sequence[str] = (),
        inventory: str | None = None,
        signatures: Sequence[str] = (),
    ) -> str:
        measured = (tuple(signatures),) if signatures else ()
        self.calls.append(("load", (problem, cytometer, tuple(catalogs), inventory, *measured)))
        return f"question about {problem}"

    def design(self, question: str, options: Options, listener: Any = None) -> Result:
        return self._answer("design", question, options, listener)

    def score(self, question: str, rows: Any, options: Options) -> Result:
        return self._answer("score", question, rows, options)

    def improve(self, question: str, rows: Any, max_changes: int, options: Options, listener: Any = None) -> Result:
        return self._answer("improve", question, rows, max_changes, options, listener)

    def write_instance(self, question: str, path: Path, options: Options) -> None:
        self.calls.append(("write_instance", (question, path, options)))

    def _answer(self, name: str, *arguments: Any) -> Result:
        self.calls.append((name, arguments))
        listener = arguments[-1]
        if hasattr(listener, "phase"):
            listener.phase("searching")
            listener.improved(1.0, None)
            listener.bound(1.5, 9.0)
        if self.fault is not None:
            raise self.fault
        return self.answer


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    """The stand-in, in the place of ``panelopt.api``."""
    fake = FakeApi()
    for name in ("load", "design", "score", "improve", "write_instance"):
        for module in (panelopt.api, panelopt.api.designs):
            monkeypatch.setattr(module, name, getattr(fake, name))
    return fake


@pytest.fixture
def run() -> Run:
    """Run a command line; an exception that is no exit is raised."""

    def invoke(*arguments: object) -> Outcome:
        outcome = CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="panelopt")
        if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
            raise outcome.exception
        return outcome

    return invoke
