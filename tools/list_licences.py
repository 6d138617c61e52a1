"""Writes docs/licences.md: the licences of everything that is installed with panelopt, as the packages state them.

Packages differ between versions of Python: run it on the oldest one, and with ``--keep`` on the newest.
"""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"

EXTRAS = ("pdf", "serve", "dask", "anndata", "check")
"""Extras that users install; the others are for those who work on panelopt."""

HEAD = """\
# Licences

panelopt is under the BSD 3-Clause licence (file `LICENSE`). It holds code of one other package: htmx 2.0.11, a script
of the page of `panelopt serve`, under the Zero-Clause BSD licence (`panelopt/serve/static/htmx-LICENSE.txt`). All
others are installed beside it. Their licences, as their metadata state them, are written here by
`python tools/list_licences.py`.

Compiled packages also hold libraries that their metadata do not name, with licences of their own: the wheels for Linux
of OR-tools those of COIN-OR (Cbc, Clp and others; EPL-2.0), of SciPy libraries of GCC (libgfortran, GPL-3.0 with the
runtime exception; libquadmath, LGPL-2.1).

## Copyleft
"""

COLUMNS = "| package | needed by | licence |\n|---|---|---|\n"

_CLASSIFIER = "License :: OSI Approved :: "
_COPYLEFT = re.compile(r"GPL|General Public|Mozilla|MPL|EUPL|CDDL|Eclipse|EPL", re.IGNORECASE)
_ROW = re.compile(r"^\| (\S+) \| .* \|$", re.MULTILINE)


def needed(extras: Iterable[str] = ()) -> dict[str, set[str]]:
    """Return all packages that panelopt brings along, with extras or without, each with those that ask for it."""
    found: dict[str, set[str]] = {}
    todo = [("panelopt", ""), *(("panelopt", extra) for extra in extras)]
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


def own_requirements(extra: str = "") -> list[str]:
    """Return what setup.cfg asks for, which an installed copy may not know yet."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    text = settings["options.extras_require"][extra] if extra else settings["options"]["install_requires"]
    return [line for line in text.splitlines() if line.strip()]


def _requirements(name: str, extra: str) -> Iterator[Requirement]:
    try:
        texts = own_requirements(extra) if name == "panelopt" else distribution(name).requires or ()
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


def rows(packages: dict[str, set[str]]) -> dict[str, str]:
    """Return the lines of packages by name; those that are not installed are left out."""
    lines = {}
    for name, users in packages.items():
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        text = re.sub(r"[|\n]", " ", licence(found))
        lines[name] = f"| {found.metadata['Name']} | {', '.join(sorted(users))} | {text} |\n"
    return lines


def kept(page: str, heading: str) -> dict[str, str]:
    """Return the lines of a section of an earlier page by name."""
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {canonicalize_name(m[1]): f"{m[0]}\n" for m in _ROW.finditer(section) if m[1] != "package"}


def page(earlier: str = "") -> str:
    """Return the text of the page; packages of an earlier one stay on it."""
    base = needed()
    sections = {"Installed with panelopt": base}
    for extra in EXTRAS:
        sections[f"Installed with the extra `{extra}`"] = {
            name: users for name, users in needed([extra]).items() if name not in base
        }
    tables = {heading: {**kept(earlier, heading), **rows(packages)} for heading, packages in sections.items()}
    strong = sorted({line for lines in tables.values() for line in lines.values() if _COPYLEFT.search(line)})
    text = HEAD + (_copyleft(strong) if strong else "None of the packages below.\n")
    for heading, lines in tables.items():
        text += f"\n## {heading}\n{COLUMNS}{''.join(lines[name] for name in sorted(lines))}"
    return text


def _copyleft(lines: list[str]) -> str:
    return (
        "They may be used and shipped beside panelopt unchanged, with their licences; a changed copy that is passed\n"
        "on must come with its source. Of several licences in one cell, you may choose one.\n\n"
        f"{COLUMNS}{''.join(lines)}"
    )


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8") if "--keep" in sys.argv[1:] else ""
    PAGE.write_text(page(before), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
