"""``panelopt reporters``: files in, choice out, usage errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

DETECTORS = "name,laser_nm,centre_nm,width_nm\ngreen,488,520,20\norange,488,580,20\nred,488,680,20\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Four dyes of which one, ``far``, has no brightness; three detectors."""
    monkeypatch.chdir(tmp_path)
    names = {"green dye": 520, "=orange": 580, "red dye": 680, "far": 780}
    columns = [f"{name} ({kind})" for name in names for kind in ("EX", "EM")]
    rows = [
        [nm, *(value for peak in names.values() for value in (1.0, max(0.0, 1 - abs(nm - peak) / 30)))]
        for nm in range(480, 831, 5)
    ]
    lines = [["wavelength", *columns], *rows]
    Path("spectra.csv").write_text("".join(",".join(map(str, line)) + "\n" for line in lines), encoding="utf-8")
    Path("brightness.csv").write_text("name,brightness\ngreen dye,2\n=orange,5\nred dye,1\n", encoding="utf-8")
    Path("machine.csv").write_text(DETECTORS, encoding="utf-8")
    inputs = ("--spectra", "spectra.csv", "--brightness", "brightness.csv", "--cytometer", "machine.csv")
    return ["reporters", *inputs]


def test_json(files: list[str], run: Run) -> None:
    outcome = run(*files, "--colours", 3, "--json")
    assert outcome.exit_code == 0
    answer = json.loads(outcome.stdout)
    assert answer["status"] == "optimal"
    assert answer["unique"]
    assert {c["fluorochrome"]: c["detector"] for c in answer["channels"]} == {
        "green dye": "green", "=orange": "orange", "red dye": "red",
    }  # fmt: skip
    # in a band of 20 nm around its peak a triangle of 30 nm has a mean of 1 - 5/30 of its maximum
    assert [c["signal"] for c in answer["channels"]] == pytest.approx([2 * 5 / 6, 5 * 5 / 6, 5 / 6])
    assert answer["value"] == {**answer["bound"], "mean_signal": answer["value"]["mean_signal"]}
    assert "far has no brightness" in outcome.stderr


def test_text_and_csv_are_harmless(files: list[str], run: Run) -> None:
    shown = run(*files, "--colours", 2)
    assert "2 of 3 dyes" in shown.stdout
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    rows = list(csv.DictReader(io.StringIO(run(*files, "--colours", 3, "--format", "csv").stdout)))
    assert [row["fluorochrome"] for row in rows] == ["green dye", "'=orange", "red dye"]


def test_demands(files: list[str], run: Run) -> None:
    answer = json.loads(
        run(
            *files, "--colours", 2, "--dye", "RED-dye", "--exclude", "=orange", "--forbid-detector", "red", "--json"
        ).stdout
    )
    assert {c["fluorochrome"] for c in answer["channels"]} == {"green dye", "red dye"}
    assert {c["detector"] for c in answer["channels"]} == {"green", "orange"}
    assert answer["value"]["channels_without_signal"] == 1


def test_infeasible_is_a_result(files: list[str], run: Run) -> None:
    outcome = run(*files, "--colours", 3, "--exclude", "red dye", "--json")
    assert outcome.exit_code == 3
    answer = json.loads(outcome.stdout)
    assert answer["status"] == "infeasible"
    assert answer["conflicts"][0]["message"] == "only 2 dyes can be chosen"
    assert "no choice meets the demands (proven)" in outcome.stderr


def test_conflicts_are_listed_once_and_more_dyes_wanted_than_there_are(files: list[str], run: Run) -> None:
    outcome = run(*files, "--colours", 4)
    assert outcome.exit_code == 3
    assert outcome.stdout.startswith("4 dyes wanted, 3 to choose from (")
    assert "Conflicting demands\n  - 4 colours: only 3" in outcome.stdout
    assert "Error: no choice meets the demands (proven)\nHint: Relax or remove" in outcome.stderr
    assert "only 3" not in outcome.stderr
    assert "only 3" in run(*files, "--colours", 4, "--json").stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--colours", 2, "--dye", "gren dye"], 1, "no dye is called 'gren dye'"),
        (["--colours", 2, "--forbid-detector", "blue"], 1, "no detector is called 'blue'"),
        ([], 2, "colours"),
        (["--colours", 2, "--signatures", "x.csv"], 2, "--signatures does not go with --objective bleedthrough"),
        (["bm-cd271-cd146", "--colours", 2], 2, "bm-cd271-cd146"),
        (["--colours", 0], 2, "0 is out of range"),
    ],
)
def test_faults(files: list[str], run: Run, words: list[object], code: int, message: str) -> None:
    outcome = run(*files, *words)
    assert outcome.exit_code == code
    assert message in outcome.stderr


def test_the_cytometer_is_required_and_design_chooses_no_reporters(run: Run) -> None:
    assert "--cytometer" in run("reporters", "--colours", 2).stderr
    for words in (["--objective", "bleedthrough"], ["--colours", 3]):
        assert run("design", "bm-cd271-cd146", *words).exit_code == 2


def test_emission_does_not_apply_to_shipped_dyes(run: Run) -> None:
    outcome = run("reporters", "--cytometer", "aria-iii", "--colours", 2, "--emission", "area")
    assert outcome.exit_code == 2
    assert "--emission applies to --spectra only" in outcome.stderr


def test_spectra_without_brightness_count_as_equally_bright(files: list[str], run: Run) -> None:
    inputs = [word for word in files if "brightness" not in word]
    outcome = run(*inputs, "--colours", 2, "--json")
    assert outcome.exit_code == 0
    assert "no brightness given" in outcome.stderr
    assert json.loads(outcome.stdout)["dyes"] == 4
    alone = run("reporters", "--brightness", "brightness.csv", "--cytometer", "aria-iii",
                "--colours", 2)  # fmt: skip
    assert alone.exit_code == 2
    assert "brightness belongs to spectra" in alone.stderr


def test_low_complexity(run: Run) -> None:
    demands = ("--dye", "Brilliant Violet 421", "--exclude", "PE")
    asked = ("reporters", "--objective", "complexity", "--cytometer", "aurora-3l", "--colours", 4, *demands)
    answer = json.loads(run(*asked, "--json").stdout)
    assert len(answer["fluorochromes"]) == 4
    assert "BV421" in answer["fluorochromes"]
    assert "PE" not in answer["fluorochromes"]
    compared = run("dye", "similarity", "--cytometer", "aurora-3l", *answer["fluorochromes"], "--json")
    assert json.loads(compared.stdout)["complexity_index"] == pytest.approx(answer["complexity_index"])
    assert answer["complexity_index"] < 1.2
    refused = run(*asked, "--brightness", "x.csv", "--seed", 0)
    assert refused.exit_code == 2
    assert "--brightness, --seed do not go with --objective complexity" in refused.stderr
    assert "fixed amount of work" in refused.stderr


def test_low_complexity_of_measured_dyes_that_nobody_knows(tmp_path: Path, run: Run) -> None:
    lines = ["schema_version = 1", 'kind = "signatures"', 'cytometer = "aurora-3l"']
    lines += ['detector = ["V1", "V2", "V3"]']
    for name, values in {"own one": [9, 1, 0], "own two": [8, 2, 0], "own three": [0, 1, 9]}.items():
        lines += ["[[signature]]", f'fluorochrome = "{name}"', f"values = {values}"]
    path = tmp_path / "own.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    asked = ("reporters", "--objective", "complexity", "--cytometer", "aurora-3l", "--signatures", path)
    assert json.loads(run(*asked, "--colours", 2, "--json").stdout)["fluorochromes"] == ["own one", "own three"]
    assert run(*asked, "--colours", 3).exit_code == 1  # the first two are too alike


@pytest.mark.parametrize("text", ["", "a,b,c\n", "dye,bright\nx,-1\n", "x,1\nX,2\n", "x,nan\ny,1e999\n"])
def test_broken_brightness(files: list[str], run: Run, text: str) -> None:
    Path("brightness.csv").write_text(text, encoding="utf-8")
    outcome = run(*files, "--colours", 2)
    assert outcome.exit_code == 1
    assert "brightness.csv" in outcome.stderr
