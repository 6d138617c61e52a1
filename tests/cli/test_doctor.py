"""``panelopt doctor``: versions, places, and a trial."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import panelopt
from panelopt.answers import installation_checks as doctor
from panelopt.domain.installation_report import InstallationCheck
from panelopt.errors import InputError, input_error
from tests.cli.conftest import Run


def test_a_working_installation_is_said_to_work(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELOPT_CACHE", str(tmp_path))
    outcome = run("doctor", "--json")
    assert outcome.exit_code == 0
    found = json.loads(outcome.stdout)
    assert found["panelopt_version"] == panelopt.__version__
    assert {check["name"]: check["state"] for check in found["checks"]} == {
        "packages": "ok", "catalogs": "ok", "cytometers": "ok", "fluorochromes": "ok", "cache": "ok", "solver": "ok",
    }  # fmt: skip
    versions = {package["name"]: package["version"] for package in found["packages"]}
    assert versions["ortools"]
    assert found["places"]["PANELOPT_CACHE"] == str(tmp_path)
    assert min(found["counts"].values()) > 0


def test_extras_that_are_missing_are_listed_and_break_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["numpy>=1.26", "nothing-like-it>=3; extra == 'pdf'", "pytest; extra == 'dev'"]
    monkeypatch.setattr("importlib.metadata.requires", lambda _: needs)
    found = {package.name: package for package in doctor._packages()}
    assert set(found) == {"numpy", "nothing-like-it"}
    assert (found["nothing-like-it"].version, found["nothing-like-it"].extra) == ("", "pdf")
    assert not found["nothing-like-it"].missing


def test_a_required_package_that_is_missing_is_broken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.requires", lambda _: ["nothing-like-it>=3"])
    monkeypatch.setattr(doctor, "_trial", lambda: InstallationCheck(name="solver", state="ok", message="not tried"))
    outcome = run("doctor")
    assert outcome.exit_code == 1
    assert "BROKEN" in outcome.stdout
    assert "not installed: nothing-like-it" in " ".join(outcome.stdout.split())


def test_a_cache_that_cannot_be_written_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("PANELOPT_CACHE", str(blocked))
    check = doctor._cache_check()
    assert check.state == "warning"
    assert "PANELOPT_CACHE" in check.hint


@pytest.mark.parametrize("fault", [input_error("x", "no catalog", hint="Name one."), RuntimeError("bad model")])
def test_a_solver_that_fails_is_broken(fault: InputError | RuntimeError, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(doctor, "design", fail)
    check = doctor._trial()
    assert check.state == "broken"
    assert check.hint
