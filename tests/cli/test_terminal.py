"""What only a terminal shows: progress in one line, colours, lines that end between words."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from panelopt.cli.progress import _PHASES, Progress
from panelopt.cli.terminal import coloured, fitted, styled


class Screen(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Screen(terminal=True)


def test_progress_shows_time_best_and_bound_from_the_start() -> None:
    now = [100.0]
    shown = Progress(clock=lambda: now[0])
    assert shown.line() == "0:00 reading; best -, bound -"
    now[0] = 161.9
    shown.phase("worst")
    shown.improved(1.0624, None)
    assert shown.line() == "1:01 raising the worst ratio; best 1.062, bound -"
    shown.bound(1.0651, 51.701)
    shown.improved(1.0624, 51.689)
    assert shown.line() == "1:01 raising the worst ratio; best 1.062, bound 1.065, sum 51.69 of 51.70"


@pytest.mark.parametrize("phase", list(_PHASES))
def test_progress_fits_80_columns(phase: str) -> None:
    now = [0.0]
    shown = Progress(clock=lambda: now[0])
    now[0] = 3599.0
    shown.phase(phase)
    shown.improved(1.0624, 151.689)
    shown.bound(1.0651, 151.701)
    assert len(shown.line()) <= 80
    narrow = Console(file=io.StringIO(), width=40)
    assert len(narrow.render_lines(shown)) == 1


def test_lines_end_between_words_on_a_terminal_only(terminal: Screen) -> None:
    line = "Warning: " + "several words " * 5 + "/a/path/" + "x" * 50
    shown = fitted(line, terminal)
    assert "".join(shown.split()) == "".join(line.split())
    assert all(len(part) <= 40 or part.startswith("/a/path/") for part in shown.splitlines())
    assert fitted(line, Screen(terminal=False)) == line
    assert fitted("  - " + "word " * 12, terminal).splitlines()[1].startswith("    word")


def test_colours_are_for_terminals_that_want_them(terminal: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    assert coloured("Fine.", "met", terminal) == "\x1b[32m\x1b[1mFine.\x1b[0m"
    assert coloured("Given.", "open", terminal) == "\x1b[1mGiven.\x1b[0m"
    assert styled("Fine.", Screen(terminal=False), fg="green") == "Fine."
    monkeypatch.setenv("NO_COLOR", "1")
    assert coloured("Fine.", "met", terminal) == "Fine."
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert coloured("Fine.", "met", terminal) == "Fine."
