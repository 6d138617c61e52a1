"""Reports for tests: of a small question with real dyes, and of one whose every name is hostile."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from panelopt import api, registry
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.domain.result import Result
from panelopt.io.panel_csv import PanelRow
from panelopt.io.result_json import result_json
from panelopt.report.content import InputFile, Report
from panelopt.reporting.gather_report import gather
from panelopt.reporting.report_inputs import Inputs
from tests import builders

HOSTILE = (
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "\u05e9\u05dc\u05d5\u05dd \u202egnp.exe",
    "\U0001f9ec cells & {{ 7 * 7 }} </title></svg>",
    "long-" * 40,
)
"""Names that try to be markup, a formula, a template, right-to-left writing, or wider than any page."""

ROWS = (("CD271", "PE"), ("CD146", "BV421"), ("CD45", "FITC"))


def question(problem: Problem, cytometer: Cytometer) -> api.Question:
    """Return a question with the shipped dyes and products for every marker."""
    markers = [marker.name for marker in problem.marker]
    return api.Question(
        problem=problem,
        cytometer=cytometer,
        catalogs=(builders.catalog(markers, ["PE", "BV421", "FITC", "BV605"], vendor="Testa"),),
        fluorochromes=registry.fluorochromes(),
        autofluorescence=registry.autofluorescence(),
        problem_sha256="0" * 64,
    )


def scored(asked: api.Question, rows: tuple[tuple[str, str], ...]) -> Result:
    """Return the result of a given panel."""
    return api.score(asked, [PanelRow(marker, dye) for marker, dye in rows])


def small_report() -> Report:
    """Return a report with every part: two targets, plots, a sort plan, limits."""
    asked = question(builders.problem(), builders.cytometer())
    return _gathered(asked, scored(asked, ROWS))


def hostile_report() -> Report:
    """Return a report whose markers, populations, products, detectors, titles and warnings are hostile."""
    marker, other, third = HOSTILE[0], HOSTILE[2], HOSTILE[4]
    levels = {
        HOSTILE[1]: ("target", 0.01, ("bright", "bright", "-")),
        HOSTILE[3]: ("contaminant", 0.93, ("-", "-", "bright")),
        HOSTILE[5]: ("contaminant", 0.05, ("-", "bright", "-")),
    }
    names = (marker, other, third)
    problem = builders.problem(
        title=HOSTILE[1],
        description=" ".join(HOSTILE),
        marker=[{"name": name} for name in names],
        population=[
            {"name": name, "role": role, "frequency": share, "source": HOSTILE[0],
             "levels": dict(zip(names, words, strict=True))}
            for name, (role, share, words) in levels.items()
        ],
    )  # fmt: skip
    cytometer = builders.cytometer(name=HOSTILE[0], source=HOSTILE[4])
    asked = question(problem, cytometer)
    asked = replace(
        asked,
        catalogs=tuple(
            catalog.model_copy(update={"conjugates": tuple(_renamed(c, i) for i, c in enumerate(catalog.conjugates))})
            for catalog in asked.catalogs
        ),
    )
    return _gathered(asked, scored(asked, tuple(zip(names, ("PE", "BV421", "FITC"), strict=True))))


def write_report_files(folder: Path) -> tuple[Path, Path]:
    """Write a problem that is not shipped, and its result on a shipped sorter; return both files."""
    problem = folder / "problem.toml"
    problem.write_text(PROBLEM, encoding="utf-8")
    asked = api.load(str(problem), cytometer="aria-fusion", catalogs=["msc-reagents"])
    result = folder / "result.json"
    rows = (("CD271", "PE"), ("CD146", "BV421"), ("CD45", "APC"))
    result.write_text(result_json(scored(asked, rows)), encoding="utf-8")
    return problem, result


class Page(HTMLParser):
    """Tags, attributes and texts of a page; the text of scripts and styles apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["script"], ["style"]):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]


def _gathered(asked: api.Question, result: Result) -> Report:
    inputs = Inputs(
        result,
        problem=asked.problem,
        cytometer=asked.cytometer,
        catalogs=asked.catalogs,
        files=[InputFile("result", HOSTILE[2], found="ab" * 32)],
    )
    return gather(inputs, "result.json")


def _renamed(conjugate: object, number: int) -> object:
    name = HOSTILE[number % len(HOSTILE)]
    changes = {"clone": name, "vendor": HOSTILE[0], "catalog_number": f"{name}{number}", "source": HOSTILE[1]}
    return conjugate.model_copy(update=changes)  # type: ignore[attr-defined]


PROBLEM = """schema_version = 1
id = "two-tubes"
title = "Two tubes"
[sample]
cells = 10_000_000
dead_fraction = 0.1
[goal]
purity = 0.9
[limits]
max_colours = 3
[[marker]]
name = "CD271"
[[marker]]
name = "CD146"
[[marker]]
name = "CD45"
[[population]]
name = "pos"
role = "target"
frequency = 0.001
levels = { CD271 = "bright", CD146 = "very_bright", CD45 = "-" }
[[population]]
name = "neg"
role = "target"
frequency = 0.001
levels = { CD271 = "bright", CD146 = "-", CD45 = "-" }
[[population]]
name = "leukocyte"
role = "contaminant"
frequency = 0.9
levels = { CD271 = "-", CD146 = "-", CD45 = "very_bright" }
"""
