"""How many cells of the sample each control tube may take."""

from __future__ import annotations

import math
from dataclasses import dataclass

from panelopt.instance.populations import is_dead
from panelopt.planning import control_rules as rule
from panelopt.planning.bench import Bench
from panelopt.planning.cell_tubes import cells_needed

_HALF = 0.5  # below this share of live cells FMO tubes are not worth their sample


@dataclass(frozen=True, slots=True)
class Allowance:
    """Most cells of control tubes.

    Attributes:
        plain: Of the unstained and the viability tube each.
        fmo: Of each FMO tube.
        total: Of all tubes together.
    """

    plain: float
    fmo: float
    total: float


def allowance(bench: Bench, plain: int, fmo: int) -> Allowance:
    """Divide the cells available for controls among the tubes.

    Tubes that only cells can fill come first: each gets what 10,000 events take (live ones in an FMO tube), or at most
    an equal part where there is not that much. FMO tubes may take up to a half of what is left, for rarer cells; single
    stains get the rest.

    Args:
        bench: The panel at the bench.
        plain: Number of unstained and viability tubes.
        fmo: Number of FMO tubes.
    """
    if bench.cells is None:
        return Allowance(math.inf, rule.MAX_CELLS, math.inf)
    total = bench.control_share * bench.cells
    usual = rule.UNSTAINED_EVENTS / rule.KEPT
    live = cells_needed(rule.FMO_EVENTS, max(float(bench.phi[~is_dead(bench.instance)].sum()), _HALF))
    if plain * usual + fmo * live > total:
        each = total / (plain + fmo)
        return Allowance(min(each, usual), min(each, live, rule.FMO_SHARE * bench.cells), total)
    most = max(live, rule.FMO_PART * (total - plain * usual) / max(fmo, 1))
    return Allowance(usual, min(most, rule.MAX_CELLS, rule.FMO_SHARE * bench.cells), total)
