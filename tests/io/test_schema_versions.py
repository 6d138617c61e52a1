"""Files of newer versions say so; older ones go through the steps to the present version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from panelopt.domain.base import Record
from panelopt.domain.sort_plan import SortPlan
from panelopt.errors import InputError
from panelopt.io.calibration_files import read_calibration
from panelopt.io.catalog_folder import read_catalog
from panelopt.io.catalog_import.map_file import read_map
from panelopt.io.cytometer_files import cytometer_toml, read_cytometer
from panelopt.io.fluorochrome_files import read_fluorochromes
from panelopt.io.name_tables import read_name_table
from panelopt.io.problem_toml import problem_toml, read_problem
from panelopt.io.result_json import read_record, read_result, result_json
from panelopt.io.schema_versions import current
from tests import builders
from tests.fuzz import seeds

OLD, NEW = "schema_version = 1", "schema_version = 2"
TOML: dict[str, tuple[Callable[[Path], object], str]] = {
    "problem": (read_problem, problem_toml(builders.problem()) + "unheard_of = 1\n"),
    "cytometer": (read_cytometer, cytometer_toml(builders.cytometer())),
    "calibration": (read_calibration, seeds.CALIBRATION_TOML),
    "map": (read_map, seeds.MAP),
    "names": (read_name_table, seeds.NAMES),
    "fluorochromes": (read_fluorochromes, seeds.fluorochromes()[0].decode()),
}


@pytest.mark.parametrize("kind", TOML)
def test_newer_toml_files_say_so_and_nothing_else(tmp_path: Path, kind: str) -> None:
    read, text = TOML[kind]
    assert OLD in text
    path = tmp_path / "file.toml"
    path.write_text(text.replace(OLD, NEW, 1), encoding="utf-8")
    with pytest.raises(InputError, match="schema_version 2 is newer than this program, which reads up to 1") as caught:
        read(path)
    assert len(caught.value.findings) == 1
    assert caught.value.where == f"{path}: schema_version"


def test_newer_catalogs_say_so(tmp_path: Path) -> None:
    folder = builders.write_catalog_folder(tmp_path / "mine", "mine")
    (folder / "catalog.toml").write_text('schema_version = 2\nname = "x"\n', encoding="utf-8")
    with pytest.raises(InputError, match="newer than this program"):
        read_catalog(folder)


@pytest.mark.parametrize("read", [read_result, lambda path: read_record(path, SortPlan)])
def test_newer_results_say_so(tmp_path: Path, read: Callable[[Path], object]) -> None:
    text = result_json(builders.result()) if read is read_result else seeds.sort_plan().decode()
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**json.loads(text), "schema_version": 7, "more": 1}), encoding="utf-8")
    with pytest.raises(InputError, match="schema_version 7 is newer"):
        read(path)


class _Third(Record):
    schema_version: Literal[3] = 3
    colours: int


def _first(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"schema_version": 2, "colors": data["n"]}


def _second(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"schema_version": 3, "colours": data["colors"]}


def test_older_files_take_every_step() -> None:
    steps = {("_Third", 1): _first, ("_Third", 2): _second}
    for data in (
        {"schema_version": 1, "n": 8},
        {"schema_version": 2, "colors": 8},
        {"schema_version": 3, "colours": 8},
    ):
        assert _Third.model_validate(current(_Third, data, "x", steps)).colours == 8
    with pytest.raises(InputError, match="schema_version 0 is not known"):
        current(_Third, {"schema_version": 0}, "x", steps)


@pytest.mark.parametrize("version", [True, "1", 1.5, None, []])
def test_what_is_no_version_is_left_to_the_format(version: object) -> None:
    data = {"schema_version": version, "colours": 8}
    assert current(_Third, data, "x") is data
