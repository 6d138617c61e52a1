"""Cells land whole or not at all, one run at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from panelopt.domain.sweep_record import CellRow
from panelopt.errors import InputError, PaneloptError
from panelopt.io import sweep_folder
from panelopt.io.sweep_folder import SweepFolder
from panelopt.io.sweep_spec import read_sweep


def row(key: str = "abc", **changes: object) -> CellRow:
    data = dict.fromkeys(CellRow.model_fields) | {
        "cell": key, "problem": "p", "cytometer": "c", "catalogs": "k", "allow_unknown_price": False,
        "require_goal": False, "tolerance": 0.02, "seed": 0, "panelopt_version": "0", "problem_sha256": "",
        "cytometer_sha256": "", "catalogs_sha256": "", "dyes_sha256": "", "status": "optimal", "clock_free": True,
        "seconds": 1.5, "worst_log_ratio": -0.25, "colours": 3, "exclude_tandems": False, "only_inventory": False,
        "allow_unverified": False,
    }  # fmt: skip
    return CellRow.model_validate(data | changes)


def test_a_cell_that_landed_is_found(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "out")
    with folder.open_for_run():
        folder.land(row(), "{}")
        folder.land(row("def", status="failed", error="no such file"), "")
    assert folder.row("abc") == row()
    assert folder.count() == 2
    assert [path.name for path in (tmp_path / "out" / "results").iterdir()] == ["abc.json"]


def test_what_is_missing_damaged_or_of_another_cell_has_not_ended(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    with folder.open_for_run():
        folder.land(row(), "{}")
    file = tmp_path / "cells" / "abc.json"
    text = file.read_text(encoding="utf-8")
    (tmp_path / "cells" / "def.json").write_text(text, encoding="utf-8")
    file.write_text(text[:-20], encoding="utf-8")
    assert [folder.row(key) for key in ("abc", "def", "ghi")] == [None, None, None]


def test_a_result_that_cannot_be_written_leaves_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path, text: str) -> None:
        raise PaneloptError("the disk is full", where=str(path))

    folder = SweepFolder(tmp_path)
    monkeypatch.setattr(sweep_folder, "write_text_atomic", fails)
    with pytest.raises(PaneloptError, match="disk is full"):
        folder.land(row(), "{}")
    assert folder.row("abc") is None


def test_a_second_run_is_refused_and_told_who_works(tmp_path: Path) -> None:
    again = SweepFolder(tmp_path)
    with SweepFolder(tmp_path).open_for_run():
        who = json.loads((tmp_path / sweep_folder.OWNER_FILE).read_text(encoding="utf-8"))
        with pytest.raises(PaneloptError, match="another sweep uses this folder") as caught, again.open_for_run():
            pass
        assert f": process {who['process']} on " in caught.value.message
        assert "--status" in caught.value.hint
        (tmp_path / sweep_folder.OWNER_FILE).write_text("[]", encoding="utf-8")
        with pytest.raises(PaneloptError) as caught, again.open_for_run():
            pass
        assert caught.value.message == "another sweep uses this folder"
    with again.open_for_run():
        pass


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    part = tmp_path / "cells" / ".abc.json.xyz.part"
    part.write_text("{", encoding="utf-8")
    folder = SweepFolder(tmp_path)
    assert folder.count() == 0
    with folder.open_for_run():
        assert not part.exists()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for place in ("file", "missing/out"):
        with pytest.raises(PaneloptError, match="cannot be created"), SweepFolder(tmp_path / place).open_for_run():
            pass


def test_all_faults_of_a_specification_are_told(tmp_path: Path) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text('problem = ["x"]\ncytometers = []\n[options]\nseed = "one"\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sweep(path)
    findings = {finding.where: finding for finding in caught.value.findings}
    assert set(findings) == {f"{path}: {key}" for key in ("problem", "problems", "cytometers", "options.seed[0]")}
    assert findings[f"{path}: problem"].hint == "Did you mean problems?"
