"""Whole lists: rows in are rows out and rejects, names are mapped, and nothing is invented."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelopt import registry
from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.importing import Imported, guess_mapping, import_table, read_foreign, tables
from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import RawRow, RawTable, ReadFacts
from panelopt.catalogs.importing.files.reader import ReadOptions
from panelopt.catalogs.manifest import DATA_FILE, MANIFEST_FILE
from panelopt.catalogs.writer import REJECTS_FILE, write_folder
from panelopt.domain.import_summary import ImportSummary
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.errors import InputError
from tests.catalogs.importing.lists import LISTS, DirtyList

HEAD = Catalog(name="x", source="file x", retrieved="2026-01-31")


def imported(path: Path) -> Imported:
    table = read_foreign(path, ReadOptions())
    return import_table(table, guess_mapping(table, tables()).mapping, HEAD)


def rejects(result: Imported) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.files[REJECTS_FILE], newline="")))


def by_pair(result: Imported) -> dict[str, Conjugate]:
    return {f"{c.marker} {c.fluorochrome}": c for c in result.catalog.conjugates}


@pytest.fixture(params=LISTS, ids=lambda item: item.name)
def dirty(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[DirtyList, Imported]:
    expected: DirtyList = request.param
    path = tmp_path / expected.name
    path.write_bytes(expected.content)
    return expected, imported(path)


def test_dirty_lists(dirty: tuple[DirtyList, Imported], tmp_path: Path) -> None:
    expected, result = dirty
    assert tuple(f"{c.marker} {c.fluorochrome}" for c in result.catalog.conjugates) == expected.taken
    counts = sorted(reason for reason, count in result.summary.rejected.items() for _ in range(count))
    assert tuple(counts) == expected.rejected
    assert result.summary.rows == len(expected.taken) + len(expected.rejected)
    assert len(rejects(result)) == len(expected.rejected)
    assert all(row["line"].isdigit() and row["reason"] for row in rejects(result))
    assert (result.summary.fluorochromes.share, result.summary.human_cd_markers.share) == (1.0, 1.0)
    write_folder(tmp_path / "out", result.files)
    catalog, remarks = read_catalog(
        tmp_path / "out", marker_names=registry.marker_names(), fluorochrome_names=registry.fluorochrome_names()
    )
    assert [c.product_id for c in catalog.conjugates] == [c.product_id for c in result.catalog.conjugates]
    assert catalog.sha256 == result.summary.sha256
    assert not [remark for remark in remarks if remark.code == "hash-mismatch"]


def read_list(name: str, tmp_path: Path) -> Imported:
    (expected,) = (item for item in LISTS if item.name == name)
    (tmp_path / name).write_bytes(expected.content)
    return imported(tmp_path / name)


def test_prices_and_packs(tmp_path: Path) -> None:
    found = by_pair(read_list("biolegend.csv", tmp_path))
    first, second = found["CD271 PE"], found["CD271 Alexa Fluor 647"]
    assert (first.price, first.currency, first.size, first.unit, first.tests) == (345, "EUR", "100", "tests", "100")
    assert (second.price, second.tests, second.price_per_test) == (1142.5, "25", "45.7")
    assert (found["CD146 BV711"].tests, found["CD146 BV711"].price_per_test) == ("", "")
    unknown = found["CD90 PerCP-Cy5.5"]
    assert (unknown.price, unknown.price_per_test, unknown.note) == (None, "", "price written auf Anfrage")
    assert unknown.reactivity == "human, cynomolgus"
    assert by_pair(read_list("miltenyi.csv", tmp_path))["CD271 PE"].price == 1320
    assert by_pair(read_list("thermo.json", tmp_path))["CD90 PE"].currency == "USD"
    assert read_list("rnd.tsv", tmp_path).summary.without_optics == 1


def test_vendors_clones_hosts_and_notes(tmp_path: Path) -> None:
    inventory = read_list("inventory.csv", tmp_path)
    vendors = {c.vendor for c in inventory.catalog.conjugates}
    assert vendors == {"BD Biosciences", "BioLegend", "Merck"}
    assert [c.clone for c in inventory.catalog.conjugates] == ["P1H12", "ME20.4", "5E10", "43A3", "WM59", ""]
    assert [c.in_stock for c in inventory.catalog.conjugates] == [True, True, False, False, True, True]
    lines = {row["reason"] for row in rejects(inventory)}
    assert {"duplicate of line 5", "same product as line 5; other cells differ"} <= lines
    mangled = by_pair(read_list("labor.csv", tmp_path))["CD73 BV421"]
    assert (mangled.clone, mangled.host, mangled.vendor) == ("", "mouse", "M\u00fcller Antik\u00f6rper GmbH")
    assert "clone written 5.00E+08" in mangled.note
    assert "in-house conj" in mangled.note
    clone = by_pair(read_list("bd.txt", tmp_path))["CD271 BV421"]
    assert (clone.isotype, clone.host) == ("IgG1 kappa", "mouse")


def test_formulas_are_harmless_in_both_files(tmp_path: Path) -> None:
    result = read_list("registry.csv", tmp_path)
    assert "'=HYPERLINK" in result.files[DATA_FILE]
    (tmp_path / "x.csv").write_text("marker,dye,note\nCD3,PE,+1\nCD4,unheard,@SUM(1)\n,,-2\n")
    files = imported(tmp_path / "x.csv").files
    for name in (DATA_FILE, REJECTS_FILE):
        for row in csv.reader(io.StringIO(files[name], newline="")):
            assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@")]


def test_low_prices_are_no_pack_prices_unless_stated(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("marker,dye,size,cost_chf\nCD3,PE,100 tests,1.5\nCD4,PE,50 ug,2.5\n")
    table = read_foreign(path, ReadOptions())
    guess = guess_mapping(table, tables())
    assert guess.mapping.price.per == "unknown"
    assert any("per =" in remark for remark in guess.remarks)
    result = import_table(table, guess.mapping, HEAD)
    assert [c.price for c in result.catalog.conjugates] == [None, None]
    assert "1.5 CHF" in result.catalog.conjugates[0].note
    data = guess.mapping.model_dump()
    per_test = ImportMap.model_validate({**data, "price": {**data["price"], "per": "test"}})
    first, second = import_table(table, per_test, HEAD).catalog.conjugates
    assert (first.price, first.price_per_test, second.price, second.price_per_test) == (150.0, "1.5", None, "2.5")


def test_one_product_in_rows_of_several_species_and_stocks(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "marker,dye,clone,vendor,species,status,box\nCD44,PE,IM7,BD,mouse,none,1\nCD44,PE,IM7,BD,human,in use,2\n"
        "CD44,PE,IM7,BD,mouse,backup,3\n"
    )
    result = imported(path)
    (kept,) = result.catalog.conjugates
    assert (kept.reactivity, kept.in_stock) == ("mouse, human", True)
    assert [row["line"] for row in rejects(result)] == ["2", "4"]


def test_mapping_with_constants_splits_values_and_notes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("tube,colour,box\nCD146_P1H12,lab orange,7\nCD3_SK7,PE,8\n")
    mapping = ImportMap.model_validate(
        {
            "columns": {"fluorochrome": "colour"},
            "notes": ["box"],
            "constants": {"vendor": "biolegend", "reactivity": "H"},
            "split": [{"column": "tube", "separator": "_", "into": ["marker", "clone"]}],
            "values": {"fluorochrome": {"lab orange": "BV605"}},
        }
    )
    result = import_table(read_foreign(path, ReadOptions()), mapping, HEAD)
    assert [(c.marker, c.clone, c.fluorochrome, c.vendor, c.reactivity, c.note) for c in result.catalog.conjugates] == [
        ("CD146", "P1H12", "BV605", "BioLegend", "human", "box: 7"),
        ("CD3", "SK7", "PE", "BioLegend", "human", "box: 8"),
    ]
    assert result.catalog.vendor == "BioLegend"


def test_wrong_mappings_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("marker,dye\nCD3,PE\n")
    table = read_foreign(path, ReadOptions())
    with pytest.raises(InputError) as caught:
        import_table(table, ImportMap.model_validate({"columns": {"marker": "markr"}}), HEAD)
    assert [f.code for f in caught.value.findings] == ["unknown-column", "no-column"]
    assert caught.value.findings[0].hint == "Did you mean marker?"
    path.write_text("marker,dye\nCD3,purified\nCD4,\n")
    with pytest.raises(InputError, match="no row can be taken"):
        imported(path)


def test_a_summary_that_does_not_add_up_cannot_be_made(tmp_path: Path) -> None:
    data = read_list("labor.csv", tmp_path).summary.model_dump()
    with pytest.raises(ValueError, match="are not"):
        ImportSummary.model_validate({**data, "rows": data["rows"] + 1})


def test_the_same_list_gives_the_same_files(tmp_path: Path) -> None:
    assert read_list("inventory.csv", tmp_path).files == read_list("inventory.csv", tmp_path).files
    assert set(read_list("bd.txt", tmp_path).files) == {DATA_FILE, MANIFEST_FILE, REJECTS_FILE}


CELLS = st.one_of(
    st.sampled_from(
        ["CD3", "CD146", "PE", "FITC", "PE (x)", "Biotin", "PE anti-human CD3", "100 tests", "12,5", "", "-"]
    ),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=15),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS, CELLS), max_size=8))
def test_no_row_is_ever_lost(rows: list[tuple[str, ...]]) -> None:
    columns = ("marker", "dye", "product", "price", "size", "species")
    good = RawRow(1, ("CD45", "APC", "", "1", "2", "human"))
    table = RawTable(columns, (good, *(RawRow(i, row) for i, row in enumerate(rows, 2))), ReadFacts("text"))
    names = dict(zip(("marker", "fluorochrome", "product", "price", "size", "reactivity"), columns, strict=True))
    result = import_table(table, ImportMap.model_validate({"columns": names}), HEAD)
    taken = len(list(csv.DictReader(io.StringIO(result.files[DATA_FILE], newline=""))))
    assert taken + len(rejects(result)) == len(rows) + 1
    known = tables().dyes.table
    assert all(known.resolve(c.fluorochrome) == c.fluorochrome for c in result.catalog.conjugates)


REFERENCE = {
    "COVAIL_panels.csv": (70, 37, {"no marker, no fluorochrome": 33}),
    "Godnica_MACSima_inventory.csv": (
        286,
        221,
        {"not a fluorochrome": 15, "same product": 44, "secondary antibody": 6},
    ),
    "JacquelotLab_MACSima_antibodies.csv": (2531, 2432, {"empty row": 95, "not a fluorochrome": 4}),
}


@pytest.mark.reference
@pytest.mark.parametrize("name", REFERENCE)
def test_lists_of_laboratories(reference: Path, name: str) -> None:
    result = imported(reference / "catalogs" / name)
    rows, taken, rejected = REFERENCE[name]
    summary = result.summary
    assert (summary.rows, summary.conjugates, summary.rejected) == (rows, taken, rejected)
    assert summary.fluorochromes.share is not None
    assert summary.human_cd_markers.share is not None
    assert summary.fluorochromes.share >= 0.97
    assert summary.human_cd_markers.share >= 0.9
