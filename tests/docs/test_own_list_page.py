"""The page from a list to tubes works as written, and the pictures of the site are few, small and used."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from panelopt.cli import main
from tests.docs import pages

PAGE = pages.DOCS / "own-list.md"
PICTURES = pages.DOCS / "pictures"
MAX_PICTURES_BYTES = 1_000_000


def run(words: list[str]) -> str:
    outcome = CliRunner().invoke(main, words[1:], prog_name="panelopt")
    assert outcome.exit_code == 0, f"{' '.join(words)}\n{outcome.output}"
    return outcome.stdout


def written(folder: Path) -> list[list[str]]:
    """Write the lists of the page to a folder; return its commands."""
    for name, text in pages.named_files(PAGE).items():
        (folder / name).write_text(text, encoding="utf-8")
    return pages.commands(PAGE)


def test_no_row_of_the_lists_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    imports = [words for words in written(tmp_path) if words[1:3] == ["catalog", "import"]]
    for words in imports:
        run(words)
        rows = (tmp_path / words[3]).read_text(encoding="utf-8").count("\n") - 1
        assert len((tmp_path / words[-1] / "conjugates.csv").read_text(encoding="utf-8").splitlines()) == rows + 1
        assert len((tmp_path / words[-1] / "rejects.csv").read_text(encoding="utf-8").splitlines()) == 1
    assert {words[-1] for words in imports} == {"our-list", "our-stock"}


@pytest.mark.slow
def test_every_command_works_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = {words[1]: run(words) for words in written(tmp_path)}
    assert {"catalog", "design", "sort-plan", "report"} <= set(shown)
    assert "Neither tube reaches 90 %" in shown["design"]
    assert "One sort after beads for CD271" in shown["sort-plan"]
    assert "B31775" in shown["sort-plan"]
    assert (tmp_path / "report.xlsx").read_bytes().startswith(b"PK")


def test_every_picture_is_small_and_used() -> None:
    pictures = sorted(PICTURES.iterdir())
    assert {path.suffix for path in pictures} <= {".webp", ".png"}
    assert sum(path.stat().st_size for path in pictures) < MAX_PICTURES_BYTES
    used = {path for page in pages.SITE for path, _ in pages.links(page) if path.startswith("pictures/")}
    assert used == {f"pictures/{path.name}" for path in pictures}
