"""Conjugates as CSV that is a catalog again."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panelopt.catalogs.conjugates_csv import conjugates_csv
from panelopt.catalogs.folder import read_catalog
from panelopt.domain.reagents import Conjugate

CELL = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=5)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.builds(
            Conjugate,
            marker=st.sampled_from(["CD45", "=CD3", "'+x"]),
            fluorochrome=st.sampled_from(["PE", "BV421"]),
            clone=CELL,
            vendor=CELL,
            price=st.none() | st.floats(0, 1e6),
            in_stock=st.none() | st.booleans(),
            note=CELL,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_written_is_read_again(tmp_path: Path, rows: list[Conjugate]) -> None:
    unique: dict[object, Conjugate] = {}
    for row in rows:
        unique.setdefault(row.product_id, row)
    file = tmp_path / "found.csv"
    file.write_text(conjugates_csv(rows), encoding="utf-8", newline="")
    assert tuple(read_catalog(file)[0].conjugates) == tuple(unique.values())


def test_lots_are_written_for_inventories(tmp_path: Path) -> None:
    lots = tuple(
        Conjugate.model_validate(
            {"marker": "CD45", "fluorochrome": "PE", "lot": lot, "expires": "2026-01-31", "tests_left": 7}
        )
        for lot in ("a", "b")
    )
    (tmp_path / "shelf.csv").write_text(conjugates_csv(lots), encoding="utf-8")
    assert tuple(read_catalog(tmp_path / "shelf.csv", inventory=True)[0].conjugates) == lots
    assert "lot" not in conjugates_csv([Conjugate(marker="CD45", fluorochrome="PE")])
