"""The shipped catalogs of conjugates: readable, honest about their origin, and enough for the shipped problems."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from panelopt.catalogs.folder import read_catalog, write_catalog
from panelopt.domain.name_table import NameTable, bare
from panelopt.domain.reagents import VIABILITY_MARKER, Catalog
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.name_tables import read_name_table
from panelopt.io.problem_toml import read_problem
from panelopt.registry.data_places import CATALOG_DATA, PROBLEM_DATA, data_folder

ROOT = Path(__file__).parents[2]
CATALOGS = data_folder(CATALOG_DATA)
SOURCED, UNVERIFIED, SYNTHETIC = SHIPPED = ("msc-reagents", "msc-unverified", "synthetic-prices")


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


def test_only_rows_with_a_source_are_in_the_catalog_of_reagents(catalogs: dict[str, Catalog]) -> None:
    rows = catalogs[SOURCED].conjugates
    assert {row.availability for row in rows} == {"sourced"}
    assert len(rows) >= 900
    assert sum(bool(row.catalog_number) for row in rows) >= 650
    assert len({row.marker for row in rows}) >= 60
    for row in rows:
        assert row.vendor, row
        assert row.source, row
        # no source states prices with their currency
        assert row.price is None, row


def test_rows_without_source_have_a_catalog_of_their_own(catalogs: dict[str, Catalog]) -> None:
    rows = catalogs[UNVERIFIED].conjugates
    assert {row.availability for row in rows} == {"unverified"}
    for row in rows:
        assert row.vendor, row
        # without a source nobody knows a number or a price
        assert (row.source, row.catalog_number, row.price) == ("", "", None), row


def test_no_row_is_in_both_catalogs(catalogs: dict[str, Catalog]) -> None:
    def products(name: str) -> set[tuple[str, ...]]:
        rows = catalogs[name].conjugates
        return {(row.marker, row.fluorochrome, row.vendor, bare(row.clone)) for row in rows}

    assert products(SOURCED) & products(UNVERIFIED) == set()


def test_a_number_belongs_to_one_conjugate(catalogs: dict[str, Catalog]) -> None:
    conjugates: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in catalogs[SOURCED].conjugates:
        if row.catalog_number:
            key = (row.vendor, bare(row.catalog_number))
            conjugates.setdefault(key, set()).add((row.marker, row.fluorochrome))
    assert {key: found for key, found in conjugates.items() if len(found) > 1} == {}


NUMBERS = {
    "BD Biosciences": r"\d{6}",
    "BioLegend": r"\d{6}",
    "Miltenyi Biotec": r"130-\d{3}-\d{3}",
}
"""How vendors write their catalog numbers; others have several ways."""


def test_numbers_look_like_those_of_their_vendor(catalogs: dict[str, Catalog]) -> None:
    for row in catalogs[SOURCED].conjugates:
        pattern = NUMBERS.get(row.vendor, r"[A-Z0-9][A-Z0-9/-]*( T100)?")
        assert not row.catalog_number or re.fullmatch(pattern, row.catalog_number), row


def test_antibodies_react_with_human_cells(catalogs: dict[str, Catalog]) -> None:
    for row in catalogs[SOURCED].conjugates:
        assert row.marker == VIABILITY_MARKER or "human" in row.reactivity.split(", "), row


@pytest.mark.parametrize("name", [SOURCED, UNVERIFIED])
def test_vendors_are_written_canonically(catalogs: dict[str, Catalog], name: str) -> None:
    vendors = read_name_table(CATALOGS / "aliases" / "vendors.toml")
    for vendor in {row.vendor for row in catalogs[name].conjugates}:
        assert vendors.resolve(vendor) == vendor


def test_viability_dyes_and_antibodies_do_not_mix(catalogs: dict[str, Catalog], dyes: dict[str, str]) -> None:
    for catalog in catalogs.values():
        for row in catalog.conjugates:
            assert (dyes[row.fluorochrome] == "antibody") == (row.marker != VIABILITY_MARKER), row
            assert row.marker != VIABILITY_MARKER or not row.clone, row


def test_antibodies_without_source_name_a_clone(catalogs: dict[str, Catalog]) -> None:
    rows = [row for row in catalogs[UNVERIFIED].conjugates if row.marker != VIABILITY_MARKER]
    assert [row for row in rows if not row.clone] == []


UNSOLD = {"GD2"}
"""Markers that problems require and no source shows in any dye."""


@pytest.mark.parametrize("path", sorted(data_folder(PROBLEM_DATA).glob("*.toml")), ids=lambda path: path.stem)
def test_the_catalogs_serve_every_marker_that_a_problem_requires(catalogs: dict[str, Catalog], path: Path) -> None:
    required = {m.name for m in read_problem(path).marker if m.required and m.role != "viability"}
    for name in SHIPPED:
        offered = {row.marker for row in catalogs[name].conjugates}
        assert required - offered <= (UNSOLD if name == SOURCED else set()), name
        assert VIABILITY_MARKER in offered


def test_rare_antigens_exist_in_few_dyes(catalogs: dict[str, Catalog]) -> None:
    offered: dict[str, set[str]] = {}
    for row in catalogs[SOURCED].conjugates:
        offered.setdefault(row.marker, set()).add(row.fluorochrome)
    for marker in ("MSCA1", "SUSD2", "LEPR", "TRA-1-60", "STRO1", "Tie2"):
        assert 1 <= len(offered[marker]) <= 4, marker
    for marker in ("CD45", "CD3", "CD14"):
        assert len(offered[marker]) >= 12, marker


def test_synthetic_products_cannot_be_taken_for_real_ones(catalogs: dict[str, Catalog]) -> None:
    catalog = catalogs[SYNTHETIC]
    assert catalog.title.startswith("SYNTHETIC")
    for row in catalog.conjugates:
        assert row.availability == "synthetic"
        assert row.vendor.startswith("Synthetic Vendor")
        assert re.fullmatch(r"SYN-\d{4}", row.catalog_number)
        assert row.clone == ""


def test_synthetic_prices_are_skewed_and_partly_unknown(catalogs: dict[str, Catalog]) -> None:
    prices = sorted(row.price for row in catalogs[SYNTHETIC].conjugates if row.price is not None)
    unknown = catalogs[SYNTHETIC].rows - len(prices)
    assert 0.03 < unknown / catalogs[SYNTHETIC].rows < 0.15
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
    made = _generator().synthetic_conjugates(catalogs[UNVERIFIED])
    assert made == catalogs[SYNTHETIC].conjugates
    write_catalog(catalogs[SYNTHETIC], tmp_path)
    shipped = (CATALOGS / SYNTHETIC / "conjugates.csv").read_bytes()
    assert (tmp_path / "conjugates.csv").read_bytes() == shipped


def test_the_documentation_states_the_counts(catalogs: dict[str, Catalog]) -> None:
    text = " ".join((ROOT / "docs" / "catalogs.md").read_text(encoding="utf-8").split())
    for name, catalog in catalogs.items():
        assert f"| `{name}` | {catalog.rows:,} |" in text
    rows = catalogs[SOURCED].conjugates
    numbers, markers = sum(bool(row.catalog_number) for row in rows), len({row.marker for row in rows})
    assert f"{numbers} of its rows have a catalog number; they cover {markers - 1} markers and viability dyes." in text
    (sentence,) = re.findall(r"No row is sourced for ([^.]+)\.", text)
    unsourced = {row.marker for row in catalogs[UNVERIFIED].conjugates} - {row.marker for row in rows}
    assert set(re.split(r", | and ", sentence)) == unsourced
