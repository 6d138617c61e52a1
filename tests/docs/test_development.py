"""The pages for engineers name rooms, modules and tests that exist."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.pages import ROOT

DEVELOPMENT = ROOT / "docs" / "development"
ARCHITECTURE = DEVELOPMENT / "architecture.md"
PAGES = (*sorted(DEVELOPMENT.rglob("*.md")), ROOT / "CONTRIBUTING.md")

pytestmark = pytest.mark.source


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_path_exists(page: Path) -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.*-]*)`", pages.prose(page))
    assert [path for path in named if "ID" not in path and not list(ROOT.glob(path))] == []


def test_the_diagram_shows_the_floors() -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    floors = settings["importlinter:contract:layers"]["layers"].replace("panelopt.", "").split("\n")[1:]
    diagram = pages.blocks(ARCHITECTURE)[0].text.splitlines()
    assert [line.split("  ")[0].strip() for line in diagram if re.match(r"\w", line)] == floors


def test_names_in_code_are_found_where_they_are_said_to_be() -> None:
    """Steps such as "`CHECKS` of `panelopt/scoring/rule_checks.py`" lead to a definition or a use."""
    pairs = re.findall(r"`([A-Za-z_]+)`\s+(?:of|in|to)\s+`([\w/]+\.py)`", ARCHITECTURE.read_text(encoding="utf-8"))
    pairs += re.findall(r"`([A-Za-z_]+)`\s+\(`([\w/]+\.py)`\)", ARCHITECTURE.read_text(encoding="utf-8"))
    assert len(pairs) >= 6
    assert [pair for pair in pairs if pair[0] not in (ROOT / pair[1]).read_text(encoding="utf-8")] == []
