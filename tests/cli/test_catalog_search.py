"""``catalog search``."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest

from panelopt import registry
from panelopt.catalogs import find_catalogs
from tests.cli.conftest import Run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A catalog file."""
    rows = [
        "marker,clone,fluorochrome,vendor,catalog_number,price,currency,in_stock",
        "NGFR,ME20.4,BV421,Acme,A-1,100,EUR,yes",
        "CD271,ME20.4,PE,Acme,A-2,,,no",
        "CD146,P1H12,Unheard Of 500,=Evil(),A-3,5,EUR,",
        "CD45,HI30,FITC,Other,O-1,,,",
    ]
    file = tmp_path / "shop.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_table_has_what_a_buyer_needs(run: Run, shop: Path) -> None:
    outcome = run("catalog", "search", "lngfr", "--catalog", shop)
    assert outcome.exit_code == 0
    lines = outcome.stdout.splitlines()
    assert lines[2].split() == ["CD271", "ME20.4", "BV421", "Acme", "A-1", "100.00", "EUR", "yes"]
    assert lines[3].split() == ["CD271", "ME20.4", "PE", "Acme", "A-2", "-", "no"]
    assert "Unknown for all: pack, availability." in outcome.stdout
    assert max(map(len, lines)) <= 80


def test_filters_narrow(run: Run, shop: Path) -> None:
    def numbers(*words: str) -> list[str]:
        listed = json.loads(run("catalog", "search", *words, "--catalog", shop, "--json").stdout)
        return [entry["catalog_number"] for entry in listed]

    assert numbers() == ["O-1", "A-3", "A-1", "A-2"]
    assert numbers("--in-stock") == ["A-1"]
    assert numbers("--dye", "BV*", "--dye", "pe") == ["A-1", "A-2"]
    assert numbers("--vendor", "acme", "--clone", "me20*", "CD2*") == ["A-1", "A-2"]
    assert numbers("--limit", "2") == ["O-1", "A-3"]


def test_csv_is_a_catalog_again(run: Run, shop: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "chosen.csv"
    assert run("catalog", "search", "CD*", "--catalog", shop, "--format", "csv", "-o", chosen).exit_code == 0
    assert "'=Evil()" in chosen.read_text(encoding="utf-8")
    (before,), _ = find_catalogs([str(shop)])
    (after,), _ = find_catalogs([str(chosen)])
    assert set(after.conjugates) == set(before.conjugates)


def test_dyes_without_optics_are_told(run: Run, shop: Path) -> None:
    outcome = run("catalog", "search", "CD146", "--catalog", shop)
    assert "Dyes without known optics, never used in panels: Unheard Of 500." in outcome.stdout
    assert not outcome.stderr


def test_shelf_is_searched_too_and_comes_first(run: Run, shop: Path, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf.csv"
    shelf.write_text("marker,fluorochrome,lot,expires\nCD271,BV421,L1,2030-01-31\n", encoding="utf-8")
    listed = json.loads(run("catalog", "search", "CD271", "--catalog", shop, "--inventory", shelf, "--json").stdout)
    assert [entry["inventory"] for entry in listed] == [True, False, False]
    assert (listed[0]["lot"], listed[0]["expires"]) == ("L1", "2030-01-31")
    assert "yours" in run("catalog", "search", "CD271", "--catalog", shop, "--inventory", shelf).stdout


def test_nothing_found_is_0_with_a_suggestion(run: Run, shop: Path) -> None:
    outcome = run("catalog", "search", "CD2711", "--dye", "BV412", "--catalog", shop)
    assert outcome.exit_code == 0
    assert not outcome.stdout
    assert "Did you mean CD271?" in outcome.stderr
    assert "Did you mean BV421?" in outcome.stderr
    assert "No product fits." in outcome.stderr
    assert json.loads(run("catalog", "search", "CD2711", "--catalog", shop, "--json").stdout) == []


def test_by_marker_lists_dyes_and_markers_without_any(run: Run, shop: Path) -> None:
    words = ("catalog", "search", "--problem", "bm-cd271-cd146", "--by-marker", "--catalog", str(shop))
    outcome = run(*words)
    assert outcome.exit_code == 0
    assert "No products: viability" in outcome.stdout
    offers = {entry["marker"]: entry for entry in json.loads(run(*words, "--json").stdout)}
    wanted = [marker.name for marker in registry.find_problem("bm-cd271-cd146").problem.marker]
    assert list(offers) == wanted
    assert [dye["name"] for dye in offers["CD271"]["fluorochromes"]] == ["BV421", "PE"]
    rows = list(csv.reader(run(*words, "--format", "csv").stdout.splitlines()))
    assert ["CD271", "PE", "1"] in rows
    assert ["CD73", "", "0"] in rows


def test_long_answers_are_cut_in_the_table_only(run: Run) -> None:
    table = run("catalog", "search", "CD45")
    assert "more products" in table.stderr
    listed = json.loads(run("catalog", "search", "CD45", "--json").stdout)
    assert len(listed) > 50
    assert {entry["marker"] for entry in listed} == {"CD45"}


def test_rows_are_not_remarked_on(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "shared.csv"
    file.write_text("marker,fluorochrome,catalog_number,price\nCD45,PE,1,5\nCD3,Nothing 5,1,5\n", encoding="utf-8")
    assert not run("catalog", "search", "CD45", "--catalog", file).stderr


def test_unknown_catalog_is_an_error(run: Run) -> None:
    assert run("catalog", "search", "CD45", "--catalog", "msc-reagent").exit_code == 1


def test_large_catalogs_are_searched_in_seconds(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    rows = (f"CD{n % 300},c{n},BV421,V,{n},{n},EUR" for n in range(20_000))
    file.write_text("\n".join(["marker,clone,fluorochrome,vendor,catalog_number,price,currency", *rows]) + "\n")
    start = time.process_time()
    assert run("catalog", "search", "CD14", "--dye", "BV*", "--catalog", file).exit_code == 0
    # measured: 0.6 s
    assert time.process_time() - start < 8
