"""Writes docs/licences.md: the licences of everything that is installed with panelopt, as the packages state them."""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"

HEAD = """\
# Licences

panelopt is under the BSD 3-Clause licence (file `LICENSE`). These packages are installed with it; the licences are
those that their metadata state. The table is written by `python tools/list_licences.py`.

| package | needed by | licence |
|---|---|---|
"""

_CLASSIFIER = "License :: OSI Approved :: "


def needed() -> dict[str, set[str]]:
    """Return all packages that panelopt brings along, each with those that ask for it."""
    found: dict[str, set[str]] = {}
    todo = [("panelopt", "")]
    done: set[tuple[str, str]] = set()
    while todo:
        name, extra = todo.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        for requirement in _requirements(name, extra):
            other = canonicalize_name(requirement.name)
            found.setdefault(other, set()).add(name)
            todo += [(other, ""), *((other, part) for part in requirement.extras)]
    return found


def own_requirements() -> list[str]:
    """Return what setup.cfg asks for, which an installed copy may not know yet."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    return [line for line in settings["options"]["install_requires"].splitlines() if line.strip()]


def _requirements(name: str, extra: str) -> Iterator[Requirement]:
    try:
        texts = own_requirements() if name == "panelopt" else distribution(name).requires or ()
    except PackageNotFoundError:
        return
    for requirement in map(Requirement, texts):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def licence(found: Distribution) -> str:
    """Return the licence that a package states, as shortly as it does."""
    data = found.metadata
    if expression := data.get("License-Expression"):
        return str(expression)
    classifiers = [text.removeprefix(_CLASSIFIER) for text in data.get_all("Classifier") or () if _CLASSIFIER in text]
    if classifiers:
        return ", ".join(classifiers)
    first = (data.get("License") or "").strip().splitlines()
    return first[0][:80] if first else "not stated"


def page() -> str:
    """Return the text of the page."""
    lines = []
    for name, users in sorted(needed().items()):
        found = distribution(name)
        text = re.sub(r"[|\n]", " ", licence(found))
        lines.append(f"| {found.metadata['Name']} | {', '.join(sorted(users))} | {text} |\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
