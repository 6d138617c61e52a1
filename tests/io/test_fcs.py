"""FCS files: events and keywords; cut-off and damaged files are errors, never tracebacks."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import flowio
import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.io.fcs import is_fcs, read_fcs


def fcs_bytes(events: np.ndarray, channels: list[str], **keywords: str) -> bytes:
    out = io.BytesIO()
    flowio.create_fcs(out, events.ravel().tolist(), channels, metadata_dict=dict(keywords))
    return out.getvalue()


EVENTS = np.arange(300, dtype=float).reshape(100, 3)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.fcs"
    path.write_bytes(fcs_bytes(EVENTS, ["FSC-A", "V1-A", "B1-A"]))
    return path


def test_events_come_back(good: Path) -> None:
    file = read_fcs(good)
    assert file.channels == ("FSC-A", "V1-A", "B1-A")
    assert file.events == pytest.approx(EVENTS)
    assert file.keywords["tot"] == "100"
    assert is_fcs(good)


@pytest.mark.parametrize("keep", [4, 30, 60, 200, -1, -500])
def test_cut_off_files(good: Path, keep: int) -> None:
    good.write_bytes(good.read_bytes()[:keep])
    with pytest.raises(InputError) as caught:
        read_fcs(good)
    assert caught.value.findings[0].code == "corrupt-fcs"
    assert caught.value.where == str(good)
    assert caught.value.hint


def test_damaged_bytes_never_end_in_another_error(good: Path) -> None:
    content = good.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(content)
        for place in rng.integers(3, 400, 6):
            damaged[place] = int(rng.integers(0, 256))
        good.write_bytes(bytes(damaged))
        with contextlib.suppress(InputError):
            assert read_fcs(good).events.ndim == 2


def test_what_is_no_fcs_file(tmp_path: Path) -> None:
    path = tmp_path / "x.fcs"
    with pytest.raises(InputError, match="no such file"):
        read_fcs(path)
    path.write_text("wavelength,A\n")
    with pytest.raises(InputError, match="not an FCS file"):
        read_fcs(path)


def test_events_that_are_no_numbers_stay_so(good: Path) -> None:
    """Whoever uses the parameter decides: a label may be missing, light may not."""
    events = EVENTS.copy()
    events[3, 1] = np.nan
    good.write_bytes(fcs_bytes(events, ["FSC-A", "V1-A", "B1-A"]))
    assert np.isnan(read_fcs(good).events).sum() == 1


@pytest.mark.reference
def test_measured_file(reference: Path) -> None:
    file = read_fcs(reference / "fcs" / "Luciernaga_Unstained_Beads.fcs")
    assert file.events.shape == (2000, 74)
    assert file.keywords["cyt"] == "Aurora"
