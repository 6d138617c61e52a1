"""How well the numbers behind a question are known.

Every factor is a *95 % factor*: with a factor of 3 the true value is between a third of the number and three times the
number with a probability of 95 %. Its logarithm is normal, so the number itself is the median.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from panelopt.domain.base import Record

Z95 = 1.959963984540054
"""Standard deviations between the median of a normal distribution and its 97.5 % quantile."""

_MOST = 1e6


def _factor(default: float, description: str) -> Any:
    return Field(default=default, ge=1.0, le=_MOST, description=description)


class Uncertainty(Record):
    """95 % factors of everything that is not known exactly; 1 means certain.

    A `low` and `high` beside a level or a frequency replace the factor there. The defaults are model values;
    ``docs/robust.md`` names the facts behind them, if any.
    """

    level: float = _factor(3.0, "median antibodies per cell, one factor for each population and marker")
    frequency: float = _factor(2.0, "odds of a frequency, one factor for each population; the sum is kept")
    autofluorescence: float = _factor(2.0, "autofluorescence of all cells of the donor")
    autofluorescence_population: float = _factor(1.5, "autofluorescence of one population beside that of the donor")
    brightness_measured: float = _factor(1.5, "light of one antibody, for each dye whose brightness was measured")
    brightness_estimated: float = _factor(8.0, "the same for brightness taken from similar dyes or a model")
    instrument: float = _factor(1.5, "light that the instrument collects, of dyes and cells alike")
    signature: float = _factor(1.8, "each entry of a computed signature against that of the strongest detector")
    signature_measured: float = _factor(1.1, "the same for measured signatures")
    doublets: float = _factor(2.0, "doublets left after scatter gating")
    tandem_breakdown: float = Field(
        default=0.1, ge=0.0, lt=1.0, description="share of a tandem dye that is broken: 95 % limit; half-normal from 0"
    )
