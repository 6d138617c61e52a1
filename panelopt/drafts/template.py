"""The first problem file of a user: a template to fill in."""

from __future__ import annotations

TEMPLATE = """\
# A problem for panelopt. It passes `panelopt problem check` as it is, but the populations and levels are an example:
# replace whatever has an arrow (<-) behind it. Lines such as `# key = value` are demands that you can make: take the #
# away. Options of `panelopt design` say the same for one call, e.g. --lock CD271=APC. All keys: docs/problems.md.

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
# gate_loss = 0.02  # target cells that one gate may cost, 0.0001 to 0.15
# leak_total = 1e-5  # smallest share of a contaminant that all gates of a tube may claim to let pass; 0: no floor
# slack = 0.02  # panels within this (log10) count as equally good, and practice decides; 0: the best one (--slack)
# sort_ways = 2  # tubes filled at once; left out: what the cytometer has

[limits]
# max_colours = 8  # fluorochromes, viability dye included (--max-colours)
# budget = 2000  # price of all packs (--budget)
# currency = "EUR"
# vendors = ["BioLegend", "BD Biosciences"]  # buy only from these (--vendor)
# exclude_fluorochromes = ["PE-Cy5"]  # never use these (--exclude-dye)
# exclude_tandems = true  # never use a tandem (--exclude-tandems)
# max_spillover = 1  # most light of a dye in another dye's detector, times that in its own (--max-spillover)
# prefer = ["to_buy", "colours"]  # first of: sourced, to_buy, colours, spillover, fragile, price

# --- Markers: what may be stained. role: candidate (may be used) | required | forbidden | dump | viability ------------
# The options --require MARKER and --forbid MARKER say the same for one call.

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

# --- Reagents that must be used, such as those on your shelf: one table for each (--lock CD271=APC) -------------------

# [[locked]]
# marker = "CD271"
# fluorochrome = "APC"
# detector = "R670/30"  # conventional cytometers; left out: the best one
# clone = "ME20.4"  # left out: any; likewise vendor and catalog_number
"""
