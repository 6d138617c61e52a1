from __future__ import annotations

import os
from pathlib import Path

import pytest

from panelopt.errors import InputError
from panelopt.io.cytometer_files import (
    cytometer_toml,
    parse_filter,
    read_cytometer,
    read_detector_table,
    read_facsdiva_export,
)

REFERENCE = Path(os.environ.get("PANELOPT_REFERENCE", Path(__file__).parents[2] / "../shared/reference"))

GOOD = """\
schema_version = 1
id = "mini"
name = "Mini"
source = "test"
sorter = true
unmixing = "compensation"
sort_ways = 4
nozzle_um = [70, 100]
drop_rate_hz = 34_000
[[laser]]
nm = 488
power_mw = 50
path = "B"
[[detector]]
name = "B530"
path = "B"
laser_nm = 488
centre_nm = 530
width_nm = 30
[noise]
electronic_pe = { B530 = 12.5 }
"""

SECOND = """\
[[detector]]
name = "B530"
path = "B"
laser_nm = 488
centre_nm = 585
width_nm = 42
"""

DIVA = """\
Cytometer Configuration,,,,,,,,,,,,
Software Version,BD FACSDiva 9.0,,,,,,,,,,,
Cytometer,FACSAria Fusion,,,,,,,,,,,
Configuration Name,test,,,,,,,,,,,
Laser Name,Type,Wavelength,Power,Detector Array,Detector,Channel,Mirror,Filter,Parameter,Fsc Channel,Reference,Position
Blue,Blue,488,100,Octagon,A,3,685 LP,695/40 BP,PerCP-Cy5-5,0,Y,1
,,,,,B,2,505 LP,530/30 BP,FITC,,,
,,,,,C,1,,488/10 BP,SSC,,,
,,,,,D,7,,,,,,
Red,Red,640,,Trigon,A,11,750 LP,750 LP,,,,2
"""


def write(folder: Path, text: str, name: str = "file") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults(error: pytest.ExceptionInfo[InputError]) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.where.rpartition("/")[2], finding.message) for finding in error.value.findings]


def test_toml_round_trip(tmp_path):
    cytometer = read_cytometer(write(tmp_path, GOOD))
    assert (cytometer.sort_ways, cytometer.nozzle_um, cytometer.drop_rate_hz) == (4, (70, 100), 34000)
    assert read_cytometer(write(tmp_path, cytometer_toml(cytometer))) == cytometer


def test_toml_text_survives_odd_characters(tmp_path):
    cytometer = read_cytometer(write(tmp_path, GOOD))
    odd = cytometer.model_copy(update={"note": 'quote " backslash \\ tab \t é ' + "word " * 60})
    odd = type(odd).model_validate(odd.model_dump())
    assert read_cytometer(write(tmp_path, cytometer_toml(odd))) == odd


def test_toml_faults_come_together(tmp_path):
    text = GOOD.replace("width_nm = 30", "width_nm = -30\nwidht = 1").replace("sorter = true", 'sorter = "perhaps"')
    with pytest.raises(InputError) as error:
        read_cytometer(write(tmp_path, text))
    text = "\n".join(str(finding) for finding in error.value.findings)
    assert len(error.value.findings) == 3
    assert "detector[0].width_nm" in text
    assert "-30" in text
    assert "unknown key 'widht'" in text
    assert "Did you mean width_nm?" in text
    assert "perhaps" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("laser_nm = 488", "laser_nm = 561", "no 561 nm laser on path B"),
        ('path = "B"\nlaser_nm', 'path = "V"\nlaser_nm', "path V, which has no laser"),
        ("centre_nm = 530", "centre_nm = 480", "passes its own 488 nm laser"),
        ("{ B530 = 12.5 }", "{ B53O = 12.5 }", "no detector B53O"),
        ("electronic_pe = { B530 = 12.5 }", "excess = 0.9", "0.9 is too small"),
        ("schema_version = 1", "schema_version = 2", "schema_version 2"),
        ("[noise]", "[[laser]]\nnm=488\npath='B'\n[noise]\n[x", "not valid TOML"),
        ("[noise]", SECOND + "[noise]", "detector B530 is listed twice"),
    ],
)
def test_toml_rules(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(InputError, match=message):
        read_cytometer(write(tmp_path, GOOD.replace(old, new)))


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_cytometer(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("530/30", (530, 30)),
        ("530/30 BP", (530, 30)),
        (" 582.5 / 15 bp ", (582.5, 15)),
        ("379/34 365LP", (379, 34)),
        ("655-730", (692.5, 75)),
        ("750 LP", (825, 150)),
        ("770/LP", (835, 130)),
    ],
)
def test_filters(text, band):
    assert parse_filter(text) == band


@pytest.mark.parametrize("text", ["", "530", "530/0", "530/-30", "green", "730-655", "505 LP 530", "950 LP", "1e3/5"])
def test_filters_that_are_none(text):
    with pytest.raises(ValueError, match=r"filter|no light"):
        parse_filter(text)


def test_facsdiva_export(tmp_path):
    cytometer = read_facsdiva_export(write(tmp_path, DIVA, "x.csv"), id="fusion", sorter=True)
    assert cytometer.name == "FACSAria Fusion: test"
    assert cytometer.source == "configuration export x.csv (BD FACSDiva 9.0)"
    assert (cytometer.sorter, cytometer.photodetector) == (True, "pmt")
    assert [(laser.nm, laser.power_mw, laser.path) for laser in cytometer.laser] == [
        (488, 100, "Blue"),
        (640, None, "Red"),
    ]
    assert [(d.name, d.path, d.laser_nm, d.low_nm, d.high_nm) for d in cytometer.detector] == [
        ("PerCP-Cy5-5", "Blue", 488, 675, 715),
        ("FITC", "Blue", 488, 515, 545),
        ("Red A", "Red", 640, 750, 900),
    ]
    assert read_cytometer(write(tmp_path, cytometer_toml(cytometer))) == cytometer


def test_facsdiva_faults_come_with_file_line_and_value(tmp_path):
    text = (
        DIVA.replace("530/30 BP,FITC", "530-30 BP,FITC")
        .replace("Red,Red,640,", "Red,Red,six,")
        .replace("750 LP,,", "750 LP,PerCP-Cy5-5,")
        .replace("Blue,Blue,488,100", "Blue,Blue,488,-1")
    )
    with pytest.raises(InputError) as error:
        read_facsdiva_export(write(tmp_path, text, "x.csv"), id="fusion")
    assert faults(error) == [
        ("number", "x.csv:6", "Power: '-1' is not a positive number"),
        ("filter", "x.csv:7", "'530-30 BP' is not a filter"),
        ("number", "x.csv:10", "Wavelength: 'six' is not a positive number"),
    ]


def test_facsdiva_detector_named_twice(tmp_path):
    text = DIVA.replace("BP,FITC", "BP,PerCP-Cy5-5")
    with pytest.raises(InputError) as error:
        read_facsdiva_export(write(tmp_path, text, "x.csv"), id="fusion")
    assert faults(error) == [("duplicate-detector", "x.csv:7", "detector 'PerCP-Cy5-5' is already on line 6")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line starts with 'Laser Name'"),
        (DIVA + DIVA, "2 configurations"),
        (DIVA.replace("Filter,", "Glass,"), "lacks Filter"),
        (DIVA.replace("\nBlue,Blue,488,100", "\n,,,"), "before the first laser"),
        (DIVA.replace("Red,Red,640", "Blue,Red,640"), "laser Blue is listed 2 times"),
        (DIVA + '"', "not valid CSV"),
    ],
)
def test_facsdiva_layout(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_facsdiva_export(write(tmp_path, text), id="fusion")


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "detectors", "powers", "kind"),
    [
        ("facsdiva_export_fortessa.csv", 16, [100, 40, 100, 60, 50], "pmt"),
        ("facsdiva_layout_cytoflex.csv", 19, [None] * 5, ""),
    ],
)
def test_real_exports(name, detectors, powers, kind):
    path = REFERENCE / "instruments" / name
    if not path.exists():
        pytest.skip("no reference data; set PANELOPT_REFERENCE")
    cytometer = read_facsdiva_export(path, id="real")
    assert len(cytometer.detector) == detectors
    assert [laser.power_mw for laser in cytometer.laser] == powers
    assert cytometer.photodetector == kind


def test_detector_table(tmp_path):
    text = (
        "name,laser_nm,centre_nm,width_nm,path,power_mw\nFL1,405,450,50,all,\nFL2,488,525,50,all,30\nR,640,670,30,,\n"
    )
    cytometer = read_detector_table(write(tmp_path, text, "t.csv"), id="mine", unmixing="spectral", sorter=True)
    assert [(laser.nm, laser.power_mw, laser.path) for laser in cytometer.laser] == [
        (405, None, "all"),
        (488, 30, "all"),
        (640, None, "640"),
    ]
    assert [detector.path for detector in cytometer.detector] == ["all", "all", "640"]
    assert (cytometer.name, cytometer.source, cytometer.unmixing) == ("mine", "t.csv", "spectral")


def test_detector_table_faults_come_together(tmp_path):
    text = (
        "name,laser_nm,centre_nm,width_nm,power_mw\n"
        "A,488,530,-30,\nA,488,5x0,30,\n,488,585,42,50\nB,488,695,40,60\nC,,780,60,nan\n"
    )
    with pytest.raises(InputError) as error:
        read_detector_table(write(tmp_path, text, "t.csv"), id="mine")
    found = faults(error)
    assert ("number", "t.csv:2", "width_nm: '-30' is not a positive number") in found
    assert ("number", "t.csv:3", "centre_nm: '5x0' is not a positive number") in found
    assert ("missing-name", "t.csv:4", "the detector has no name") in found
    assert ("number", "t.csv:6", "laser_nm: nothing is not a positive number") in found
    assert ("number", "t.csv:6", "power_mw: 'nan' is not a positive number") in found
    assert ("duplicate-detector", "t.csv:3", "detector 'A' is already on line 2") in found
    assert len(found) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,laser_nm,centre_nm,width_nm\n", "no detectors"),
        ("name,laser,centre_nm,width_nm\nA,488,530,30\n", "unknown column 'laser'"),
        ("name,laser_nm,centre_nm,width_nm\nA,488,490,30\n", "passes its own 488 nm laser"),
        ("name,laser_nm,centre_nm,width_nm,power_mw\nA,488,530,30,50\nB,488,695,40,60\n", "60 for the 488 nm laser"),
        ("name,laser_nm,centre_nm,width_nm\nA,48,530,30\n", "laser"),
    ],
)
def test_detector_table_rules(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_detector_table(write(tmp_path, text), id="mine")
