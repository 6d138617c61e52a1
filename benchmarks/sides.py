"""Two versions of the package side by side: copies of their sources, and processes that import one of them."""

from __future__ import annotations

import io
import json
import os
import select
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import click

from benchmarks.plants import VARIABLE

ROOT = Path(__file__).resolve().parents[1]
PARTS = {"panelopt": "panelopt", "catalogs": "panelopt_catalogs", "problems": "panelopt_problems"}
"""Folders of the sources that are packages, and the names under which they are imported."""

PATIENCE_S = 600.0
"""Seconds after which a step is given up."""


class Side:
    """One version, ready to be imported by fresh processes.

    Args:
        folder: Empty folder for its sources.
        revision: Of git; None = the files as they are now.
        plant: Slowness put in on purpose, see ``plants.py``.

    Raises:
        click.ClickException: if git does not know the revision.
    """

    def __init__(self, folder: Path, revision: str | None, plant: str = "") -> None:
        self.folder, self.plant = folder, plant
        sources = folder / "sources"
        sources.mkdir(parents=True)
        if revision is None:
            _copy_files(sources)
        else:
            _copy_revision(sources, revision)
        for part, name in PARTS.items():
            (folder / name).symlink_to(sources / part, target_is_directory=True)
        # the benchmarks are those of the present files on both sides, so that the same things are timed
        shutil.copytree(ROOT / "benchmarks", folder / "benchmarks", ignore=shutil.ignore_patterns("__pycache__"))

    def start(self) -> Worker:
        """Start a fresh process."""
        return Worker(self)


class Worker:
    """A process that times single steps of one side."""

    def __init__(self, side: Side) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(side.folder),
            "PYTHONHASHSEED": "0",
            "PANELOPT_CACHE": str(side.folder / "cache"),
            VARIABLE: side.plant,
            **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")},
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            cwd=side.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        package = Path(self._hear()["package"])
        if not package.is_relative_to(side.folder):
            raise click.ClickException(f"the wrong sources were imported: {package}")

    def run(self, job: str, loops: int) -> dict[str, Any]:
        """Run a step some times and return what the worker says of it."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps({"job": job, "loops": loops}) + "\n")
        stdin.flush()
        return self._hear()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _hear(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        ready, _, _ = select.select([stdout], [], [], PATIENCE_S)
        line = stdout.readline() if ready else ""
        if not line:
            self._process.kill()
            raise click.ClickException("a worker has ended, or did not answer in time; see above")
        found: dict[str, Any] = json.loads(line)
        return found


def _copy_revision(target: Path, revision: str) -> None:
    git = shutil.which("git")
    if git is None:
        raise click.ClickException(f"git is needed to get {revision}, and is not installed")
    command = [git, "archive", "--format=tar", revision, "--", *PARTS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(f"git does not give out {revision}: {done.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="data")


def _copy_files(target: Path) -> None:
    """Copy the files as they are now, so that somebody may go on editing meanwhile."""
    for part in PARTS:
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
