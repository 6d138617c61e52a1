"""Rows of small catalogs, kept once they were found valid: only those that a question needs become conjugates."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from pydantic import TypeAdapter

from panelopt.domain.reagents import Conjugate
from panelopt.errors import Finding
from panelopt.frozen import dataclass
from panelopt.io.kept_files import KeptFiles

_ROWS = TypeAdapter(tuple[Conjugate, ...])


@dataclass(frozen=True, slots=True)
class KeptRows:
    """The valid rows of a data file.

    Attributes:
        rows: The fields of each conjugate that the file fills.
        remarks: Code, message, place within the file, and hint of each remark.
    """

    rows: list[dict[str, Any]]
    remarks: list[list[str]]

    @classmethod
    def of(cls, conjugates: tuple[Conjugate, ...], remarks: Iterable[Finding], where: str) -> KeptRows:
        """Return the rows as they are kept.

        Args:
            conjugates: All conjugates of the file.
            remarks: Remarks on them.
            where: Name of the file, with which the places of the remarks begin.
        """
        rows = _ROWS.dump_python(conjugates, mode="json", exclude_unset=True)
        return cls(rows, [[r.code, r.message, r.where.removeprefix(where), r.hint] for r in remarks])

    @classmethod
    def find(cls, kept: KeptFiles, key: str) -> KeptRows | None:
        """Return what was kept under a key; None if there is nothing, or nothing of this form."""
        return kept.made(key, cls._restored)

    @classmethod
    def _restored(cls, content: Any) -> KeptRows:
        found = cls(*content)
        found.conjugates(())  # both fail where rows or remarks are something else
        found.findings("")
        return found

    def keep(self, kept: KeptFiles, key: str) -> None:
        """Keep the rows under a key, if that is possible."""
        kept.keep(key, json.dumps([self.rows, self.remarks], separators=(",", ":")).encode())

    def conjugates(self, markers: Collection[str]) -> tuple[Conjugate, ...]:
        """Return the conjugates of some markers."""
        wanted = frozenset(markers)
        return _ROWS.validate_python([row for row in self.rows if row["marker"] in wanted])

    def findings(self, where: str) -> tuple[Finding, ...]:
        """Return the remarks; ``where`` is the name of the file."""
        return tuple(Finding(code, message, f"{where}{place}", hint) for code, message, place, hint in self.remarks)
