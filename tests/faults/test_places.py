"""Bad places, wrong clocks, runs beside each other: a message with exit code 1, or nothing; nothing is lost."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from panelopt.cli import main
from panelopt.io.atomic import LEFT_BEHIND_S, write_bytes_atomic
from panelopt.io.catalog_cache import CatalogCache
from panelopt.io.catalog_folder import read_catalog
from tests.fuzz import seeds


def imported(folder: Path, output: Path) -> tuple[int, str]:
    source = folder / "list.csv"
    if not source.exists():
        source.write_text(seeds.FOREIGN, encoding="utf-8")
    outcome = CliRunner().invoke(main, ["catalog", "import", str(source), "--yes", "-o", str(output)])
    return outcome.exit_code, outcome.output


@pytest.mark.parametrize("place", ["file", "file/below", "missing/below"])
def test_a_file_in_the_place_of_a_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    code, said = imported(tmp_path, tmp_path / place)
    assert code == 1
    assert "Error: " in said
    assert "Traceback" not in said
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_list_from_the_future_was_retrieved_today(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text(seeds.FOREIGN, encoding="utf-8")
    os.utime(source, (2**33, 2**33))
    code, said = imported(tmp_path, tmp_path / "mine")
    assert code == 0, said
    catalog, _ = read_catalog(tmp_path / "mine")
    assert catalog.retrieved == time.strftime("%Y-%m-%d", time.gmtime())


def test_a_cache_from_the_future_is_used_and_tidied(tmp_path: Path) -> None:
    cache = CatalogCache(tmp_path / "cache")
    assert cache.keep("a", b"one") is None
    for path in (tmp_path / "cache").iterdir():
        os.utime(path, (2**33, 2**33))
    assert cache.find("a") == b"one"
    assert cache.keep("a", b"two") is None
    assert cache.find("a") == b"two"


def test_only_old_parts_of_the_same_file_are_removed(tmp_path: Path) -> None:
    old, new, other = (tmp_path / name for name in (".x.json.1.part", ".x.json.2.part", ".y.json.1.part"))
    for path in (old, new, other):
        path.write_text("half", encoding="utf-8")
    for path in (old, other):
        os.utime(path, (time.time() - LEFT_BEHIND_S - 60,) * 2)
    write_bytes_atomic(tmp_path / "x.json", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".x.json.2.part", ".y.json.1.part", "x.json"]


def test_two_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    contents = [bytes([number]) * 200_000 for number in range(8)]
    path = tmp_path / "x.bin"
    threads = [threading.Thread(target=write_bytes_atomic, args=(path, content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]
