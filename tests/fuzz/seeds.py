# ruff: noqa: E501
"""Valid files of every kind, small; all content is made up. Texts lie in `tests/data/fuzz`."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import flowio
import numpy as np
import openpyxl
import pandas as pd

from panelopt.catalogs.columns import parse_columns
from panelopt.catalogs.manifest import Manifest
from panelopt.catalogs.parquet import parquet_bytes
from panelopt.catalogs.sorted_columns import CatalogColumns
from panelopt.domain.alternatives_result import Alternative, Alternatives
from panelopt.domain.result import Bound
from panelopt.io.cytometer_files import cytometer_toml
from panelopt.io.gating_ml import Compensation, gating_ml
from panelopt.io.problem_toml import problem_toml
from panelopt.io.result_json import record_json, result_json
from panelopt.registry import cytometer_names, fluorochrome_names, marker_names, problem_names
from panelopt.registry.data_places import CATALOG_DATA, PROBLEM_DATA, data_folder, stems
from tests import builders, labelled
from tests.fcs_files import Fcs
from tests.fuzz import mutations
from tests.reporting import examples as reporting

DATA = Path(__file__).parents[1] / "data" / "fuzz"
"""Valid text files; what is binary is made here."""


def text_file(name: str) -> str:
    """Return the content of a valid text file, with its line ends."""
    return (DATA / name).read_bytes().decode("utf-8")


SPECTRA_WIDE = text_file("spectra-wide.csv")
SPECTRA_LONG = text_file("spectra-long.csv")
LIBRARY_WIDE = text_file("library-wide.csv")
LIBRARY_LONG = text_file("library-long.csv")
SPILLOVER_NAMED = text_file("spillover-named.csv")
SPILLOVER_PLAIN = text_file("spillover-plain.csv")
SPILLOVER_KEYWORD = text_file("spillover-keyword.txt")
FACSDIVA = text_file("facsdiva.csv")
DETECTORS = text_file("detectors.csv")
PANEL = text_file("panel.csv")
CALIBRATION = text_file("calibration.csv")
CALIBRATION_TOML = text_file("calibration.toml")
SIGNATURES = text_file("signatures.toml")
SWEEP = text_file("sweep.toml")
NAMES = text_file("names.toml")
MAP = text_file("map.toml")
CONJUGATES = text_file("conjugates.csv")
FOREIGN = text_file("foreign.csv")
FOREIGN_TAB = text_file("foreign-tab.csv")
MINI_SIGNATURES = text_file("tiny-signatures.toml")
BRIGHTNESS = text_file("brightness.csv")
MANIFEST = text_file("catalog.toml")


def foreign_rows() -> list[list[object]]:
    """Rows of a list of antibodies."""
    return [
        ["Our antibodies"],
        ["Marker", "Dye", "Clone", "Price", "Size", "Received"],
        ["CD271", "PE", "ME20.4", 345.5, "100 tests", pd.Timestamp("2026-01-05").to_pydatetime()],
        ["CD90", "APC", "5E10", "120 EUR", "25 \u00b5g", None],
        ["CD45", "FITC", "=A1", True, 3, "-"],
    ]


def spreadsheet() -> bytes:
    """A workbook with a title, a formula and a merged range."""
    book = openpyxl.Workbook()
    sheet = book["Sheet"]
    for row in foreign_rows():
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    book.create_sheet("Other").append(["x"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def foreign_frame() -> pd.DataFrame:
    """The same list as a table."""
    return pd.DataFrame(
        {"Marker": ["CD271", "CD90"], "Dye": ["PE", "APC"], "Clone": ["ME20.4", None], "Price": [345.5, float("nan")]}
    )


def parquet(frame: pd.DataFrame) -> bytes:
    """A table as Parquet."""
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def feather(frame: pd.DataFrame) -> bytes:
    """A table as Feather."""
    out = io.BytesIO()
    frame.to_feather(out)
    return out.getvalue()


def foreign_json() -> bytes:
    """A list as nested JSON."""
    rows = [
        {"sku": "1", "name": "CD90 Monoclonal Antibody (5E10), PE", "species": ["Human"], "price": {"value": 301.0, "unit": "USD"}},
        {"sku": "2", "name": "CD105 (SN6), PerCP-eFluor 710", "species": ["Human"], "price": None},
    ]  # fmt: skip
    return json.dumps({"products": rows}).encode()


def events() -> pd.DataFrame:
    """A few labelled events."""
    return labelled.frame(counts={"MSC": 6, "leukocyte": 8, "endothelial": 5})


def event_fcs() -> bytes:
    """Events as FCS with a spillover matrix."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.fcs"
        labelled.write_fcs(path, events(), spillover="2,CD271,CD45,1,0.1,0.02,1")
        return path.read_bytes()


def odd_fcs() -> bytes:
    """Events as some instruments write them: integers of two widths, a matrix in a supplement, two data sets."""
    values = np.random.default_rng(3).integers(0, 1000, (12, 3))
    names, more = ("CD271", "CD45", "population"), {"$P1E": "4,1", "$P1R": "1024", "$P2G": "2", "$TIMESTEP": "x"}
    supplement = "|$SPILLOVER|2,CD271,CD45,1,0.1,0.02,1|"
    first = Fcs(names=names, values=values, kinds="III", bits=[24, 16, 8], order="4,3,2,1", more=more, shift_end=1)
    second = replace(first, supplement=supplement, version="FCS3.2").build()
    start = len(first.build())
    return replace(first, more={**more, "$NEXTDATA": str(start)}).build().ljust(start) + second


def spillover_xml() -> tuple[bytes, bytes]:
    """A matrix as Gating-ML and as FlowJo write it."""
    values = np.array([[1, 0.1], [0.02, 1]])
    names = ("FITC-A", "PE-A")
    rows = "".join(
        f'<t:spillover d:parameter="{name}">'
        + "".join(f'<t:coefficient d:parameter="{n}" t:value="{v}"/>' for n, v in zip(names, row, strict=True))
        + "</t:spillover>"
        for name, row in zip(names, values, strict=True)
    )
    flowjo = f'<?xml version="1.0"?><g xmlns:t="t" xmlns:d="d"><t:spilloverMatrix>{rows}</t:spilloverMatrix></g>'
    return gating_ml([], Compensation(names, names, values)), flowjo.encode()


def event_h5ad() -> bytes:
    """Events as AnnData."""
    import anndata

    frame = events()
    data = anndata.AnnData(
        frame.drop(columns="population").to_numpy(), obs=frame[["population"]].set_index(frame.index.astype(str))
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.h5ad"
        data.write_h5ad(path)
        return path.read_bytes()


def event_csv() -> bytes:
    """Events as CSV."""
    return events().to_csv(index=False).encode()


def results() -> tuple[bytes, ...]:
    """Results of two kinds of problem."""
    return result_json(builders.result()).encode(), result_json(builders.empty_result("infeasible")).encode()


def sort_plan() -> bytes:
    """A sort plan."""
    return record_json(builders.sort_plan()).encode()


def problems() -> tuple[bytes, ...]:
    """Problems: two made up, three shipped."""
    shipped = stems(PROBLEM_DATA)
    made = (problem_toml(builders.problem()).encode(), problem_toml(builders.marker_list()).encode())
    return made + tuple(shipped[name].read_bytes() for name in sorted(problem_names())[:3] if name in shipped)


def cytometers() -> tuple[bytes, ...]:
    """Cytometers: one made up, two shipped."""
    shipped = stems(CATALOG_DATA, "cytometers")
    made = cytometer_toml(builders.cytometer()).encode()
    return made, *(shipped[name].read_bytes() for name in ("facsmelody", "aria-fusion") if name in cytometer_names())


def fluorochromes() -> tuple[bytes, ...]:
    """The smallest files of shipped dyes."""
    files = sorted(data_folder(CATALOG_DATA, "fluorochromes").glob("*.toml"), key=lambda path: path.stat().st_size)
    return tuple(path.read_bytes() for path in files[:2])


def packed_library() -> bytes:
    """A signature library, gzipped."""
    return gzip.compress(LIBRARY_WIDE.encode())


def certificates() -> tuple[bytes, ...]:
    """Certificates of three small questions."""
    return tuple(text_file(f"certificate-{number}.json").encode() for number in (1, 2, 3))


def packed_certificates() -> tuple[bytes, ...]:
    """A certificate, gzipped."""
    return (gzip.compress(certificates()[2], 1, mtime=0),)


def reported() -> tuple[bytes, ...]:
    """Results that are shown: of a shipped problem, and of one that nobody knows."""
    return (text_file("result.json").encode(), *results())


def sort_plans() -> tuple[bytes, ...]:
    """Sort plans without and with lists for the bench."""
    return sort_plan(), record_json(builders.sort_plan(**builders.bench_lists())).encode()


def alternatives() -> tuple[bytes, ...]:
    """Two alternatives."""
    first, second = builders.result(), builders.result(cytometer="other")
    near = Bound(worst_log_ratio=0.1, sum_log_ratio=0.5)
    found = (
        Alternative(rank=1, distance=Bound(worst_log_ratio=0.0, sum_log_ratio=0.0), differs=None, result=first),
        Alternative(rank=2, distance=near, differs=1, result=second),
    )
    return (record_json(Alternatives(wanted=3, differ=1, complete=True, alternatives=found)).encode(),)


def sweep_rows() -> tuple[bytes, ...]:
    """The row of a cell."""
    return (text_file("sweep-row.json").encode(),)


def sweep_owner() -> tuple[bytes, ...]:
    """What a running sweep says of itself."""
    return (b'{"process": 17, "machine": "here", "began": "2026-01-01T00:00:00+01:00"}',)


def compiled_catalogs() -> tuple[bytes, ...]:
    """Compiled catalogs."""
    fewer = "\n".join(CONJUGATES.splitlines()[:2]) + "\n"
    return parquet_bytes(_columns(CONJUGATES)), parquet_bytes(_columns(fewer))


def _columns(text: str) -> CatalogColumns:
    manifest = Manifest(name="x", vendor="Testa", currency="EUR")
    return parse_columns(
        io.BytesIO(text.encode()), manifest, marker_names=marker_names(), fluorochrome_names=fluorochrome_names()
    )


def control_fcs(*, stained: bool = True) -> bytes:
    """Events of a control of the sorter of :mod:`tests.builders`, stained with PE or not at all."""
    detectors = list(builders.DETECTORS)
    random = np.random.default_rng(1)
    light = 500 * np.array([0.01, 0.02, 0.2, 1.0, 0.1]) * (20 if stained else 0.1)
    values = random.normal(light, 5 + np.sqrt(light), (120, len(detectors)))
    out = io.BytesIO()
    flowio.create_fcs(out, values.ravel().tolist(), [f"{name}-A" for name in detectors])
    return out.getvalue()


def gate_names() -> tuple[bytes, ...]:
    """Names of populations, markers and files that try to be more than names."""
    names = ["MSC", "MSC", "CD45+", *reporting.HOSTILE, *mutations.TEXTS, "\ud800", "x\udfffy", "\ufffe", "\U0001f9ec"]
    return (json.dumps(names).encode(),)
