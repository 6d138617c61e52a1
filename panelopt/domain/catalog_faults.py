"""Findings of a catalog check."""

from __future__ import annotations

from panelopt.frozen import dataclass


@dataclass(frozen=True, slots=True)
class CatalogFault:
    """A fault or oddity in a catalog.

    Attributes:
        code, message, hint: As in :class:`panelopt.errors.Finding`.
        file: The file or other place; may be empty.
        line: Line of the file; None for the whole file.
        column: Column of the table, or key of ``catalog.toml``; may be empty.
        value: Content of that cell; may be empty.
    """

    code: str
    message: str
    hint: str = ""
    file: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""

    @property
    def where(self) -> str:
        """File, line and column, or file and key, in one text."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        if not self.column:
            return place
        return f"{place}: {self.column}" if self.line is None else f"{place}, column {self.column}"


@dataclass(frozen=True, slots=True)
class CheckedCatalog:
    """Findings of one check.

    Attributes:
        name: Name or folder as it was given.
        rows: Number of products; None if the catalog cannot be read.
        faults: Faults to be corrected.
        remarks: Worth a look; the catalog can be used as it is.
    """

    name: str
    rows: int | None = None
    faults: tuple[CatalogFault, ...] = ()
    remarks: tuple[CatalogFault, ...] = ()
