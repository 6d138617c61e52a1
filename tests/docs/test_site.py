"""The site builds without a warning, has every page, and its tutorial works as written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from panelopt.cli import main
from tests.docs import pages

DOCS = pages.ROOT / "docs"


def test_every_page_is_in_a_table_of_contents() -> None:
    trees = [block.text for block in pages.blocks(DOCS / "index.md") if block.language == "{toctree}"]
    listed = [line for text in trees for line in text.splitlines() if re.fullmatch(r"[\w/-]+", line)]
    pages_of_site = [page.relative_to(DOCS).with_suffix("").as_posix() for page in pages.SITE]
    assert sorted([*listed, "index"]) == sorted(pages_of_site)


def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("furo", reason="the extra docs is not installed")
    words = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(tmp_path)]
    built = subprocess.run(words, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "tutorial.html").read_text(encoding="utf-8")
    assert "From nothing to an ordered panel" in page
    assert (tmp_path / "glossary.html").is_file()


def test_tutorial_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [words for words in pages.commands(DOCS / "tutorial.md") if words[0] == "panelopt"]
    assert {"design", "score", "improve", "alternatives", "sort-plan", "simulate"} <= {words[1] for words in lines}
    for words in lines:
        outcome = CliRunner().invoke(main, words[1:], prog_name="panelopt")
        assert outcome.exit_code == 0, f"{' '.join(words)}\n{outcome.output}"
    for name in ("result.txt", "panel.csv", "plan.json", "rehearsal"):
        assert (tmp_path / name).exists(), name
