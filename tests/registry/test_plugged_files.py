"""Cytometers and fluorochromes of plug-ins: found, outranked, faulty, hostile."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from panelopt import registry
from panelopt.answers.installation_checks import _source_checks
from panelopt.catalogs import check_catalogs
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import Fluorochrome
from panelopt.errors import Finding, InputError
from panelopt.io.cytometer_files import cytometer_toml
from panelopt.io.fluorochrome_files import fluorochromes_toml
from panelopt.questions.question import load
from panelopt.registry import plugged_files
from panelopt.registry.dye_sources import FLUOROCHROMES_VARIABLE
from tests import builders
from tests.builders import write_catalog_folder
from tests.conftest import Register

BOTH = "[panelopt.cytometers]\na = {0}.machines\n[panelopt.fluorochromes]\na = {0}.dyes\n"

HOSTILE = [b"", b"name = 'caf\xe9'\n", b"id = ", b"[" * 5000, b"\x00", b"a.b" * 9000, b"laser = 1\nfluorochrome = 1\n"]


@pytest.fixture(autouse=True)
def no_own_dyes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FLUOROCHROMES_VARIABLE, raising=False)


def cytometer(name: str) -> Cytometer:
    return builders.cytometer(id=name, name=f"Cytometer {name}")


def dye(name: str, *aliases: str, **changes: object) -> Fluorochrome:
    return builders.fluorochromes()[0].model_copy(update={"name": name, "aliases": aliases, **changes})


def write_machines(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.toml").write_text(cytometer_toml(cytometer(name)), encoding="utf-8")


def write_dyes(path: Path, *dyes: Fluorochrome) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(fluorochromes_toml(dyes, "Acme"), encoding="utf-8")
    return path


def vendor(
    register: Register, name: str = "acme", machines: Iterable[str] = (), dyes: Iterable[Fluorochrome] = ()
) -> Path:
    """Install a package with a cytometer and a dye, and more of both; return its folder."""
    package = register(name, BOTH.format(name)) / name
    write_machines(package / "machines", f"{name}-sorter", *machines)
    write_dyes(package / "dyes" / "dyes.toml", dye(f"{name} Violet 660"), *dyes)
    (package / "__init__.py").write_text("raise RuntimeError('plug-in code must not run')\n")
    return package


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def findings() -> tuple[Finding, ...]:
    return (*registry.readable_cytometers()[1], *registry.fluorochrome_findings())


def test_cytometers_and_dyes_are_found_without_running_code(register: Register) -> None:
    before = registry.cytometer_names(), registry.fluorochromes()
    package = vendor(register, dyes=[dye("Acme Blue", "AB 1")])
    assert set(registry.cytometer_names()) - set(before[0]) == {"acme-sorter"}
    assert {d.name for d in registry.fluorochromes()} - {d.name for d in before[1]} == {"acme Violet 660", "Acme Blue"}
    assert registry.find_cytometer("ACME sorter") == registry.find_cytometer("acme-sorter", None)
    assert registry.find_fluorochrome("ab1").name == "Acme Blue"
    assert not findings()
    files = {c.id: file for c, file in registry.readable_cytometers()[0]}
    assert (files["acme-sorter"].kind, files["acme-sorter"].origin) == ("plugin", "acme 1.0")
    assert files["acme-sorter"].path == package / "machines" / "acme-sorter.toml"
    assert (files["aria-iii"].kind, files["aria-iii"].origin.split()[0]) == ("built-in", "panelopt")
    dyes = registry.fluorochrome_files()
    assert dyes["Acme Blue"] == plugged_files.SourceFile(package / "dyes" / "dyes.toml", "plugin", "acme 1.0")
    assert dyes["BV421"].kind == "built-in"
    assert "acme" not in sys.modules


def test_dyes_of_plugins_count_in_catalogs_and_questions(register: Register, tmp_path: Path) -> None:
    folder = write_catalog_folder(tmp_path / "shop", "shop", ["CD45,Acme Blue"])
    assert "unknown-fluorochrome" in [remark.code for remark in check_catalogs([str(folder)])[0].remarks]
    vendor(register, dyes=[dye("Acme Blue")])
    assert "unknown-fluorochrome" not in [remark.code for remark in check_catalogs([str(folder)])[0].remarks]
    question = load("cv-cd106", cytometer="acme-sorter", catalogs=[str(folder)])
    assert question.cytometer.id == "acme-sorter"
    assert "Acme Blue" in {d.name for d in question.fluorochromes}


@pytest.mark.parametrize("name", ["aria-iii", "aria.iii", "ariaiii"])
def test_shipped_cytometer_wins(register: Register, name: str) -> None:
    shipped = registry.find_cytometer("aria-iii")
    package = vendor(register, machines=[name])
    (finding,) = registry.readable_cytometers()[1]
    assert finding.code == "duplicate-cytometer"
    assert f"cytometer {name} of acme 1.0 is skipped: panelopt" in finding.message
    assert registry.find_cytometer("aria-iii") == registry.find_cytometer("Aria III") == shipped
    assert registry.find_cytometer(str(package / "machines" / f"{name}.toml")).name == f"Cytometer {name}"


def test_two_plugins_of_one_cytometer_are_an_error_when_named(register: Register) -> None:
    vendor(register, "acme_b", machines=["the-sorter"])
    package = vendor(register, "acme_a", machines=["the-sorter"])
    (finding,) = registry.readable_cytometers()[1]
    assert "of acme_b 1.0 is skipped: acme_a 1.0" in finding.message
    assert registry.cytometer_names().count("the-sorter") == 1
    with pytest.raises(InputError, match=r"offered by acme_a 1\.0 and acme_b 1\.0") as caught:
        registry.find_cytometer("the-sorter")
    assert caught.value.findings[0].code == "ambiguous-cytometer"
    assert str(package / "machines" / "the-sorter.toml") in caught.value.hint
    assert registry.find_cytometer(str(package / "machines" / "the-sorter.toml")).id == "the-sorter"


@pytest.mark.parametrize(
    ("taken", "reason"),
    [
        (dye("BV421"), "BV421 stands for BV421 of panelopt"),
        (dye("bv 421"), "bv 421 stands for BV421 of panelopt"),
        (dye("PE-Cy55"), "PE-Cy55 stands for PE-Cy5.5 of panelopt"),
        (dye("Acme Green", "FITC"), "Acme Green (as 'FITC') stands for FITC of panelopt"),
        (dye("Acme Green", "acme violet 660"), "Acme Green (as 'acme violet 660') stands for acme Violet 660 of acme"),
        (dye("---"), "'---' has no letter or digit"),
        (dye("Cell light", use="autofluorescence"), "Cell light is autofluorescence, which no package replaces"),
    ],
)
def test_plugin_adds_dyes_and_replaces_none(register: Register, taken: Fluorochrome, reason: str) -> None:
    before = registry.fluorochromes(), registry.autofluorescence()
    package = vendor(register)
    write_dyes(package / "dyes" / "more.toml", taken, dye("Acme Red"))
    (finding,) = registry.fluorochrome_findings()
    assert finding.code == "duplicate-fluorochrome"
    assert reason in finding.message
    added = {d.name for d in registry.fluorochromes()} - {d.name for d in before[0]}
    assert added == {"acme Violet 660", "Acme Red"}
    assert tuple(d for d in registry.fluorochromes() if d.name not in added) == before[0]
    assert registry.autofluorescence() == before[1]
    assert registry.find_fluorochrome("p e cy55").name == "PE-Cy5.5"


def test_many_refused_dyes_are_one_warning(register: Register) -> None:
    vendor(register, dyes=[dye(d.name) for d in registry.fluorochromes()[:20]])
    (finding,) = registry.fluorochrome_findings()
    assert finding.message.count(" stands for ") == 5
    assert "and 15 more" in finding.message


def test_the_first_of_two_plugins_of_one_dye_is_used(register: Register) -> None:
    vendor(register, "acme_b", dyes=[dye("Acme Blue")])
    vendor(register, "acme_a", dyes=[dye("Acme Blue")])
    assert registry.fluorochrome_files()["Acme Blue"].origin == "acme_a 1.0"
    (finding,) = registry.fluorochrome_findings()
    assert "fluorochromes of acme_b 1.0 are skipped: Acme Blue stands for Acme Blue of acme_a 1.0" in finding.message


def test_dyes_of_the_user_go_first(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = vendor(register, dyes=[dye("Acme Blue"), dye("FITC")])
    mine = write_dyes(tmp_path / "mine.toml", dye("Acme Blue", note="my own lot"))
    monkeypatch.setenv(FLUOROCHROMES_VARIABLE, os.pathsep.join([str(mine), str(package / "dyes")]))
    assert registry.fluorochrome_files()["FITC"].kind == "file"
    monkeypatch.setenv(FLUOROCHROMES_VARIABLE, str(mine))
    assert registry.find_fluorochrome("Acme Blue").note == "my own lot"
    assert registry.fluorochrome_files()["Acme Blue"].origin == str(mine)
    (finding,) = registry.fluorochrome_findings()
    assert "Acme Blue" not in finding.message


@pytest.mark.parametrize("content", HOSTILE)
def test_faulty_files_warn_and_harm_nothing_else(register: Register, content: bytes) -> None:
    package = vendor(register)
    for folder in ("machines", "dyes"):
        (package / folder / "bad.toml").write_bytes(content)
    assert codes(findings()) == ["broken-cytometer", "broken-fluorochrome"]
    assert all("bad.toml of acme 1.0 is skipped" in finding.message for finding in findings())
    assert registry.find_cytometer("acme-sorter").id == "acme-sorter"
    assert registry.find_fluorochrome("acme Violet 660")
    with pytest.raises(InputError, match=r"bad\.toml"):
        registry.find_cytometer("bad")
    warnings = load("cv-cd106", cytometer="aria-iii").warnings
    assert [finding for finding in warnings if "acme" in finding.message] == list(registry.fluorochrome_findings())
    states = {check.name: check.state for check in _source_checks()}
    assert states == {"catalogs": "ok", "cytometers": "warning", "fluorochromes": "warning"}


def test_cytometer_is_called_as_its_file(register: Register) -> None:
    package = vendor(register)
    (package / "machines" / "other.toml").write_text(cytometer_toml(cytometer("aria-iii")), encoding="utf-8")
    (package / "machines" / "Big \x1b[31m.toml").write_text(cytometer_toml(cytometer("big")), encoding="utf-8")
    assert codes(registry.readable_cytometers()[1]) == ["broken-cytometer", "broken-cytometer"]
    assert all("Big" not in name for name in registry.cytometer_names())
    with pytest.raises(InputError, match="the id 'aria-iii' differs from the file name 'other'"):
        registry.find_cytometer("other")


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "loop"])
def test_what_is_no_regular_file_is_never_opened(register: Register, kind: str) -> None:
    package = vendor(register)
    for folder in ("machines", "dyes"):
        path = package / folder / "bad.toml"
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/zero" if kind == "device" else path)
    assert codes(findings()) == ["not-a-file", "not-a-file"]
    assert "acme-sorter" in registry.cytometer_names()
    assert "bad" not in registry.cytometer_names()


@pytest.mark.parametrize(("limit", "value"), [("MAX_FILES", 1), ("MAX_BYTES", 6000)])
def test_files_beyond_the_limits_are_left_out(
    register: Register, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(plugged_files, limit, value)
    package = vendor(register)
    for folder in ("machines", "dyes"):
        (package / folder / "zz.toml").write_text("#" * 6000, encoding="utf-8")
    assert codes(findings()) == ["many-files", "many-files"]
    assert "zz.toml and later files are skipped" in findings()[0].message
    assert "acme-sorter" in registry.cytometer_names()
    assert "zz" not in registry.cytometer_names()


def test_hidden_and_other_files_are_passed_by(register: Register) -> None:
    package = vendor(register)
    for folder in ("machines", "dyes"):
        (package / folder / "._acme-sorter.toml").write_bytes(b"\x00")
        (package / folder / "README.md").write_text("Nothing to read.")
    assert not findings()


@pytest.mark.parametrize("value", ["nowhere_to_be_found", "single_module", "../../etc", "empty"])
def test_broken_plugins_warn_and_are_errors_when_named(register: Register, value: str) -> None:
    site = register("acme", f"[panelopt.cytometers]\nany = {value}\n[panelopt.fluorochromes]\nany = {value}\n")
    (site / "single_module.py").write_text("raise RuntimeError\n")
    (site / "empty").mkdir()
    expected = "no-plugged-files" if value == "empty" else "broken-plugin"
    assert codes(findings()) == [expected, expected]
    assert "fluorochromes" in findings()[1].hint + findings()[1].message
    with pytest.raises(InputError) as caught:
        registry.find_cytometer("acme")
    assert codes(caught.value.findings) == ["unknown-cytometer" if value == "empty" else "broken-plugin"]


def test_unreadable_entry_points_are_one_warning_of_a_question(register: Register) -> None:
    register("acme", b"[panelopt.fluorochromes]\nany = caf\xe9\n")
    warnings = [finding for finding in load("cv-cd106", cytometer="aria-iii").warnings if "acme" in finding.message]
    assert codes(warnings) == ["broken-plugin"]
