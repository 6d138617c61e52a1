"""Known properties of beads that enrich a marker before the sort."""

from __future__ import annotations

BEAD_FOLD = 150.0
"""Cuthbert et al. 2015, PMC4356586: CD271 beads enriched marrow more than 150-fold; a model value for other beads."""

KNOWN_BEADS = "CD271"
"""Marker to which :data:`BEAD_FOLD` applies."""

BEAD_RECOVERY = 0.92
"""Sutermaster et al. 2019, PMC6338736: bead separation lost 7 to 9 % of the cells."""
