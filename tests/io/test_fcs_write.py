"""FCS files written chunk by chunk come back as they were; what cannot be a file is refused."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import flowio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.errors import PaneloptError
from panelopt.io.fcs import read_fcs
from panelopt.io.fcs_write import FcsChannel, FloatTable, matrix_text, unique_names, write_fcs
from tests.strategies import hostile_texts

CHANNELS = (FcsChannel("Time", range=1000), FcsChannel("YG710/50", "CD45 PE"), FcsChannel("B1"))
EVENTS = np.arange(300, dtype=np.float32).reshape(100, 3)


def test_events_names_and_keywords_come_back(tmp_path: Path) -> None:
    path = tmp_path / "x.fcs"
    write_fcs(path, CHANNELS, 100, [EVENTS[:1], EVENTS[1:70], EVENTS[70:]], {"CYT": "Aria", "POPULATION_1": "MSC"})
    file = read_fcs(path)
    assert file.channels == ("Time", "YG710/50", "B1")
    assert file.labels == ("", "CD45 PE", "")
    assert np.array_equal(file.events, EVENTS)
    expected = {"tot": "100", "par": "3", "datatype": "F", "mode": "L", "cyt": "Aria", "population_1": "MSC"}
    assert expected.items() <= file.keywords.items()
    assert {f"p{n}e": "0,0" for n in (1, 2, 3)}.items() <= file.keywords.items()
    assert file.keywords["p1r"] == "1000"
    assert path.read_bytes()[:6] == b"FCS3.1"


def test_standard_keywords_begin_with_a_dollar_and_own_ones_do_not(tmp_path: Path) -> None:
    path = tmp_path / "x.fcs"
    keywords = {"DATE": "01-JAN-1970", "SPILLOVER": matrix_text(("B1",), [[1.0]]), "PANELOPT_SEED": "3"}
    write_fcs(path, CHANNELS, 100, [EVENTS], keywords)
    text = path.read_bytes()
    assert b"/$DATE/01-JAN-1970/" in text
    assert b"/$SPILLOVER/1,B1,1.0/" in text
    assert b"/PANELOPT_SEED/3/" in text


@given(hostile_texts, hostile_texts)
def test_no_name_breaks_the_file(tmp_path_factory: pytest.TempPathFactory, label: str, value: str) -> None:
    path = tmp_path_factory.mktemp("fcs") / "x.fcs"
    names = unique_names([label, label, value])
    assert len({name.casefold() for name in names}) == 3
    channels = [FcsChannel(name, label) for name in names]
    write_fcs(path, channels, 100, [EVENTS], {"SRC": value, "POPULATION_1": f"/{value}/"})
    file = read_fcs(path)
    assert len(file.channels) == 3
    assert np.array_equal(file.events, EVENTS)


@pytest.mark.parametrize("chunks", [[EVENTS[:99]], [EVENTS, EVENTS]])
def test_another_number_of_events_leaves_no_file(tmp_path: Path, chunks: list[FloatTable]) -> None:
    with pytest.raises(PaneloptError, match="announced"):
        write_fcs(tmp_path / "x.fcs", CHANNELS, 100, chunks, {})
    assert list(tmp_path.iterdir()) == []


def test_a_fault_while_drawing_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.fcs"
    path.write_bytes(b"old")

    def broken() -> Iterator[FloatTable]:
        yield EVENTS[:50]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_fcs(path, CHANNELS, 100, broken(), {})
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_could_not_be_read_back_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PaneloptError, match="more than") as caught:
        write_fcs(tmp_path / "x.fcs", CHANNELS, 200_000_000, [], {})
    assert caught.value.hint


def test_pipes_are_refused(tmp_path: Path) -> None:
    read, write = os.pipe()
    try:
        with pytest.raises(PaneloptError, match="pipe"):
            write_fcs(Path(f"/dev/fd/{write}"), CHANNELS, 100, [EVENTS], {})
    finally:
        os.close(read)
        os.close(write)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    flowio.create_fcs(tmp_path.joinpath("warm.fcs").open("wb"), [1.0], ["a"]).close()
    chunks = (EVENTS for _ in range(20_000))
    tracemalloc.start()
    write_fcs(tmp_path / "x.fcs", CHANNELS, 2_000_000, chunks, {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "x.fcs").stat().st_size > 24_000_000
    assert peak < 2_000_000


def test_large_offsets_are_read_back(tmp_path: Path) -> None:
    """Beyond 99,999,999 bytes the header cannot hold the offsets; the keywords do."""
    path, wide = tmp_path / "x.fcs", [FcsChannel(f"D{n}") for n in range(100)]
    chunk = np.ones((1000, 100), dtype=np.float32)
    write_fcs(path, wide, 251_000, (chunk for _ in range(251)), {})
    file = flowio.FlowData(str(path), only_text=True)
    assert file.event_count == 251_000
    assert int(file.text["enddata"]) + 1 == path.stat().st_size


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6))
def test_names_have_no_comma_and_differ(names: list[str]) -> None:
    found = unique_names(names)
    assert len({name.casefold() for name in found}) == len(names)
    assert all(name and "," not in name and name.isprintable() for name in found)


def test_the_range_lies_above_all_values(tmp_path: Path) -> None:
    """Some readers cut off what lies beyond $PnR."""
    path = tmp_path / "x.fcs"
    values = np.array([[1, 262_144, -5], [999, 300_000, np.nan]], dtype=np.float32)
    write_fcs(path, (FcsChannel("Time", range=1000), *CHANNELS[1:]), 2, [values], {})
    ranges = [int(read_fcs(path).keywords[f"p{n}r"]) for n in (1, 2, 3)]
    assert ranges == [2048, 524_288, 262_144]
    assert np.array_equal(flowio.FlowData(str(path)).as_array(), values, equal_nan=True)
