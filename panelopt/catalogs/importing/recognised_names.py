"""What becomes of a row of a foreign list."""

from __future__ import annotations

from dataclasses import dataclass

from panelopt.catalogs.importing.files.raw import Fault, RawRow
from panelopt.domain.reagents import Conjugate


@dataclass(frozen=True, slots=True)
class RecognisedNames:
    """Spellings of a row and what became of them, for the counts; empty where there is none.

    Attributes:
        dye_written: Label as the list writes it, if it stands for a dye.
        dye: Canonical dye.
        marker_written: Antigen as the list writes it.
        marker: Canonical marker; empty if the table does not have it.
        reactivity: Species.
    """

    dye_written: str = ""
    dye: str = ""
    marker_written: str = ""
    marker: str = ""
    reactivity: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What became of a row.

    Attributes:
        row: The row.
        conjugate: What it says; None if it is rejected.
        fault: Why it is rejected.
        names: Its names, either way.
        unclear: Price that can be read two ways, with both amounts.
        doubtful: Clone that a spreadsheet has mangled.
    """

    row: RawRow
    conjugate: Conjugate | None
    fault: Fault | None
    names: RecognisedNames
    unclear: tuple[tuple[str, tuple[float, ...]], ...] = ()
    doubtful: str = ""
