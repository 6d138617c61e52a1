"""Writes constraints/tested.txt: the exact versions, installed here, of everything that panelopt needs.

Run it on each Python after all tests have passed in its environment; versions of the other ones stay. Where versions
differ between them, the lines say for which Python they are.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, version

from list_licences import ROOT, needed

PAGE = ROOT / "constraints" / "tested.txt"

EXTRAS = ("pdf", "serve", "dask", "anndata")
"""Those whose packages the tests use."""

HEAD = "# Versions that the tests passed with; written by tools/record_versions.py on each Python.\n"

_LINE = re.compile(r'^([\w.-]+)==(\S+)(?: ; python_version == "([\d.]+)")?$', re.MULTILINE)
_PYTHONS = re.compile(r"^# Python (.+)$", re.MULTILINE)

Versions = dict[str, dict[str, str]]
"""By package, by Python."""


def read(text: str) -> tuple[list[str], Versions]:
    """Return Pythons and versions of a file."""
    found = _PYTHONS.search(text)
    pythons = found[1].split(", ") if found else []
    versions: Versions = {}
    for name, number, python in _LINE.findall(text):
        versions.setdefault(name, {}).update(dict.fromkeys([python] if python else pythons, number))
    return pythons, versions


def written(pythons: list[str], versions: Versions) -> str:
    """Return the text of a file."""
    text = f"{HEAD}# Python {', '.join(pythons)}\n"
    for name, by_python in sorted(versions.items()):
        if len(by_python) == len(pythons) and len(set(by_python.values())) == 1:
            text += f"{name}=={by_python[pythons[0]]}\n"
        else:
            text += "".join(f'{name}=={by_python[p]} ; python_version == "{p}"\n' for p in pythons if p in by_python)
    return text


def installed() -> dict[str, str]:
    """Return the versions that are installed here."""
    found = {}
    for name in needed(EXTRAS):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def recorded(text: str, python: str, here: dict[str, str]) -> str:
    """Return the text of a file in which the versions of one Python are replaced."""
    pythons, versions = read(text)
    for by_python in versions.values():
        by_python.pop(python, None)
    for name, number in here.items():
        versions.setdefault(name, {})[python] = number
    order = sorted({*pythons, python}, key=lambda name: [int(part) for part in name.split(".")])
    return written(order, {name: by_python for name, by_python in versions.items() if by_python})


if __name__ == "__main__":
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(recorded(before, python, installed()), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
