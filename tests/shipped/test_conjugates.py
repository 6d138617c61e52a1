"""The shipped catalogs of conjugates: readable, honest about their origin, and enough for the shipped problems."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from panelopt.catalogs.folder import read_catalog, write_catalog
from panelopt.domain.name_table import NameTable
from panelopt.domain.reagents import VIABILITY_MARKER, Catalog
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.name_tables import read_name_table
from panelopt.io.problem_toml import read_problem
from panelopt.registry.data_places import CATALOG_DATA, PROBLEM_DATA, data_folder

ROOT = Path(__file__).parents[2]
CATALOGS = data_folder(CATALOG_DATA)
SHIPPED = ("msc-reagents", "synthetic-prices")


@pytest.fixture(scope="module")
def dyes() -> dict[str, str]:
    """Use of each dye by its canonical name."""
    files = sorted((CATALOGS / "fluorochromes").glob("*.toml"))
    return {dye.name: dye.use for path in files for dye in read_fluorochromes(path)}


@pytest.fixture(scope="module")
def catalogs(dyes: dict[str, str]) -> dict[str, Catalog]:
    """Shipped catalogs as read with the shipped names; any remark fails."""
    markers = read_name_table(CATALOGS / "aliases" / "markers.toml")
    found = {}
    for name in SHIPPED:
        catalog, remarks = read_catalog(
            CATALOGS / name, marker_names=markers, fluorochrome_names=NameTable(dict.fromkeys(dyes, ()))
        )
        assert [str(remark) for remark in remarks] == []
        found[name] = catalog
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_names_are_written_canonically(catalogs: dict[str, Catalog], name: str) -> None:
    as_written, _ = read_catalog(CATALOGS / name)
    assert as_written.conjugates == catalogs[name].conjugates


def test_every_row_says_how_it_is_known(catalogs: dict[str, Catalog]) -> None:
    rows = catalogs["msc-reagents"].conjugates
    counts = Counter(row.availability for row in rows)
    assert set(counts) == {"sourced", "unverified"}
    assert counts["sourced"] >= 200
    assert len(rows) >= 400
    for row in rows:
        assert row.vendor
        assert bool(row.source) == (row.availability == "sourced"), row
        # without a source nobody knows a number, and no source states prices
        assert row.source or not row.catalog_number, row
        assert row.price is None, row


def test_viability_dyes_and_antibodies_do_not_mix(catalogs: dict[str, Catalog], dyes: dict[str, str]) -> None:
    for catalog in catalogs.values():
        for row in catalog.conjugates:
            assert (dyes[row.fluorochrome] == "antibody") == (row.marker != VIABILITY_MARKER), row
            assert row.marker != VIABILITY_MARKER or not row.clone, row


def test_antibodies_without_source_name_a_clone(catalogs: dict[str, Catalog]) -> None:
    rows = [row for row in catalogs["msc-reagents"].conjugates if row.marker != VIABILITY_MARKER]
    assert [row for row in rows if not row.clone and row.availability == "unverified"] == []


@pytest.mark.parametrize("path", sorted(data_folder(PROBLEM_DATA).glob("*.toml")), ids=lambda path: path.stem)
def test_the_catalogs_serve_every_marker_that_a_problem_requires(catalogs: dict[str, Catalog], path: Path) -> None:
    markers = read_problem(path).marker
    for catalog in catalogs.values():
        offered = {row.marker for row in catalog.conjugates}
        missing = [m.name for m in markers if m.required and m.role != "viability" and m.name not in offered]
        assert missing == [], catalog.name
        assert VIABILITY_MARKER in offered


def test_rare_antigens_exist_in_few_dyes(catalogs: dict[str, Catalog]) -> None:
    offered: dict[str, set[str]] = {}
    for row in catalogs["msc-reagents"].conjugates:
        offered.setdefault(row.marker, set()).add(row.fluorochrome)
    for marker in ("MSCA1", "SUSD2", "LEPR", "CD362", "CD264", "Tie2"):
        assert len(offered[marker]) <= 4, marker
    for marker in ("CD45", "CD31", "CD34"):
        assert len(offered[marker]) >= 15, marker


def test_synthetic_products_cannot_be_taken_for_real_ones(catalogs: dict[str, Catalog]) -> None:
    catalog = catalogs["synthetic-prices"]
    assert catalog.title.startswith("SYNTHETIC")
    for row in catalog.conjugates:
        assert row.availability == "synthetic"
        assert row.vendor.startswith("Synthetic Vendor")
        assert re.fullmatch(r"SYN-\d{4}", row.catalog_number)
        assert row.clone == ""


def test_synthetic_prices_are_skewed_and_partly_unknown(catalogs: dict[str, Catalog]) -> None:
    prices = sorted(row.price for row in catalogs["synthetic-prices"].conjugates if row.price is not None)
    unknown = catalogs["synthetic-prices"].rows - len(prices)
    assert 0.03 < unknown / catalogs["synthetic-prices"].rows < 0.15
    assert prices[0] > 0
    assert sum(prices) / len(prices) > prices[len(prices) // 2] * 0.98
    assert prices[-1] > 2 * prices[len(prices) // 2]


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_synthetic_catalog", ROOT / "tools" / "make_synthetic_catalog.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_synthetic_catalog_is_what_its_generator_writes(catalogs: dict[str, Catalog], tmp_path: Path) -> None:
    made = _generator().synthetic_conjugates(catalogs["msc-reagents"])
    assert made == catalogs["synthetic-prices"].conjugates
    write_catalog(catalogs["synthetic-prices"], tmp_path)
    shipped = (CATALOGS / "synthetic-prices" / "conjugates.csv").read_bytes()
    assert (tmp_path / "conjugates.csv").read_bytes() == shipped


def test_the_documentation_states_the_counts(catalogs: dict[str, Catalog]) -> None:
    text = " ".join((ROOT / "docs" / "catalogs.md").read_text(encoding="utf-8").split())
    rows = catalogs["msc-reagents"].conjugates
    sourced = [row for row in rows if row.availability == "sourced"]
    assert f"| {len(rows):,} ({len(sourced)} sourced) |" in text
    assert f"| {catalogs['synthetic-prices'].rows} |" in text
    (sentence,) = re.findall(r"No row is sourced for ([^.]+)\.", text)
    unsourced = {row.marker for row in rows} - {row.marker for row in sourced}
    assert set(re.split(r", | and ", sentence)) == unsourced
