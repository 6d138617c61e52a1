"""What an import counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from panelopt.catalogs.importing.files.raw import RawTable
from panelopt.catalogs.importing.recognised_names import ReadRow
from panelopt.domain.import_summary import ImportSummary, SpellingShare
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.domain.suitability import reacts_with

CD = re.compile(r"\s*(?:anti[-\s]*)?CD\d", re.IGNORECASE)

_NOT_UNDERSTOOD = frozenset({"unknown fluorochrome", "no fluorochrome", "no marker", "two fluorochromes"})
"""Faults of rows that make no sense under a mapping."""

_NO_PRODUCT = frozenset({"empty row", "repeated header", "heading or footer", "no marker, no fluorochrome"})
"""Faults of rows that say nothing about a mapping."""

_LISTED = 5
"""Doubtful clones that a remark names."""


class ImportTally:
    """Counts of an import, row by row.

    Attributes:
        faults: Rejects by the code of their fault.
        not_understood: Rows that make no sense under the mapping.
        widest: Cells of the widest row.
        packs: Whether some product says how many tests it makes, or what a test costs.
    """

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self.not_understood = 0
        self.widest = 0
        self.packs = False
        self._rows = 0
        self._dyes: dict[str, bool] = {}
        self._markers: dict[str, bool] = {}
        self._doubtful: list[str] = []
        self._kept: Counter[str] = Counter()
        self.vendors: set[str] = set()
        self.currencies: set[str] = set()

    def see(self, entry: ReadRow, *, senseful: bool) -> None:
        """Count a row that was read; ``senseful``: whether a label that no table knows looks like a dye."""
        self._rows += 1
        self.widest = max(self.widest, len(entry.row.cells))
        names = entry.names
        for known, written, canonical in (
            (self._dyes, names.dye_written, names.dye),
            (self._markers, names.marker_written, names.marker),
        ):
            if written and (known is self._dyes or (CD.match(written) and maybe_human(names.reactivity))):
                known[written] = known.get(written, False) or bool(canonical)
        if entry.fault is not None and entry.fault.code in _NOT_UNDERSTOOD and not senseful:
            self.not_understood += 1
        if entry.conjugate is not None:
            self.packs = self.packs or bool(entry.conjugate.tests or entry.conjugate.price_per_test)
            self._kept["as written"] += not names.marker
        if entry.doubtful:
            self._doubtful.append(f"line {entry.row.line}: {entry.doubtful}")

    @property
    def products(self) -> int:
        """Rows that may be products."""
        return self._rows - sum(self.faults[code] for code in _NO_PRODUCT)

    def keep(self, conjugate: Conjugate, no_optics: Collection[str]) -> None:
        """Count a conjugate that stays."""
        self._kept["conjugates"] += 1
        self._kept["no optics"] += conjugate.fluorochrome in no_optics
        self._kept["not human"] += not maybe_human(conjugate.reactivity)
        self._kept["priced"] += conjugate.price is not None
        self._kept["per test"] += conjugate.price_per_test != ""
        self.vendors.add(conjugate.vendor)
        self.currencies |= {conjugate.currency} if conjugate.price is not None else set()

    def summary(
        self, table: RawTable, catalog: Catalog, sha256: str, unused: tuple[str, ...], remarks: tuple[str, ...]
    ) -> ImportSummary:
        """Return all counts, once every row was seen and every conjugate kept."""
        facts, kept = table.facts, self._kept
        return ImportSummary(
            catalog=catalog.name,
            source=catalog.source,
            retrieved=catalog.retrieved,
            sha256=sha256,
            form=facts.form,
            encoding=facts.encoding,
            separator=facts.separator,
            sheet=facts.sheet,
            header_line=facts.header_line,
            title_lines=facts.title_lines,
            empty_lines=table.empty_lines,
            rows=self._rows,
            conjugates=kept["conjugates"],
            rejects=self._rows - kept["conjugates"],
            rejected=dict(sorted(self.faults.items(), key=lambda item: (-item[1], item[0]))),
            fluorochromes=_share(self._dyes),
            human_cd_markers=_share(self._markers),
            markers_as_written=kept["as written"],
            without_optics=kept["no optics"],
            not_human=kept["not human"],
            priced=kept["priced"],
            price_per_test=kept["per test"],
            unused_columns=unused,
            remarks=(*facts.remarks, *remarks, *self._doubts()),
        )

    def _doubts(self) -> tuple[str, ...]:
        if not self._doubtful:
            return ()
        more = f" and {len(self._doubtful) - _LISTED} more" if len(self._doubtful) > _LISTED else ""
        listed = ", ".join(self._doubtful[:_LISTED])
        return (f"a spreadsheet has changed clones, which were left out: {listed}{more}",)


def maybe_human(reactivity: str) -> bool:
    """Whether a reagent may bind human antigens: its species are not stated, or human is among them."""
    return reacts_with(reactivity, "human") is not False


def _share(known: dict[str, bool]) -> SpellingShare:
    unknown = tuple(sorted(written for written, found in known.items() if not found))
    count = len(known) - len(unknown)
    return SpellingShare(
        spellings=len(known), known=count, share=count / len(known) if known else None, unknown=unknown
    )
