"""Light against measurements that are not part of the project: peak detectors, spillover, tandems."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

pytestmark = pytest.mark.reference

TOOLS = ("validate_detectors", "validate_spillover", "validate_tandems", "validate_optics", "fit_fluorochromes",
         "fit_tandems", "fit_infrared", "optics_reference")  # fmt: skip


@pytest.fixture
def tool(request: pytest.FixtureRequest, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A script of the folder tools, by the name that the test gives."""
    monkeypatch.syspath_prepend(str(repository / "tools"))
    try:
        yield import_module(request.param)
    finally:
        for name in TOOLS:
            sys.modules.pop(name, None)


@pytest.mark.parametrize("tool", ["validate_detectors"], indirect=True)
def test_dyes_are_brightest_where_they_are_read(
    tool: ModuleType, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool.main(reference, listed=False)
    close = {
        line.split("  ")[0].strip(): float(line.split("neighbour")[1].strip(" %\n"))
        for line in capsys.readouterr().out.splitlines()
        if "neighbour" in line
    }
    assert close["aurora-5l"] >= 94.0
    assert close["symphony-a5"] >= 95.0
    assert close["symphony-s6"] >= 94.0
    assert close["all"] >= 93.0
    assert close["all, viewers averaged"] >= 94.0


@pytest.mark.parametrize("tool", ["validate_spillover"], indirect=True)
def test_spillover_is_within_a_factor_of_two_once_gains_are_known(tool: ModuleType, reference: Path) -> None:
    results = [tool.compare(reference, matrix) for matrix in tool.MATRICES.values()]
    plain, fitted, repaired = (
        np.concatenate([getattr(result, name) for result in results]) for name in ("plain", "fitted", "repaired")
    )
    assert len(plain) >= 100
    assert np.mean(np.abs(plain) <= tool.WITHIN) >= 0.40
    assert np.mean(np.abs(fitted) <= tool.WITHIN) >= 0.70
    assert np.mean(np.abs(repaired) <= tool.WITHIN) >= 0.84
    # all but one of the tandems are nearly whole
    assert sorted(share for result in results for share in result.broken.values())[-2] <= 0.1


@pytest.mark.parametrize("tool", ["validate_tandems"], indirect=True)
def test_fresh_tandems_on_cells_leak_what_the_library_shows(
    tool: ModuleType, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool.main(reference)
    ratio, broken = capsys.readouterr().out.splitlines()[-2:]
    quantile = {key: float(value) for key, value in re.findall(r"(\d+)% ([\d.]+)", ratio)}
    assert 0.7 <= quantile["50"] <= 1.4
    # the 95 % limit that uncertainty takes for the broken share
    assert float(re.findall(r"75% ([\d.]+)", broken)[0]) <= 0.05


@pytest.mark.parametrize("tool", ["validate_optics"], indirect=True)
def test_signatures_of_another_instrument_are_predicted(tool: ModuleType, reference: Path, repository: Path) -> None:
    dyes = [dye for _, _, group in tool.files() for dye in group]
    library = tool.read_libraries(reference)["AutoSpectral_Symphony"]
    line = tool.compare(library, tool.shipped_cytometer("symphony-a5"), dyes)
    assert float(line.split("median")[1].split()[0]) >= 0.955
    assert float(line.split("10 %")[1].split()[0]) >= 0.88
