"""Picture of a robust answer: in how many scenarios each panel reaches what, and which unknown matters most."""

from __future__ import annotations

import io

import numpy as np

from panelopt.domain.robust_result import RobustResult
from panelopt.report.plain import plain

PICTURE_FORMATS = ("svg", "png")
"""Formats of :func:`robust_picture`."""

_SHOWN = 10
_FLOOR = -1e9  # stands for scenarios in which a panel cannot be used


def robust_picture(found: RobustResult, format_: str = "svg") -> bytes:
    """Draw the distribution of the worst log ratio of each candidate, and the Sobol indices of the chosen panel.

    Args:
        found: The answer, with at least one candidate.
        format_: ``svg`` or ``png``.

    Returns:
        The picture; the same for the same answer.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    influences = found.sensitivity.influences[:_SHOWN] if found.sensitivity else ()
    with mpl.rc_context({"svg.hashsalt": "panelopt", "svg.fonttype": "none"}):
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, 2 if influences else 1, squeeze=False)[0]
        for one in found.candidates:
            values = np.sort([_FLOOR if value is None else value for value in one.values])
            reached = 1 - np.arange(values.size) / values.size
            strong = one.name in ("chosen", "nominal")
            axes[0].step(values, reached, where="pre", label=plain(one.name), linewidth=2 if strong else 0.8)
        finite = [value for one in found.candidates for value in one.values if value is not None]
        if finite:
            axes[0].set_xlim(min(finite), max(finite) + 0.05)
        axes[0].axhline(found.share, color="0.5", linewidth=0.8, linestyle=":")
        axes[0].set(xlabel="worst log10 ratio", ylabel="share of scenarios that reach it", ylim=(0, 1.02))
        axes[0].legend(frameon=False)
        if influences:
            place = np.arange(len(influences))[::-1]
            total = np.array([one.total for one in influences])
            ends = [(one.total_interval.low, one.total_interval.high) for one in influences]
            half = np.array([[t - (low or 0.0), (high or 0.0) - t] for t, (low, high) in zip(total, ends, strict=True)])
            axes[1].barh(place, total, color="0.75", label="with all others", xerr=np.maximum(half.T, 0))
            axes[1].barh(place, [max(one.first, 0.0) for one in influences], height=0.35, label="alone")
            axes[1].set_yticks(place, [plain(one.unknown).replace("$", r"\$") for one in influences])
            axes[1].set(xlabel="share of the variance", xlim=(0, None))
            axes[1].legend(frameon=False)
        picture = io.BytesIO()
        figure.savefig(picture, format=format_, dpi=150, metadata={"Date": None} if format_ == "svg" else None)
    return picture.getvalue()
