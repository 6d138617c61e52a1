"""The course of a search: best panel and proven bound over time."""

from __future__ import annotations

from collections.abc import Sequence

from panelopt.report.drawing import Drawing

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 420.0, 118.0, 44.0, 66.0, 10.0, 24.0
_LEAST_RANGE = 0.2  # log10, so that small gaps do not look large

Point = tuple[float, float | None, float | None]
"""Seconds, best value and bound (log10); None while unknown."""


def search_curve(points: Sequence[Point], seconds: float) -> Drawing:
    """Draw best value and bound as steps that close up on each other.

    Args:
        points: Course of the search, in order of time.
        seconds: Now, or when the search ended.
    """
    drawing = Drawing(_WIDTH, _HEIGHT, _words(points))
    found = [value for _, best, bound in points for value in (best, bound) if value is not None]
    low, high = (min(found), max(found)) if found else (0.0, 1.0)
    spare = max(_LEAST_RANGE - (high - low), 0.0) / 2 + 0.05 * (high - low)
    low, high = low - spare, high + spare
    end = max(seconds, 1.0)

    def place(at: float, value: float) -> tuple[float, float]:
        across = _LEFT + min(at / end, 1.0) * (_WIDTH - _LEFT - _RIGHT)
        return across, _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    floor = _HEIGHT - _BOTTOM
    drawing.line(_LEFT, floor, _WIDTH - _RIGHT, floor, "edge", stroke="#1b1f24")
    drawing.text(_LEFT, floor + 15, "0 s")
    drawing.text(_WIDTH - _RIGHT, floor + 15, f"{seconds:.0f} s", anchor="end")
    for index, (name, colour, dashes) in enumerate((("best", "#0072B2", "none"), ("bound", "#D55E00", "5 3")), start=1):
        known = [(point[0], value) for point in points if (value := point[index]) is not None]
        if not known:
            continue
        steps: list[tuple[float, float]] = []
        for at, value in known:
            if steps:
                steps.append((place(at, value)[0], steps[-1][1]))
            steps.append(place(at, value))
        steps.append((place(end, known[-1][1])[0], steps[-1][1]))
        drawing.curve(steps, "curve", stroke=colour, stroke_width=2, stroke_dasharray=dashes)
        above = -4 if name == "bound" else 12
        drawing.text(steps[-1][0] + 4, steps[-1][1] + above, f"{name} {known[-1][1]:.2f}", font_size=11)
    return drawing


def _words(points: Sequence[Point]) -> str:
    known = [next((p[i] for p in reversed(points) if p[i] is not None), None) for i in (1, 2)]
    best, bound = ("unknown" if value is None else f"{value:.2f}" for value in known)
    return f"Worst log ratio over time: best {best}, proven bound {bound}"
