"""Rows between two passes: the same behind a file as in memory."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest

from panelopt.catalogs.importing import spool as module
from panelopt.catalogs.importing.files.raw import Fault, RawRow
from panelopt.catalogs.importing.spool import Entry, Spool
from panelopt.domain.reagents import Conjugate

ENTRIES: tuple[Entry, ...] = (
    (RawRow(2, ("CD3", "PE")), Conjugate(marker="CD3", fluorochrome="PE"), None),
    (RawRow(3, ("a\nb", "\udcff", "\u03ba")), None, Fault("undecodable bytes", "cell 2 has bytes")),
    (
        RawRow(5, ("CD\u03b1", '"', "\u2028")),
        Conjugate(
            marker="CD\u03b1", fluorochrome="PE", price=0.1 + 0.2, currency="EUR", in_stock=False, note="a\nb \u2028 c",
            lot="7", expires=date(2026, 1, 31), tests_left=0,
        ),
        None,
    ),
)  # fmt: skip


@pytest.mark.parametrize("held", [0, 1, 3])
def test_entries_come_back_as_they_were(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HELD", held)
    with closing(Spool()) as spool:
        for entry in ENTRIES:
            spool.add(*entry)
        assert len(spool) == len(ENTRIES)
        assert tuple(spool) == ENTRIES
        assert tuple(spool) == ENTRIES
