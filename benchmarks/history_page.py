"""The page of all releases: one small curve for each benchmark, drawn without any library in the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment

Release = Mapping[str, Any]

WIDTH, HEIGHT, MARGIN = 260, 48, 6

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>panelopt: speed and quality</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #ddd; vertical-align: middle; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
svg polyline { fill: none; stroke: #2a6496; stroke-width: 2; } svg circle { fill: #2a6496; }
@media print { body { margin: 0; max-width: none; } }
</style>
</head>
<body>
<h1>Speed and quality over the releases</h1>
<p>Times are CPU times of the process, the least of several runs. They compare only where the machine is the same.
Work of a search is counted in units of CP-SAT, and compares where the version of OR-tools is the same.</p>
<h2>Releases</h2>
<table>
<tr><th>version</th><th>date</th><th>processor</th><th>cores</th><th>Python</th><th>OR-tools</th><th>NumPy</th>
<th>proven optimal</th></tr>
{% for one in releases %}<tr><td>{{ one.version }}</td><td>{{ one.date }}</td><td>{{ one.machine.processor }}</td>
<td>{{ one.machine.cores }}</td><td>{{ one.machine.python }}</td><td>{{ one.machine.ortools }}</td>
<td>{{ one.machine.numpy }}</td><td>{{ one.quality.optimal }} of {{ one.quality.questions }}</td></tr>
{% endfor %}</table>
{% for title, unit, curves in parts %}<h2>{{ title }}</h2>
<table>
<tr><th>benchmark</th><th>last, {{ unit }}</th>
<th>{{ releases[0].version }} to {{ releases[-1].version }}, from 0</th></tr>
{% for curve in curves %}<tr><td>{{ curve.name }}</td><td class="number">{{ curve.last }}</td>
<td><svg width="{{ width }}" height="{{ height }}" role="img"><title>{{ curve.text }}</title>
<polyline points="{{ curve.points }}"/>
{% for x, y in curve.dots %}<circle cx="{{ x }}" cy="{{ y }}" r="3"/>{% endfor %}</svg></td></tr>
{% endfor %}</table>
{% endfor %}</body>
</html>
"""


def page(releases: Sequence[Release]) -> str:
    """Return the page as HTML; releases in their order."""
    parts = [
        ("Time of the steps", "ms", _curves(releases, _times, 2)),
        ("Work of the searches", "units of CP-SAT", _curves(releases, _work, 3)),
        ("Open gap of objective 1 of the shipped problems", "log10", _curves(releases, _gaps, 4)),
    ]
    template = Environment(autoescape=True).from_string(TEMPLATE)
    return template.render(releases=releases, parts=parts, width=WIDTH, height=HEIGHT)


def _times(release: Release) -> dict[str, float]:
    return {row["job"]: 1e3 * row["cpu_s"] for row in release["benchmarks"] if "counts" not in row}


def _work(release: Release) -> dict[str, float]:
    rows = [row for row in release["benchmarks"] if "counts" in row]
    return {row["job"]: row["counts"]["deterministic_time"] for row in rows}


def _gaps(release: Release) -> dict[str, float]:
    return {name: gap for name, gap in release["quality"]["gap_worst"].items() if gap is not None}


def _curves(releases: Sequence[Release], values: Any, digits: int) -> list[dict[str, Any]]:
    found = [values(release) for release in releases]
    return [
        _curve(name, [one.get(name) for one in found], [release["version"] for release in releases], digits)
        for name in sorted({name for one in found for name in one})
    ]


def _curve(name: str, values: Sequence[float | None], versions: Sequence[str], digits: int) -> dict[str, Any]:
    """Return one curve; a release without a value has no point."""
    top = max([value for value in values if value is not None], default=0.0) or 1.0
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    dots = [
        (round(MARGIN + i * step, 1), round(HEIGHT - MARGIN - value / top * (HEIGHT - 2 * MARGIN), 1))
        for i, value in enumerate(values)
        if value is not None
    ]
    shown = [f"{v} {'-' if x is None else f'{x:.{digits}f}'}" for v, x in zip(versions, values, strict=True)]
    return {
        "name": name,
        "last": "-" if values[-1] is None else f"{values[-1]:.{digits}f}",
        "dots": dots,
        "points": " ".join(f"{x},{y}" for x, y in dots),
        "text": "; ".join(shown),
    }
