"""Renders the page and its parts."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from panelopt import __version__
from panelopt.api.catalogs import catalog_sources
from panelopt.api.consulting import EXACT
from panelopt.api.cytometers import readable_cytometers
from panelopt.api.errors import PaneloptError
from panelopt.api.pictures import environment
from panelopt.api.problems import LEVEL_WORDS, problem_names
from panelopt.api.reporting import notices as notices_of
from panelopt.serve import views
from panelopt.serve.desk import Desk
from panelopt.serve.sitting import TABS, Sitting
from panelopt.serve.state import LONGEST, MOST_SECONDS, packed
from panelopt.serve.words import spoken

TITLES = {
    "spectra": "Spectra",
    "spillover": "Spread and spillover",
    "gates": "Gates on cells",
    "controls": "Sort and controls",
    "order": "Order list",
    "compare": "A and B",
}


MARKER_ROLES = tuple((role, role) for role in ("candidate", "required", "dump", "viability", "forbidden"))
LIST_ROLES = (("candidate", "stained"), ("viability", "viability"), ("forbidden", "not stained"))
"""Roles in a grid, and what they are called in a marker list, where every marker is stained."""


def render(name: str, **context: Any) -> str:
    """Return a template, filled."""
    return _environment().get_template(f"{name}.html.j2").render(**context)


def context(desk: Desk, sitting: Sitting) -> dict[str, Any]:
    """Return everything that the page shows; notices are shown once."""
    state, result = sitting.state, sitting.result
    notices, sitting.notices = sitting.notices, []
    try:
        question = desk.questions.question(state)
    except PaneloptError:
        question = None
    problem = question.problem if question else None
    stained = {marker for slot in state.panel for marker in slot.markers}
    job = sitting.job.snapshot() if sitting.job else None
    return {
        "sitting": sitting,
        "state": state,
        "result": result,
        "problem": problem,
        "cytometer": question.cytometer if question else None,
        "address": address(sitting),
        "is_kept": len(packed(state)) <= LONGEST,
        "notices": notices,
        "problems": problem_names(),
        "cytometers": _cytometers(),
        "catalogs": _catalogs(),
        "lines": views.lines(sitting),
        "cards": views.cards(sitting, problem.goal.purity if problem else 1.0),
        "overall": views.overall(sitting),
        "open_markers": [m for m in problem.marker if m.name not in stained and m.role != "forbidden"]
        if problem else [],
        "dumpable": {m.name for m in problem.marker if m.role == "dump"} if problem else set(),
        "remarks": notices_of(result.warnings, result.problem) if result else (),
        "map": views.panel_map(sitting, question) if question else Markup(),
        "missing": desk.questions.missing(state),
        "is_list": problem is not None and problem.is_marker_list,
        "aim": views.aim(question) if question else "",
        "burden_name": views.burden_name(conventional=question.cytometer.conventional) if question else "",
        "job": job,
        "tabs": [(tab, TITLES[tab]) for tab in TABS],
        "most_seconds": MOST_SECONDS,
        "level_words": LEVEL_WORDS,
        "marker_roles": MARKER_ROLES,
        "list_roles": LIST_ROLES,
        "exact": EXACT,
    }  # fmt: skip


def address(sitting: Sitting) -> str:
    """Return the address that brings the page back; without its state if that is too long for an address."""
    state = packed(sitting.state)
    return f"/?desk={sitting.id}" + (f"&state={state}" if len(state) <= LONGEST else "")


@cache
def _environment() -> Environment:
    found = environment("panelopt.serve")
    found.filters["spoken"] = spoken
    for tool in (views.percent, views.points, views.price, views.product, views.ratio, views.tags):
        found.globals[tool.__name__] = tool
    found.globals["version"] = __version__
    return found


@cache
def _cytometers() -> list[tuple[str, str, bool]]:
    """Return id, name and whether it sorts, of all instruments."""
    rows = [(one.id, one.name, one.sorter) for one, _ in readable_cytometers()[0]]
    return sorted(rows, key=lambda row: (not row[2], row[1].lower()))


@cache
def _catalogs() -> list[tuple[str, bool]]:
    """Return the names of all catalogs, and whether each is synthetic."""
    return [(source.name, source.synthetic) for source in catalog_sources()[0]]
