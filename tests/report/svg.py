"""Reads drawings in tests."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from panelopt.report.drawing import Drawing

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Drawing) -> ET.Element:
    """Return a drawing as a tree."""
    # made by the code under test from text that it has escaped
    return ET.fromstring(str(drawing.markup()))  # noqa: S314


def marks(tree: ET.Element, name: str) -> list[ET.Element]:
    """Return the elements with a class, alone or first of several."""
    return [element for element in tree.iter() if (element.get("class") or "").split()[:1] == [name]]


def told(element: ET.Element) -> str:
    """Return the tooltip of an element."""
    return element.findtext(f"{SVG}title") or ""


def texts(tree: ET.Element) -> list[str]:
    """Return all words of a drawing, except tooltips."""
    return [element.text or "" for element in tree.iter(f"{SVG}text")]


def line(element: ET.Element) -> list[tuple[float, float]]:
    """Return the points of a curve."""
    path = (element.get("d") or "").removeprefix("M")
    return [(float(x), float(y)) for x, y in (point.split() for point in path.split("L"))]


def dots(element: ET.Element) -> list[tuple[float, float]]:
    """Return the places of the dots in a group or a path."""
    found = []
    for path in element.iter(f"{SVG}path"):
        x = y = 0.0
        for across, down in re.findall(r"m(-?[\d.]+) ?(-?[\d.]+)h0", path.get("d") or ""):
            x, y = x + float(across), y + float(down)
            found.append((x, y))
    return found
