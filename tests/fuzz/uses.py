"""Whole commands: what reads a file goes on to work with it, as the command line does."""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import defusedxml.ElementTree

from panelopt import api, registry
from panelopt.catalogs import store as catalog_store
from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.importing import guess_mapping, import_table, read_foreign, tables
from panelopt.catalogs.importing.files.reader import ReadOptions
from panelopt.catalogs.store import open_catalog
from panelopt.catalogs.writer import write_folder
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Catalog
from panelopt.drafts.from_events import problem_from_events
from panelopt.drafts.texts import events_toml
from panelopt.errors import input_error
from panelopt.events.request import EventsRequest
from panelopt.io.certificate_json import read_certificate
from panelopt.io.cytometer_files import cytometer_toml, import_cytometer, read_cytometer
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.gating_ml import Edge, Rectangle, gate_ids, gating_ml
from panelopt.io.panel_csv import PanelRow
from panelopt.io.panel_files import read_panel
from panelopt.io.problem_toml import parse_problem, read_problem
from panelopt.io.reporter_tables import read_brightness
from panelopt.io.result_json import record_json
from panelopt.io.sweep_folder import OWNER_FILE, SweepFolder
from panelopt.questions.question import check_dyes, compiled
from panelopt.registry import fluorochrome_names, marker_names
from panelopt.registry.control_imports import import_controls
from panelopt.report.comparison_text import comparison_text
from panelopt.report.html import comparison_html, report_html
from panelopt.report.result_text import result_text
from panelopt.report.sort_plan_text import report_text
from panelopt.report.verification_text import verification_text
from panelopt.report.xlsx import report_xlsx
from panelopt.reporters.choose import load_library
from tests import builders
from tests.fuzz import mutations, seeds
from tests.fuzz.reader import Reader

SECONDS = 0.2
"""Time limit of the searches."""

LARGEST = 400
"""Markers times populations of the questions that are searched; larger ones are compiled and scored."""

DYES = tuple(builders.DYES)


@functools.cache
def question() -> api.Question:
    """A small question, of which one part after the other is exchanged."""
    return api.Question(
        problem=builders.problem(),
        cytometer=builders.cytometer(),
        catalogs=(builders.catalog(),),
        fluorochromes=builders.fluorochromes(),
        autofluorescence=builders.autofluorescence(),
    )


def answered(asked: api.Question) -> None:
    """Compile a question, score a panel, search for another one, and write both."""
    problem, options = asked.problem, api.Options(time_limit_s=SECONDS, workers=1)
    check_dyes(problem)
    compiled(asked, options)
    markers = [marker.name for marker in problem.marker if marker.role != "forbidden"]
    rows = [PanelRow(marker, dye) for marker, dye in zip(markers, DYES, strict=False)]
    results = [api.score(asked, rows, options)]
    if len(problem.marker) * (1 + len(problem.population)) <= LARGEST:
        results.append(api.design(asked, options))
    for result in results:
        record_json(result)
        result_text(result)


def _problem(path: Path) -> None:
    problem = read_problem(path, marker_names(), fluorochrome_names())
    answered(replace(question(), problem=problem, catalogs=(_everything(problem),)))


def _everything(problem: Problem) -> Catalog:
    """Return a catalog with products for the first markers of a problem."""
    return builders.catalog(tuple(marker.name for marker in problem.marker)[:30])


def _catalog(path: Path) -> None:
    found, _ = read_catalog(path, marker_names=marker_names(), fluorochrome_names=fluorochrome_names())
    answered(replace(question(), catalogs=(found,)))


def _inventory(path: Path) -> None:
    found, _ = read_catalog(path, inventory=True)
    answered(replace(question(), catalogs=(*question().catalogs, found)))


def _cytometer(path: Path) -> None:
    answered(replace(question(), cytometer=read_cytometer(path)))


def _facsdiva(path: Path) -> None:
    """What is imported is written, read back, and used."""
    written = path.with_suffix(".toml")
    written.write_text(cytometer_toml(import_cytometer(path)), encoding="utf-8")
    read_cytometer(written)


def _fluorochromes(path: Path) -> None:
    dyes = {dye.name: dye for dye in (*builders.fluorochromes(), *read_fluorochromes(path))}
    catalogs = (builders.catalog(dyes=tuple(dyes)[:12]),)
    answered(replace(question(), fluorochromes=tuple(dyes.values()), catalogs=catalogs))


def _signatures(path: Path) -> None:
    measured, _ = registry.find_signatures([str(path)], question().cytometer)
    answered(replace(question(), signatures=measured))


def _panel(path: Path) -> None:
    rows = read_panel(path)
    record_json(api.score(question(), rows, api.Options()))
    record_json(api.improve(question(), rows, 1, api.Options(time_limit_s=SECONDS, workers=1)))


def _certificate(path: Path) -> None:
    found = api.verify(read_certificate(path), None, api.VerifyOptions(SECONDS, panels=5))
    record_json(found)
    verification_text(found)


def _written(path: Path, files: api.ReportFiles) -> None:
    found = api.report(path, files)
    report_html(found)
    report_xlsx(found)
    report_text(found.result, found.plan)


def _result(path: Path) -> None:
    _written(path, api.ReportFiles())


def _beside_result(path: Path) -> Path:
    other = path.with_name("result.json")
    other.write_bytes(seeds.results()[0])
    return other


def _plan(path: Path) -> None:
    _written(_beside_result(path), api.ReportFiles(plan=path))


def _alternatives(path: Path) -> None:
    _written(_beside_result(path), api.ReportFiles(alternatives=path))


def _comparison(path: Path) -> None:
    found = api.compare(_beside_result(path), path)
    comparison_html(found)
    comparison_text(found)
    record_json(found)


def _events(path: Path) -> None:
    """What comes of events is a problem file that can be read."""
    found = problem_from_events(
        EventsRequest(paths=(path,), population="population", targets=("MSC",), min_events=2, unlabelled="rest")
    )
    text = events_toml(found)
    read_back = parse_problem(tomllib.loads(text), "written", marker_names(), fluorochrome_names())
    answered(replace(question(), problem=read_back, catalogs=(_everything(read_back),)))


def _controls(path: Path) -> None:
    stained = path.with_name("PE.fcs")
    stained.write_bytes(path.read_bytes())
    unstained = path.with_name("unstained.fcs")
    unstained.write_bytes(seeds.control_fcs(stained=False))
    import_controls([stained], unstained, builders.cytometer(), names=["PE"], min_positive=2)


def _reporters(path: Path) -> None:
    """A table of brightness, with curves that are right."""
    read_brightness(path)
    spectra = path.with_name("spectra.csv")
    spectra.write_text(seeds.SPECTRA_WIDE, encoding="utf-8")
    load_library("facsmelody", spectra, path)


def _list(path: Path) -> None:
    """What is imported is written as a catalog, and read back."""
    table = read_foreign(path, ReadOptions())
    guess = guess_mapping(table, tables())
    imported = import_table(table, guess.mapping, Catalog(name="x", source="x", retrieved="2026-01-01"))
    folder = path.with_name("imported")
    with mock.patch("os.fsync"):  # takes more time than all the rest
        write_folder(folder, imported.files, force=True)
    read_catalog(folder, marker_names=marker_names(), fluorochrome_names=fluorochrome_names())


def _row(path: Path) -> None:
    """A cell of a sweep."""
    content = path.read_bytes()
    folder = SweepFolder(path.parent / "sweep")
    (folder.path / "cells").mkdir(parents=True, exist_ok=True)
    (folder.path / "cells" / "abc.json").write_bytes(content)
    row = folder.row("abc")
    folder.count()
    if row is not None:
        folder.write_tables([row])


def _owner(path: Path) -> None:
    """What a sweep says of the one that runs."""
    folder = SweepFolder(path.parent / "owned")
    folder.path.mkdir(exist_ok=True)
    (folder.path / OWNER_FILE).write_bytes(path.read_bytes())
    with folder.open_for_run():
        (folder.path / OWNER_FILE).write_bytes(path.read_bytes())
        with SweepFolder(folder.path).open_for_run():
            raise AssertionError("two sweeps in one folder")


def _compiled(path: Path) -> None:
    """A compiled catalog that somebody else has put into the cache, under the name that belongs to its content."""
    data, key = path.with_name("big.csv"), "0" * 32
    data.write_text(seeds.CONJUGATES, encoding="utf-8")
    cache = CatalogCache(path.with_name("cache"))
    cache.folder.mkdir(exist_ok=True)
    content = path.read_bytes()
    (cache.folder / f"{key}-{hashlib.sha256(content).hexdigest()[:32]}.parquet").write_bytes(content)
    with (
        mock.patch.object(catalog_store, "SMALL_BYTES", 0),
        mock.patch.object(catalog_store._Compiler, "_key", return_value=key),
        mock.patch("os.fsync"),
    ):
        found, _ = open_catalog(data, cache, marker_names=marker_names(), fluorochrome_names=fluorochrome_names())
    compiled(replace(question(), catalogs=(found,)), api.Options())
    list(found.conjugates)


def _gates(path: Path) -> None:
    """Names of any kind become XML that can be read, without entities."""
    try:
        names = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise input_error("json", "no names") from None
    names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    rectangles, parent = [], ""
    for number, name in zip(gate_ids(names), names, strict=True):
        edge = Edge(name, float(len(name)), float("inf"))
        rectangles.append(Rectangle(number, (edge,), parent, name))
        parent = number
    text = gating_ml(rectangles)
    root = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    if len(root) != len(names):
        raise AssertionError("gates are missing")


def _one(*makers: Callable[[], bytes]) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(make() for make in makers)


def _text(*texts: str) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(text.encode("utf-8") for text in texts)


_TOML = mutations.either(mutations.of_toml, mutations.of_toml_numbers)
_JSON = mutations.either(mutations.of_json, mutations.of_json_numbers)
_TABLE = mutations.of_cells
_PACKED = mutations.either(mutations.of_bytes, mutations.of_packed_json)

USES = (
    Reader("use-problem", ".toml", _problem, seeds.problems, _TOML, 0.1),
    Reader("use-catalog", ".csv", _catalog, _text(seeds.CONJUGATES), _TABLE, 0.1),
    Reader("use-inventory", ".csv", _inventory, _text(seeds.CONJUGATES), _TABLE, 0.1),
    Reader("use-cytometer", ".toml", _cytometer, seeds.cytometers, _TOML, 0.1),
    Reader("use-facsdiva", ".csv", _facsdiva, _text(seeds.FACSDIVA, seeds.DETECTORS), _TABLE, 1),
    Reader("use-fluorochromes", ".toml", _fluorochromes, seeds.fluorochromes, _TOML, 0.1),
    Reader("use-signatures", ".toml", _signatures, _text(seeds.MINI_SIGNATURES), _TOML, 0.1),
    Reader("use-panel", ".csv", _panel, _text(seeds.PANEL), _TABLE, 0.1),
    Reader("verify", ".json", _certificate, seeds.certificates, _JSON, 0.3),
    Reader("verify-gz", ".json.gz", _certificate, seeds.packed_certificates, _PACKED, 0.1),
    Reader("report", ".json", _result, seeds.reported, _JSON, 0.1),
    Reader("report-plan", ".json", _plan, seeds.sort_plans, _JSON, 0.1),
    Reader("report-alternatives", ".json", _alternatives, seeds.alternatives, _JSON, 0.1),
    Reader("compare", ".json", _comparison, seeds.results, _JSON, 0.2),
    Reader("use-events", ".csv", _events, _one(seeds.event_csv), _TABLE, 0.1),
    Reader("controls", ".fcs", _controls, _one(seeds.control_fcs), mutations.of_bytes, 0.5),
    Reader("brightness", ".csv", _reporters, _text(seeds.BRIGHTNESS), _TABLE, 0.5),
    Reader("use-list", ".csv", _list, _text(seeds.FOREIGN, seeds.FOREIGN_TAB), _TABLE, 0.2),
    Reader("sweep-row", ".json", _row, seeds.sweep_rows, _JSON, 0.5),
    Reader("sweep-owner", ".json", _owner, seeds.sweep_owner, _JSON, 0.25),
    Reader("compiled-catalog", ".parquet", _compiled, seeds.compiled_catalogs, mutations.of_bytes, 0.1),
    Reader("gating-ml", ".json", _gates, seeds.gate_names, _JSON, 0.5),
)
