# ruff: noqa: E501
"""Valid files of every kind, small; all content is made up."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd

from panelopt.io.cytometer_files import cytometer_toml
from panelopt.io.problem_toml import problem_toml
from panelopt.io.result_json import record_json, result_json
from panelopt.registry import cytometer_names, problem_names
from panelopt.registry.places import CATALOG_DATA, PROBLEM_DATA, data_folder, stems
from tests import builders, labelled

SPECTRA_WIDE = "wavelength,DyeOne (EX),DyeOne (EM),Dye 2 AB,Dye 2_EM\n" + "".join(
    f"{400 + 10 * i},{min(i, 8 - i)},{i + 1 if i < 8 else ''},1,{2 * i}\n" for i in range(9)
)
SPECTRA_LONG = "fluor,kind,wavelength_nm,value\n" + "".join(
    f"DyeOne,{kind},{400 + 10 * i},{value}\n" for kind in ("ex", "em") for i, value in enumerate((1, 2, 4, 2, 1))
)
LIBRARY_WIDE = ",V450-A,V610-A,B530-A,B575-A,B780-A\nBV421,1,0.4,-0.01,0,0\nFITC,0,0.02,1,0.2,0\nPE,0,0,0.1,1,0.02\n"
LIBRARY_LONG = "Instrument,Fluorophore,Detector,AdjustedY\n" + "".join(
    f"Mini,{dye},{detector},{value}\n"
    for dye, values in (("BV421", (1, 0.4)), ("FITC", (0, 1)))
    for detector, value in zip(("V450", "B530"), values, strict=True)
)
SPILLOVER_NAMED = "dye,B530-A,B575-A\nFITC,1,0.18\nPE,0.01,1\n"
SPILLOVER_PLAIN = "# B530-A,B575-A,V450-A\n1,0.18,0\n0.01,1,0\n0,0,1\n"
SPILLOVER_KEYWORD = "3,FITC-A,PE-A,APC-A,1,0.18,0,0.01,1,0,0,0.02,1"
FACSDIVA = (
    "Cytometer,Mini\nConfiguration Name,default\nSoftware Version,BD FACSDiva 8.0\n\n"
    "Laser Name,Wavelength,Power,Detector Array,Detector,Filter,Parameter\n"
    "Blue,488,50,Octagon,A,780/60 BP 735 LP,PE-Cy7\n,,,,B,575/26,PE\n,,,,C,530/30,FITC\n,,,,D,488/10,SSC\n"
    "Violet,405,100,Trigon,A,610/20,BV605\n,,,,B,450/50,BV421\n"
)
DETECTORS = (
    "name,path,laser_nm,centre_nm,width_nm,power_mw\nB530,,488,530,30,50\nB575,,488,575,26,\nV450,v,405,450,50,100\n"
)
PANEL = (
    "marker,clone,fluorochrome,detector,vendor,catalog_number,price\nCD271,C40,BV421,V450,Testa,1,100\nCD45,,FITC,,,,\n"
)
CALIBRATION = (
    "detector,fluorochrome,scale,slope,offset,unit,source\nB530,,linear,2.5,0,MESF,beads\n,PE,log,1.01,0.3,ABC,\n"
)
CALIBRATION_TOML = (
    'schema_version = 1\n[[channel]]\ndetector = "B530"\nslope = 2.5\noffset = 0.0\nunit = "MESF"\nsource = "beads"\n'
)
SIGNATURES = (
    'schema_version = 1\nkind = "signatures"\ncytometer = "mini"\norigin = "test"\ndetector = ["V450", "B530"]\n\n'
    '[[signature]]\nfluorochrome = "BV421"\nvalues = [1.0, 0.1]\nphotoelectrons_per_antibody = 1.9\n\n'
    '[[signature]]\nfluorochrome = "FITC"\nvalues = [0.0, 1.0]\n'
)
SWEEP = (
    'problems = ["my.toml"]\ncytometers = ["mini.toml", "aria-fusion"]\ncatalogs = [["./shelf"]]\n'
    "[options]\nmax_colours = [1, 2]\ntime_limit = inf\nseed = 0\n"
)
NAMES = 'schema_version = 1\ntitle = "t"\n\n[names]\nCD45 = ["LCA", "PTPRC"]\nCD90 = ["Thy-1"]\n'
MAP = (
    'schema_version = 1\n[file]\nseparator = ";"\n[columns]\nmarker = "Target"\nfluorochrome = "Dye"\nprice = "Price"\n'
    '[values.fluorochrome]\n"phycoerythrin" = "PE"\n'
)
CONJUGATES = (
    "marker,clone,fluorochrome,vendor,catalog_number,price,size,unit,host,isotype,reactivity,applications,in_stock,note\n"
    'CD271,C40,BV421,Testa,1,345.5,100,tests,mouse,IgG1,human,FC,yes,"a, b"\n'
    "CD45,HI30,FITC,Testa,2,120,25,tests,mouse,IgG1,human|pig,FC|IF,no,\nCD31,WM59,PE,Testa,3,,0.5,ml,,,,,,\n"
)
FOREIGN = (
    "Produktliste;;;;;\r\n\r\nCat #;Description;Clone;Size;Preis (EUR);Reactivity\r\n"
    "1;PE anti-human CD271 (NGFR) Antibody;ME20.4;100 tests;345,00 \u20ac;Human\r\n"
    "2;Alexa Fluor\u00ae 647 anti-human CD90 Antibody;5E10;25 \u00b5g;1.142,50 \u20ac;Human, Pig\r\n"
    "3;PE Mouse IgG1, kappa Isotype Ctrl;M21;100 tests;99,00 \u20ac;\r\n"
)
FOREIGN_TAB = (
    "Target\tFormat\tClone\tPack Size\tList Price USD\nCD3\tPE\tUCHT1\t50 Tests\t$ 1,310.00\nCD4\tFITC\tSK3\t2.0 mL\t\n"
)


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
