"""Reads the pages of the documentation: fenced blocks, commands, tables, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from panelopt.registry.data_places import CATALOG_DATA, PROBLEM_DATA, data_folder

ROOT = Path(__file__).resolve().parents[2]
DATA = {"catalogs": CATALOG_DATA, "problems": PROBLEM_DATA}
"""Folders of the project that are packages when it is installed."""

DOCS = ROOT / "docs"
SITE = sorted(path for path in DOCS.rglob("*.md") if not {"examples", "_build"} & set(path.relative_to(DOCS).parts))
"""Pages of the site."""

OTHER_PAGES = ("README.md", "CONTRIBUTING.md", "benchmarks/README.md", "changelog.d/README.md")
PAGES = (*SITE, *(ROOT / name for name in OTHER_PAGES))


@dataclass(frozen=True)
class Block:
    """A fenced block, and the last line of text before it."""

    language: str
    text: str
    before: str


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    found: list[Block] = []
    language, lines, before = None, [], ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            if language is None:
                language, lines = line[3:].strip(), []
            else:
                found.append(Block(language, "\n".join(lines) + "\n", before))
                language, before = None, ""
        elif language is not None:
            lines.append(line)
        elif line.strip():
            before = line.strip()
    return found


def commands(page: Path) -> list[list[str]]:
    """Return the commands of the console blocks of a page, split into words."""
    shells = [block.text.replace("\\\n", " ") for block in blocks(page) if block.language == "console"]
    lines = [line for text in shells for line in text.splitlines()]
    return [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]


def named_files(page: Path) -> dict[str, str]:
    """Return the blocks that a line such as "`marrow.toml`:" announces, by file name."""
    matches = ((re.fullmatch(r"`([\w.-]+)`:", block.before), block) for block in blocks(page))
    return {match.group(1): block.text for match, block in matches if match}


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def mentioned(page: Path) -> set[str]:
    """Return what follows `panelopt` in inline code: one or two lower-case words."""
    return set(re.findall(r"`panelopt ([a-z][a-z-]+(?: [a-z][a-z-]+)?)", prose(page)))


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Yield path and anchor of every link that stays in the project."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield path, anchor


def linked(page: Path, path: str) -> Path:
    """Return the file that a link on a page means."""
    if not path:
        return page
    top, *parts = (page.parent / path).resolve().relative_to(ROOT).parts
    return (data_folder(DATA[top]) if top in DATA else ROOT / top).joinpath(*parts)


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def table_names(page: Path, heading: str | None = None) -> set[str]:
    """Return the names in backticks in the first cells of the tables of a page, or of one section."""
    text = prose(page)
    if heading is not None:
        text = re.split(rf"^## {re.escape(heading)}$", text, flags=re.MULTILINE)[1]
        text = re.split(r"^## ", text, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`.*?) \|", text, flags=re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
