"""Columns of event files and the markers that they show."""

from __future__ import annotations

import pytest

from panelopt.io.labelled_events import EventChannel
from panelopt.registry.event_markers import marker_columns, marker_in


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("CD271", "CD271"),
        ("LNGFR", "CD271"),
        ("CD271 BV421", "CD271"),
        ("BV421 CD271-A", "CD271"),
        ("Comp-CD45_PE-Cy7-A", "CD45"),
        ("HLA-DR", "HLA-DR"),
        ("HLA-DR PE", "HLA-DR"),
        ("CD45RA FITC", "CD45RA"),
        ("CD45 isotype", None),
        ("PE-Cy7-A", None),
        ("V450/50-A", None),
        ("", None),
    ],
)
def test_marker_in_a_label(text: str, marker: str | None) -> None:
    assert marker_in(text) == marker


def test_columns_without_a_stain_are_left_out() -> None:
    channels = [
        EventChannel(name, title)
        for name, title in (
            ("FSC-A", ""), ("SSC-W", ""), ("Time", ""), ("B530-A", "CD45 FITC"), ("B530-H", "CD45 FITC"),
            ("V450-A", ""), ("population", ""),
        )
    ]  # fmt: skip
    found, left_out, faults = marker_columns(channels, {}, "population", "x.fcs")
    assert {marker: channel.name for marker, channel in found.items()} == {"CD45": "B530-A"}
    assert left_out == ("FSC-A", "SSC-W", "Time", "V450-A")
    assert not faults


def test_the_user_has_the_last_word() -> None:
    channels = [EventChannel(name, name) for name in ("CD45", "mystery", "junk", "population")]
    found, left_out, faults = marker_columns(
        channels, {"mystery": "NG2", "junk": "", "CD45": "Own 1"}, "population", ""
    )
    assert {marker: channel.name for marker, channel in found.items()} == {"Own 1": "CD45", "NG2": "mystery"}
    assert left_out == ("junk",)
    assert not faults


def test_faults_are_reported_together() -> None:
    channels = [EventChannel(name, name) for name in ("CD45", "LCA", "CD2711", "nothing", "population")]
    _, _, faults = marker_columns(channels, {"CD54": "CD54"}, "population", "x.csv")
    assert [fault.code for fault in faults] == ["unknown-column", "two-columns", "unknown-marker", "unknown-marker"]
    assert "--map" in faults[1].hint
    assert "CD271" in faults[2].hint


def test_bare_detectors_of_an_instrument_are_no_faults() -> None:
    channels = [EventChannel(name) for name in ("UV1-A", "V2-A", "CD45", "population")]
    found, left_out, faults = marker_columns(channels, {}, "population", "x.fcs")
    assert (list(found), left_out, faults) == (["CD45"], ("UV1-A", "V2-A"), [])
