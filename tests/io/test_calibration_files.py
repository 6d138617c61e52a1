"""Calibrations from files: both forms, and every fault at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelopt.errors import InputError
from panelopt.io.calibration_files import read_calibration

TOML = """schema_version = 1
source = "beads of lot 7"
[[channel]]
detector = "B530"
slope = 1.5
offset = 20
unit = "AU"
[[channel]]
fluorochrome = "PE"
scale = "log"
slope = 1.02
offset = 0.4
unit = "AU"
"""

CSV = "detector,fluorochrome,scale,slope,offset,unit,source\nB530,,,1.5,20,AU,\n,PE,log,1.02,0.4,AU,beads of lot 7\n"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    one, other = (read_calibration(written(tmp_path, name, text)) for name, text in (("a.toml", TOML), ("a.csv", CSV)))
    assert [(c.detector, c.fluorochrome, c.scale, c.slope, c.offset, c.unit) for c in one.channel] == [
        (c.detector, c.fluorochrome, c.scale, c.slope, c.offset, c.unit) for c in other.channel
    ]
    assert other.channel[1].source == one.source


def test_all_faults_of_a_table_are_named_with_their_line(tmp_path: Path) -> None:
    text = "detector,fluorochrome,slope,offset,unit\nB530,,steep,20,AU\nB530,PE,1,1,AU\n,,1,none,AU\n"
    with pytest.raises(InputError) as raised:
        read_calibration(written(tmp_path, "a.csv", text))
    assert [finding.where.rsplit("a.csv:", 1)[1] for finding in raised.value.findings] == [
        "2, column slope",
        "3",
        "4, column offset",
        "4",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "channel = []\n", "at least 1"),
        ("a.toml", TOML.replace("1.02", "-1"), "above 0"),
        ("a.toml", TOML.replace("slope = 1.5", "slop = 1.5"), "unknown key"),
        ("a.toml", "[[", "not valid TOML"),
        ("a.csv", CSV.replace("1.5", "nan"), "finite"),
        ("a.csv", CSV.replace("1.5", "0"), "above 0"),
        ("a.csv", "detector,slope,offset\n", "no column unit"),
        ("a.csv", "", "no header"),
        ("a.xlsx", "x", "TOML or a CSV"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_calibration(written(tmp_path, name, text))
    assert any(message in f"{finding.message} {finding.hint}" for finding in raised.value.findings)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_calibration(tmp_path / "none.csv")
