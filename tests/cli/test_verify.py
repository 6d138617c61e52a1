"""``design --certificate`` and ``verify`` on the command line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_end_to_end import question  # noqa: F401  (fixture)


@pytest.fixture
def proof(run: Run, question: tuple[str, ...], tmp_path: Path) -> Path:  # noqa: F811
    path = tmp_path / "proof.json.gz"
    words = ("--time-limit", 100, "--today", "2030-01-01", "--certificate", path, "-o", tmp_path / "result.json")
    assert run("design", *question, *words).exit_code == 0
    return path


def test_a_certificate_is_verified_and_compared_with_its_inputs(
    run: Run,
    question: tuple[str, ...],  # noqa: F811
    proof: Path,
    tmp_path: Path,
) -> None:
    outcome = run("verify", proof, "--panels", 20)
    assert outcome.exit_code == 0, outcome.output
    assert "tiny on aria-fusion: verified" in outcome.stdout
    problem, *rest = question[:-1]
    compared = run("verify", proof, "--problem", problem, *rest, "--panels", 0, "--json")
    assert compared.exit_code == 0, compared.output
    assert json.loads(compared.stdout)["status"] == "verified"

    Path(problem).write_text(Path(problem).read_text().replace("0.93", "0.92"), encoding="utf-8")
    other = run("verify", proof, "--problem", problem, *rest, "--panels", 0, "--time-limit", 0)
    assert other.exit_code == 1
    assert "problem_sha256 differs" in other.stdout
    assert "instance: phi differs" in other.stdout

    result = json.loads((tmp_path / "result.json").read_text())
    document = json.loads(gzip.decompress(proof.read_bytes()))
    assert document["reported"]["worst"] == result["objective"]["worst_log_ratio"]
    assert document["bound"] == result["bound"]
    assert str(tmp_path) not in json.dumps(document)


def test_lies_are_1_and_lack_of_time_is_4(run: Run, proof: Path, tmp_path: Path) -> None:
    short = run("verify", proof, "--panels", 0, "--time-limit", 0)
    assert short.exit_code == 4
    assert "some bounds were not proven again" in short.stderr
    document = json.loads(gzip.decompress(proof.read_bytes()))
    document["reported"]["worst"] += 0.1
    lie = tmp_path / "lie.json"
    lie.write_text(json.dumps(document), encoding="utf-8")
    outcome = run("verify", lie, "--panels", 0, "--time-limit", 0)
    assert outcome.exit_code == 1
    assert "WRONG        score" in outcome.stdout
    document["options"] = [{"markers": [0], "dye": 77, "detector": 0}]
    lie.write_text(json.dumps(document), encoding="utf-8")
    assert run("verify", lie).exit_code == 1


def test_a_certificate_is_about_the_demands_of_its_call(
    run: Run,
    question: tuple[str, ...],  # noqa: F811
    tmp_path: Path,
) -> None:
    demands = (
        "--lock",
        "CD271=PE",
        "--require",
        "cd45",
        "--slack",
        "0",
        "--max-spillover",
        "2",
        "--today",
        "2030-01-01",
    )
    path, few = tmp_path / "proof.json.gz", ("--panels", 0, "--time-limit", 0)
    done = run("design", *question, *demands, "--time-limit", 100, "--certificate", path, "--json")
    assert done.exit_code == 0, done.output
    kept = json.loads(gzip.decompress(path.read_bytes()))["question"]["demands"]
    assert kept == json.loads(done.stdout)["demands"]
    assert (kept["locks"][0]["fluorochrome"], kept["require"], kept["slack"]) == ("PE", ["CD45"], 0.0)
    problem, *rest = question[:-1]
    same = run("verify", path, "--problem", problem, *rest, *demands, *few, "--json")
    assert json.loads(same.stdout)["status"] in ("verified", "undecided"), same.output
    other = run("verify", path, "--problem", problem, *rest, *few)
    assert other.exit_code == 1
    for name in ("locks", "require", "slack", "max_spillover"):
        assert f"demand {name}" in other.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("missing.json",), 1),
        (("x.json", "--lock", "CD271=PE"), 2),
        (("x.json", "--slack", "0"), 2),
        (("x.json", "--tolerance", "0.1"), 2),
        (("x.json", "--problem", "bm-cd271-cd146"), 2),
        (("x.json", "--catalog", "here"), 2),
        (("x.json", "--time-limit", "nan"), 2),
    ],
)
def test_wrong_calls(run: Run, words: tuple[str, ...], code: int) -> None:
    outcome = run("verify", *words)
    assert outcome.exit_code == code
    assert "Traceback" not in outcome.output


def test_a_certificate_that_cannot_be_written_is_an_error_before_the_search(
    run: Run,
    question: tuple[str, ...],  # noqa: F811
    tmp_path: Path,
) -> None:
    outcome = run("design", *question, "--certificate", tmp_path / "no" / "proof.json")
    assert outcome.exit_code == 1
    assert "folder does not exist" in outcome.stderr
