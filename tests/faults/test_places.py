"""Bad places, lists and caches of wrong clocks: a message with exit code 1, or a remark; nothing is lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.folder import read_catalog
from panelopt.cli import main
from panelopt.io.atomic import LEFT_BEHIND_S, write_bytes_atomic
from tests.faults import commands
from tests.faults.commands import COMPILE, DESIGN, IMPORT, SWEEP, closed, run
from tests.fuzz import seeds

OUTPUTS = {"design": (DESIGN, "result.json"), "catalog import": (IMPORT, "mine"), "sweep": (SWEEP, "out")}

each_command = pytest.mark.parametrize(
    "command",
    ["catalog import", pytest.param("design", marks=pytest.mark.slow), pytest.param("sweep", marks=pytest.mark.slow)],
)


def begun(folder: Path, command: str) -> tuple[tuple[str, ...], Path]:
    """Write the inputs of a command, and its old output in a folder of its own; return the command and the folder."""
    words, output = OUTPUTS[command]
    if command == "sweep":
        commands.sweep_inputs(folder)
        (folder / "out" / "running.json").unlink()  # of a killed run: it may go
    else:
        commands.inputs(folder)
        commands.old(folder, "result.json")
    place = folder / "place"
    place.mkdir()
    (folder / output).rename(place / output)
    return (*words, "-o", f"place/{output}"), place


def everything(place: Path) -> dict[str, bytes]:
    """The content of all files in a folder."""
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@contextlib.contextmanager
def disk(place: Path) -> Iterator[None]:
    """A disk of 200 kB at a folder, with what the folder holds."""
    inside = shutil.copytree(place, place.parent / "copy")
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk, and not everywhere")
    try:
        shutil.copytree(inside, place, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> Path:
    """Fill a disk to its last byte; return the file that does it."""
    filler = place.joinpath("filler")
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


@each_command
def test_a_full_disk(tmp_path: Path, command: str) -> None:
    words, place = begun(tmp_path / "work", command)
    with disk(place):
        before = everything(place)
        filler = fill(place)
        code, said = run(tmp_path / "work", *words)
        filler.unlink()
        assert (code, "no space left on device" in said) == (1, True), said
        assert {**everything(place), "out/sweep.lock": b""} == {**before, "out/sweep.lock": b""}
        assert run(tmp_path / "work", *words)[0] == 0
        assert everything(place) != before


@each_command
def test_a_limit_on_the_size_of_files(tmp_path: Path, command: str) -> None:
    words, place = begun(tmp_path / "work", command)
    before = everything(place)
    code, said = run(tmp_path / "work", *words, file_bytes=50)
    assert (code, "file too large" in said) == (1, True), said
    assert everything(place) == before


@each_command
def test_a_folder_that_may_only_be_read(tmp_path: Path, command: str, permissions: None) -> None:
    words, place = begun(tmp_path / "work", command)
    before = everything(place)
    with closed(place, *(path for path in place.rglob("*") if path.is_dir()), mode=0o500):
        code, said = run(tmp_path / "work", *words)
    assert (code, "Error: place/" in said) == (1, True), said
    assert "no write permission" in said
    assert everything(place) == before


@pytest.mark.slow
@each_command
def test_a_disk_that_may_only_be_read(tmp_path: Path, command: str) -> None:
    words, place = begun(tmp_path / "work", command)
    with disk(place):
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        before = everything(place)
        code, said = run(tmp_path / "work", *words)
        assert (code, "Error: place/" in said) == (1, True), said
        assert everything(place) == before


@pytest.mark.parametrize(
    ("command", "name", "text"),
    [
        ("design", "my.toml", "my.toml: permission denied"),
        ("design", "place/result.json", "place/result.json: no write permission"),
        pytest.param("design", "shelf/conjugates.csv", "permission denied", marks=pytest.mark.slow),
        pytest.param("catalog import", "list.csv", "list.csv: permission denied", marks=pytest.mark.slow),
        pytest.param("sweep", "sweep.toml", "sweep.toml: permission denied", marks=pytest.mark.slow),
        pytest.param("sweep", "sorter-2.toml", "2 of 4 cells failed", marks=pytest.mark.slow),
        pytest.param("sweep", "place/out/sweep.lock", "cannot be locked: permission denied", marks=pytest.mark.slow),
    ],
)
def test_a_file_that_is_closed(tmp_path: Path, command: str, name: str, text: str, permissions: None) -> None:
    folder = tmp_path / "work"
    words, place = begun(folder, command)
    before = everything(place)
    with closed(folder / name, mode=0o000):
        code, said = run(folder, *words)
    assert (code, text in said.lower()) == (1, True), said
    if name != "sorter-2.toml":  # the other cells land
        assert everything(place) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("score", "my.toml", "closed.csv", *DESIGN[2:6]),
        ("sort-plan", "my.toml", "closed.csv", *DESIGN[2:6]),
        ("simulate", "my.toml", "closed.csv", "-o", "a.fcs", *DESIGN[2:6]),
        ("report", "closed.json"),
        ("report", "closed.json", "closed.json"),
        ("verify", "closed.json.gz"),
        ("cytometer", "import", "closed.csv"),
        ("cytometer", "check", "closed.toml"),
        ("dye", "import", "closed.csv", "--cytometer", "mini.toml"),
        ("dye", "import", "closed.fcs", "--unstained", "closed.fcs", "--cytometer", "mini.toml"),
        ("problem", "check", "closed.toml"),
        ("problem", "new", "--from-events", "closed.fcs", "--population-column", "cell", "--target", "MSC"),
        ("problem", "new", "--from-events", "closed.h5ad", "--population-column", "cell", "--target", "MSC"),
        ("catalog", "check", "closed"),
        ("catalog", "check", "closed.csv"),
        ("catalog", "import", "closed.xlsx", "--yes", "-o", "new"),
        ("catalog", "import", "closed.parquet", "--yes", "-o", "new"),
        ("catalog", "import", "list.csv", "--map", "closed.toml", "-o", "new"),
    ],
    ids=" ".join,
)
def test_every_input_may_be_closed(tmp_path: Path, words: tuple[str, ...], permissions: None) -> None:
    folder = commands.inputs(tmp_path / "work")
    (folder / "closed").mkdir(mode=0o000)
    for name in {word for word in words if word.startswith("closed.")}:
        (folder / name).touch(mode=0o000)
    code, said = run(folder, *words)
    assert (code, "permission denied" in said.lower()) == (1, True), said
    assert "closed" in said


def test_a_cache_that_may_only_be_read(tmp_path: Path, permissions: None) -> None:
    folder = commands.inputs(tmp_path / "work")
    with closed(folder / "cache", mode=0o500):
        code, said = run(folder, *DESIGN, "-o", "result.json", source=COMPILE)
    assert (code, "The compiled catalog cannot be kept" in said) == (0, True), said
    assert json.loads((folder / "result.json").read_text(encoding="utf-8"))["status"] == "optimal"


@pytest.mark.slow
def test_a_cache_that_another_version_or_nobody_wrote(tmp_path: Path) -> None:
    folder = commands.inputs(tmp_path / "work")
    words = (*DESIGN, "-q", "-o", "result.json")
    panels = []

    def design(source: str = "") -> list[Path]:
        code, said = run(folder, *words, source=f"{COMPILE}\n{source}")
        assert (code, said) == (0, "")
        panels.append(json.loads((folder / "result.json").read_text(encoding="utf-8"))["panel"])
        return sorted((folder / "cache").rglob("*.parquet"))

    (theirs,) = design("import panelopt\npanelopt.__version__ = '0.0.1'")
    whole = theirs.read_bytes()
    both = design()
    assert len(both) == 2
    for path in both:
        path.write_bytes(whole[:1000])
    assert design() == both
    ours = next(path for path in both if path != theirs)
    assert (ours.read_bytes(), theirs.read_bytes()) == (whole, whole[:1000])
    shutil.rmtree(folder / "cache")
    (folder / "cache").write_text("in the way", encoding="utf-8")
    assert design() == []
    assert (folder / "cache").read_text(encoding="utf-8") == "in the way"
    assert panels == panels[:1] * 4


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


@pytest.mark.parametrize("seconds", [2**33, -(2**36)])
def test_a_list_that_a_wrong_clock_has_dated_was_retrieved_today(tmp_path: Path, seconds: int) -> None:
    source = tmp_path / "list.csv"
    source.write_text(seeds.FOREIGN, encoding="utf-8")
    os.utime(source, (seconds, seconds))
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
