"""Templates: all file content is escaped, and a page cannot load anything."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from panelopt import __version__
from panelopt.report import palette
from panelopt.report.html import paper
from panelopt.report.html.glossary_links import Links, isolated, jointed
from panelopt.report.html.page_blocks import Lead, Part, block_kind, cells
from panelopt.report.safe_text import plain


def page(title: str, subtitle: str, lead: Lead, parts: list[Part]) -> str:
    """Return a page.

    Args:
        title: Heading.
        subtitle: What was asked, below it.
        lead: The first screen.
        parts: Sections, folded at first; empty ones are omitted.
    """
    templates = _environment()
    style, script = (
        Markup(templates.get_template(name).render(palette=palette, paper=paper))  # noqa: S704  own files
        for name in ("style.css", "script.js")
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return templates.get_template("page.html.j2").render(
        title=title,
        subtitle=subtitle,
        lead=lead,
        links=Links(),
        parts=[part for part in parts if not part.is_empty],
        style=style,
        script=script,
        script_hash=digest,
        version=__version__,
    )


def picture_style() -> str:
    """Return the style sheet of the pictures, for pages of another style.

    Such a page defines the colours ``--ink``, ``--page`` and ``--edge``.
    """
    return _environment().get_template("pictures.css").render(palette=palette)


def environment(package: str) -> Environment:
    """Return the templates of a package: what they are given is escaped, and names that they lack are errors.

    Args:
        package: Package with a folder ``templates``.
    """
    found = Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters |= {"name": isolated, "plain": plain, "cells": cells}
    return found


@cache
def _environment() -> Environment:
    found = environment("panelopt.report.html")
    found.filters |= {"jointed": jointed, "kind": block_kind}
    return found
