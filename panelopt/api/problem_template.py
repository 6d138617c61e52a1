"""The first problem file of a user: a template to fill in."""

from __future__ import annotations

TEMPLATE = """\
# A problem for panelopt. It passes `panelopt problem check` as it is, but the populations and levels are an example:
# replace whatever has an arrow (<-) behind it. All keys: docs/problems.md.

schema_version = 1
id = "my-problem"  # <- lower-case letters, digits, dot, dash, underscore
title = "What is sorted, from what"  # <-
sources = []  # e.g. "ABC21: Author A et al. Journal 2021 doi:..."; levels and populations may refer to them

[sample]
tissue = "human bone marrow"  # <-
state = "live"  # live | fixed; DNA dyes stain live samples only
dissociation = "none"  # none | trypsin | tryple | collagenase; what the enzyme cuts is not gated as positive
cells = 1e7  # <- cells at the start
dead_fraction = 0.1  # <- dead cells among all events
doublet_fraction = 0.05  # <- doublets before scatter gating

[goal]
purity = 0.95  # <- share of target cells in each tube
yield_min = 0.80  # share of target cells that all gates together must keep
# sort_ways = 2  # tubes filled at once; left out: what the cytometer has

[limits]
# max_colours = 8  # fluorochromes, viability dye included
# budget = 2000
# currency = "EUR"

# --- Markers: what may be stained. role: candidate (may be used) | required | forbidden | dump | viability ------------

[[marker]]
name = "viability"
role = "viability"
required = true

[[marker]]
name = "CD45"  # <-
role = "dump"  # may share one dye with other dump markers, gated as negative

[[marker]]
name = "CD31"  # <-
role = "dump"

[[marker]]
name = "CD271"  # <-
role = "required"

[[marker]]
name = "CD146"  # <-

# --- Populations. frequency: share of live single cells, all together at most 1. Levels: - | low | dim | mid | bright |
# very_bright, or { abc = 15000, cv = 0.7, source = "own beads" } in antibodies per cell. The words stand for model
# values. A marker that is left out is unknown, not negative: no gate may rely on it there.

[[population]]
name = "stromal"  # <-
role = "target"
frequency = 0.001  # <-
autofluorescence = 3  # <- relative to a lymphocyte
levels = { CD45 = "-", CD31 = "-", CD271 = "bright", CD146 = "mid" }  # <-

[[population]]
name = "endothelial"  # <-
role = "contaminant"
frequency = 0.01  # <-
autofluorescence = 2  # <-
levels = { CD45 = "-", CD31 = "bright", CD271 = "-", CD146 = "bright" }  # <-

[[population]]
name = "leukocyte"  # <-
role = "contaminant"
frequency = 0.98  # <-
levels = { CD45 = "very_bright", CD31 = "dim", CD271 = "-", CD146 = "-" }  # <-
"""
