"""Every reader with valid files for it."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from panelopt.catalogs import store as catalog_store
from panelopt.catalogs.compiling import read_columns
from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.importing import guess_mapping, import_table, read_foreign, tables
from panelopt.catalogs.importing.files.map_file import map_toml, read_map
from panelopt.catalogs.importing.files.reader import ReadOptions
from panelopt.catalogs.manifest import MANIFEST_FILE, Manifest
from panelopt.catalogs.rows import parse_rows
from panelopt.catalogs.store import check_rows
from panelopt.domain.reagents import Catalog
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.io.calibration_files import read_calibration
from panelopt.io.cytometer_files import import_cytometer, read_cytometer
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.name_tables import read_name_table
from panelopt.io.open_events import open_events
from panelopt.io.panel_files import read_panel
from panelopt.io.problem_toml import read_problem
from panelopt.io.result_json import read_record, read_result, record_kind
from panelopt.io.signature_files import read_signatures
from panelopt.io.spillover_files import read_spillover, spillover_from_keyword
from panelopt.io.sweep_folder import SweepFolder
from panelopt.io.sweep_spec import read_sweep
from panelopt.registry import fluorochrome_names, marker_names
from panelopt.registry.imports import import_kind, import_library, import_spectra, import_spillover
from tests import builders
from tests.fuzz import mutations, seeds
from tests.fuzz.reader import Reader
from tests.fuzz.uses import USES


def _problem(path: Path) -> None:
    read_problem(path, marker_names(), fluorochrome_names())


def _catalog(path: Path) -> None:
    read_catalog(path, marker_names=marker_names(), fluorochrome_names=fluorochrome_names())


def _inventory(path: Path) -> None:
    read_catalog(path, inventory=True)


def _columns(path: Path) -> None:
    """What is read by column, or in batches, must be what is read by row."""
    content, manifest = path.read_bytes(), Manifest(name="x", vendor="Testa", currency="EUR")
    markers, dyes = marker_names(), fluorochrome_names()
    columns = read_columns(io.BytesIO(content), "x", manifest, marker_names=markers, fluorochrome_names=dyes)
    rows, _ = parse_rows(content, "x", manifest, marker_names=markers, fluorochrome_names=dyes)
    if sorted(row.marker for row in rows) != sorted(
        columns.text["marker"].word.take(columns.text["marker"].code).to_pylist()
    ):
        raise AssertionError("the two readers of catalogs differ")


def _checked(path: Path) -> None:
    with mock.patch.object(catalog_store, "SMALL_BYTES", 0):
        check_rows(path)


def _manifest(path: Path) -> None:
    folder = path.parent / "catalog"
    folder.mkdir(exist_ok=True)
    (folder / "conjugates.csv").write_text(seeds.CONJUGATES, encoding="utf-8")
    (folder / MANIFEST_FILE).write_bytes(path.read_bytes())
    read_catalog(folder)


def _list(path: Path) -> None:
    table = read_foreign(path, ReadOptions())
    guess = guess_mapping(table, tables())
    map_toml(guess.mapping, guess.remarks)
    import_table(table, guess.mapping, Catalog(name="x", source="x", retrieved="2026-01-01"))


def _dyes(path: Path) -> None:
    match import_kind(path):
        case "spectra":
            import_spectra([path])
        case "signatures":
            import_library(path, builders.cytometer())
        case "spillover":
            import_spillover(path, builders.cytometer())
        case _:
            pass


def _keyword(path: Path) -> None:
    spillover_from_keyword(path.read_bytes().decode("utf-8", "replace"), "x")


def _events(path: Path) -> None:
    source = open_events(path)
    names = [channel.name for channel in source.channels]
    label = "population" if "population" in names or not names else names[-1]
    source.read(label, [name for name in dict.fromkeys(names) if name != label][:4])


def _cells(path: Path) -> None:
    source = open_events(path)
    source.read("population", [channel.name for channel in source.channels][:4])


def _compensated(path: Path) -> None:
    open_events(path, compensate=True)


def _answer(path: Path) -> None:
    record_kind(path)
    read_result(path)


def _swept(path: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "cells").mkdir()
        shutil.copy(path, Path(place) / "table.csv")
        SweepFolder(Path(place)).listed()


def _sort_plan(path: Path) -> None:
    read_record(path, SortPlan)


def _text(*texts: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(text.encode("utf-8") for text in texts)


def _one(*makers: Callable[[], bytes]) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(make() for make in makers)


_SHEET, _TABLE = mutations.of_parts, mutations.of_cells

_ALL = (
    Reader("problem", ".toml", _problem, seeds.problems, mutations.of_toml),
    Reader("cytometer", ".toml", read_cytometer, seeds.cytometers, mutations.of_toml),
    Reader("fluorochromes", ".toml", read_fluorochromes, seeds.fluorochromes, mutations.of_toml),
    Reader("signatures", ".toml", read_signatures, _text(seeds.SIGNATURES), mutations.of_toml),
    Reader("calibration-toml", ".toml", read_calibration, _text(seeds.CALIBRATION_TOML), mutations.of_toml),
    Reader("names", ".toml", read_name_table, _text(seeds.NAMES), mutations.of_toml),
    Reader("import-map", ".toml", read_map, _text(seeds.MAP), mutations.of_toml),
    Reader("catalog-manifest", ".toml", _manifest, _text(seeds.MANIFEST), mutations.of_toml),
    Reader("sweep", ".toml", read_sweep, _text(seeds.SWEEP), mutations.of_toml),
    Reader("result", ".json", _answer, seeds.results, mutations.of_json),
    Reader("sort-plan", ".json", _sort_plan, _one(seeds.sort_plan), mutations.of_json),
    Reader("panel-json", ".json", read_panel, seeds.results, mutations.of_json),
    Reader("swept", ".csv", _swept, _text("cell,problem,status\nabc,tiny,optimal\n"), _TABLE),
    Reader("panel", ".csv", read_panel, _text(seeds.PANEL), _TABLE, 2),
    Reader("calibration", ".csv", read_calibration, _text(seeds.CALIBRATION), _TABLE, 2),
    Reader("catalog", ".csv", _catalog, _text(seeds.CONJUGATES), _TABLE, 2),
    Reader("inventory", ".csv", _inventory, _text(seeds.CONJUGATES), _TABLE),
    Reader("catalog-columns", ".csv", _columns, _text(seeds.CONJUGATES), _TABLE),
    Reader("catalog-check", ".csv", _checked, _text(seeds.CONJUGATES), _TABLE),
    Reader("list-text", ".csv", _list, _text(seeds.FOREIGN, seeds.FOREIGN_TAB, seeds.CONJUGATES), _TABLE, 0.5),
    Reader("list-json", ".json", _list, _one(seeds.foreign_json), mutations.of_json, 0.5),
    Reader("list-xlsx", ".xlsx", _list, _one(seeds.spreadsheet), _SHEET, 0.4),
    Reader("list-parquet", ".parquet", _list, _one(lambda: seeds.parquet(seeds.foreign_frame())), mutations.of_bytes),
    Reader("list-feather", ".feather", _list, _one(lambda: seeds.feather(seeds.foreign_frame())), mutations.of_bytes),
    Reader("facsdiva", ".csv", lambda path: import_cytometer(path), _text(seeds.FACSDIVA, seeds.DETECTORS), _TABLE, 2),
    Reader("spectra", ".csv", _dyes, _text(seeds.SPECTRA_WIDE, seeds.SPECTRA_LONG), _TABLE, 0.3),
    Reader("library", ".csv", _dyes, _text(seeds.LIBRARY_WIDE, seeds.LIBRARY_LONG), _TABLE, 2),
    Reader("library-gz", ".csv.gz", _dyes, _one(seeds.packed_library), mutations.of_packed_text),
    Reader("spillover", ".csv", _dyes, _text(seeds.SPILLOVER_NAMED, seeds.SPILLOVER_PLAIN), _TABLE),
    Reader("spillover-keyword", ".txt", _keyword, _text(seeds.SPILLOVER_KEYWORD), _TABLE, 2),
    Reader("events-csv", ".csv", _events, _one(seeds.event_csv), _TABLE, 0.3),
    Reader("events-fcs", ".fcs", _events, _one(seeds.event_fcs), mutations.of_bytes, 2),
    Reader("events-compensated", ".fcs", _compensated, _one(seeds.event_fcs), mutations.of_bytes),
    Reader("events-odd-fcs", ".fcs", _compensated, _one(seeds.odd_fcs), mutations.of_bytes),
    Reader("spillover-xml", ".mtx", read_spillover, seeds.spillover_xml, mutations.of_bytes),
    Reader("spillover-fcs", ".fcs", read_spillover, _one(seeds.event_fcs), mutations.of_bytes),
    Reader("events-parquet", ".parquet", _events, _one(lambda: seeds.parquet(seeds.events())), mutations.of_bytes),
    Reader("events-h5ad", ".h5ad", _cells, _one(seeds.event_h5ad), mutations.of_bytes, 0.002),
)  # fmt: skip

READERS = {reader.name: reader for reader in (*_ALL, *USES)}
"""All readers by name."""
