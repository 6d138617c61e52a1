"""A choice of reporters as text: numbers without exponents, and light in tables that fit the line."""

from __future__ import annotations

import numpy as np

from panelopt.domain.reporters_result import ReporterChannel, ReporterResult
from panelopt.domain.result import SolveStatus
from panelopt.report.reporters_text import reporters_text

SHARES = {1e-6: "<0.01 %", 0.0015: "0.15 %", 0.0772: "7.7 %", 2.42: "242 %", 0.0: "0 %"}


def choice(signals: np.ndarray, shares: tuple[float | None, ...] = ()) -> ReporterResult:
    count = len(signals)
    channels = [
        ReporterChannel(
            fluorochrome=f"dye {n}", detector=f"D{n}", laser_nm=488, signal=signals[n, n],
            bleed_through=signals[:, n].sum() - signals[n, n], share=share, below_limit=False,
        )
        for n, share in zip(range(count), shares or (None,) * count, strict=True)
    ]  # fmt: skip
    return ReporterResult(
        panelopt_version="0", cytometer="tiny", library="shipped dyes", colours=count, dyes=count, detectors=count,
        signal_unit="pe", status=SolveStatus.FEASIBLE, channels=tuple(channels),
        signals=tuple(map(tuple, signals.tolist())),
    )  # fmt: skip


def test_light_of_many_dyes_is_split_into_tables_that_fit() -> None:
    signals = 1 + np.arange(400.0).reshape(20, 20) / 100
    text = reporters_text(choice(signals))
    assert max(map(len, text.splitlines())) <= 80
    light = text.split("Light in each detector, pe\n")[1].split("\n\nProof")[0].split("\n\n")
    read = [[line.split()[1:] for line in part.splitlines()[2:]] for part in light]
    assert len(light) == 2
    assert np.allclose(np.hstack([np.array(part, dtype=float) for part in read]), signals, atol=0.0005)


def test_light_has_the_digits_that_the_brightest_needs() -> None:
    light = np.array([[0.4322, 1e-9], [0.0, 0.1809]])
    assert "  1  0.4322  0.0000\n  2       0  0.1809\n" in reporters_text(choice(light))
    assert "  1  43,220       0\n  2       0  18,090\n" in reporters_text(choice(np.array([[43220, 0], [0, 18090.0]])))
    assert "  1  0  0\n  2  0  0\n" in reporters_text(choice(np.zeros((2, 2))))


def test_shares_are_percentages_that_can_be_read() -> None:
    text = reporters_text(choice(np.eye(len(SHARES)), tuple(SHARES)))
    lines = [line for line in text.splitlines() if "dye " in line]
    assert [" ".join(line.split()[-2:]) for line in lines] == list(SHARES.values())
