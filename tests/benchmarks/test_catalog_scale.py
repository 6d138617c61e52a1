"""The benchmark of large catalogs: its lists are valid and skewed, and its runs measure what they say."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks import catalog_scale
from benchmarks.catalog_rows import write_rows
from panelopt import registry
from panelopt.catalogs import store as catalog_store
from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.store import open_catalog
from panelopt.domain.conjugate_table import ConjugateTable


def test_lists_are_the_same_for_the_same_seed_and_few_markers_own_most(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_rows(tmp_path / f"{name}.csv", 3000, seed)
    content = [(tmp_path / f"{name}.csv").read_bytes() for name in "abc"]
    assert content[0] == content[1] != content[2]
    catalog, _ = read_catalog(
        tmp_path / "a.csv", marker_names=registry.marker_names(), fluorochrome_names=registry.fluorochrome_names()
    )
    assert catalog.rows == 3000
    owned = sorted(Counter(conjugate.marker for conjugate in catalog.conjugates).values(), reverse=True)
    assert sum(owned[:20]) > 0.3 * catalog.rows
    assert len(owned) > 300
    assert any(conjugate.note == "=1+1" for conjugate in catalog.conjugates)


def test_runs_measure_the_store(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_rows(path, 8000)
    assert path.stat().st_size >= catalog_store.SMALL_BYTES
    found = {**catalog_scale.compile_first(path, tmp_path), **catalog_scale.open_again(path, tmp_path)}
    assert set(found) | {"pandas_s"} == {*catalog_scale.COLUMNS, "eligible", "pairs"}
    assert 2000 < found["eligible"] < 6000
    assert all(value > 0 for value in found.values())
    found["pandas_s"] = 1.0
    text = catalog_scale.scale_table([(8000, found), (80_000, {name: 10 * value for name, value in found.items()})])
    assert text.endswith("peak_mb 1.00")


def test_hundred_thousand_products_are_compiled_and_opened(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_rows(path, 100_000)
    names = {"marker_names": registry.marker_names(), "fluorochrome_names": registry.fluorochrome_names()}
    first, remarks = open_catalog(path, CatalogCache(tmp_path / "cache"), **names)
    again, others = open_catalog(path, CatalogCache(tmp_path / "cache"), **names, markers={"CD271"})
    assert first.rows == again.rows == len(first.conjugates) == 100_000
    assert remarks == others
    assert isinstance(first.conjugates, ConjugateTable)
    column = first.conjugates.column("marker")
    place = list(column.values).index("CD271")
    assert len(again.conjugates) == (column.code == place).sum() > 1000
    assert {conjugate.marker for conjugate in again.conjugates[:100]} == {"CD271"}
