"""The page on sort plans describes every field and column."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from panelopt.domain.calibration import CalibrationChannel
from panelopt.io.calibration_files import CALIBRATION_COLUMNS, read_calibration
from panelopt.io.sort_plan_files import CONTROL_COLUMNS, GATE_COLUMNS, ORDER_COLUMNS
from tests.docs import pages
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "sort-plan.md"
ELSEWHERE = {"PanelSlot", "Reagent", "Remark", "Conflict", "Robustness", "TubeRobustness"}
"""Records of the result, described on its page."""


def test_every_field_is_described() -> None:
    schema = json.loads((resources.files("panelopt.schemas") / "sort-plan.schema.json").read_text(encoding="utf-8"))
    for name, definition in {"SortPlan": schema, **schema["$defs"]}.items():
        if "properties" in definition and name not in ELSEWHERE:
            fields = set(definition["properties"])
            named = {word for word in pages.table_names(PAGE, name) if word in fields}
            assert named == fields, name


def test_every_column_is_described() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for column in (*GATE_COLUMNS, *CONTROL_COLUMNS, *ORDER_COLUMNS, *CALIBRATION_COLUMNS):
        assert f"`{column}`" in text
    assert set(CALIBRATION_COLUMNS) == set(CalibrationChannel.model_fields)


def test_calibration_of_the_page_is_read(tmp_path: Path) -> None:
    (block,) = (block.text for block in pages.blocks(PAGE) if block.language == "toml")
    path = tmp_path / "beads.toml"
    path.write_text(block, encoding="utf-8")
    assert read_calibration(path).channel[0].signal(1000) == 35 + 2.1 * 1000
