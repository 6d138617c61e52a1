"""Uses the installed panelopt as a newcomer does: its command alone, in an empty folder, from ``--help`` to a report.

Run it with the Python of the environment that is to be tried; nothing but the standard library is needed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

QUESTION = ("cv-cd106", "--cytometer", "aria-fusion")
"""A shipped problem that is proven within seconds."""

SHOWN_BY_PLACES = (
    "import panelopt, sys, sysconfig; from panelopt.registry.data_places import *; "
    "site = sysconfig.get_path('purelib'); "
    "places = [panelopt.__file__, str(data_folder(CATALOG_DATA)), str(data_folder(PROBLEM_DATA))]; "
    "print(*places, sep='\\n'); sys.exit(not all(place.startswith(site) for place in places))"
)


def run(folder: Path, *words: str) -> str:
    """Run a program in a folder; return what it shows.

    Raises:
        SystemExit: if it fails.
    """
    began = time.monotonic()
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    sys.stdout.write(f"{' '.join([Path(words[0]).name, *words[1:]])[:100]}: {time.monotonic() - began:.1f} s\n")
    if done.returncode:
        raise SystemExit(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(condition: bool, message: str) -> None:
    """End the program where something is not as it should be."""
    if not condition:
        raise SystemExit(message)


def trip(folder: Path, panelopt: Callable[..., str]) -> None:
    """From the help to the report."""
    for words in (["--help"], ["doctor"], ["problem", "list"], ["cytometer", "list"], ["catalog", "list"]):
        expect(bool(panelopt(*words)), f"{words} shows nothing")
    panelopt("design", *QUESTION, "-q", "-o", "result.json", "-o", "order.csv", "--certificate", "proof.json")
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    expect(result["status"] == "optimal", f"the status is {result['status']}")
    judged = json.loads(panelopt("score", QUESTION[0], "order.csv", *QUESTION[1:], "-q", "--json"))
    for key in ("worst_log_ratio", "sum_log_ratio"):
        values = result["objective"][key], judged["objective"][key]
        expect(abs(values[0] - values[1]) < 1e-9, f"design and score differ in {key}: {values}")
    panelopt("verify", "proof.json", "--problem", *QUESTION)
    panelopt("sort-plan", QUESTION[0], "result.json", *QUESTION[1:], "-q", "-o", "plan.json")
    panelopt("report", "result.json", "--plan", "plan.json", "-o", "report.html")
    page = (folder / "report.html").read_text(encoding="utf-8")
    expect(QUESTION[0] in page and page.rstrip().endswith("</html>"), "the report is no whole page")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        command = str(Path(sys.executable).with_name("panelopt"))
        sys.stdout.write(run(here, sys.executable, "-c", SHOWN_BY_PLACES))
        trip(here, lambda *words: run(here, command, *words))
        sys.stdout.write("works\n")
