"""Findings and exceptions: what is wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panelopt.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in an input, or a remark on a result.

    Attributes:
        code: Short stable identifier in kebab case, e.g. ``unknown-marker``.
        message: What is wrong, in one sentence.
        where: File and line, or file and key; empty for the whole input.
        hint: What to do next; may be empty.
    """

    code: str
    message: str
    where: str = ""
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class PaneloptError(Exception):
    """Base class of errors that a user can cause; carries the exit code.

    Args:
        message: What is wrong.
        where: File and line, or file and key.
        hint: What to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class InputError(PaneloptError):
    """An input file or name is missing, wrong or empty (exit code 1).

    Args:
        findings: All faults, not only the first.
        summary: One line for all; derived from the findings by default.
    """

    def __init__(self, findings: Iterable[Finding], summary: str = "") -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        first = self.findings[0] if self.findings else Finding("input", "wrong input")
        if not summary:
            more = len(self.findings) - 1
            summary = first.message + (f" (and {more} more)" if more > 0 else "")
        super().__init__(summary, where=first.where, hint=first.hint)


class UsageError(PaneloptError):
    """The command line is wrong (exit code 2)."""

    exit_code = 2


class InfeasibleError(PaneloptError):
    """Valid demands conflict (exit code 3)."""

    exit_code = 3


def input_error(code: str, message: str, *, where: str = "", hint: str = "") -> InputError:
    """Return an :class:`InputError` with a single finding."""
    return InputError([Finding(code, message, where, hint)])


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return ``Did you mean X?`` for the closest of ``known``, or an empty string."""
    folded = {candidate.casefold(): candidate for candidate in known}
    import difflib  # only messages need it

    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return f"Did you mean {folded[close[0]]}?" if close else ""
