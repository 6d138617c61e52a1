"""The template for a problem file."""

from __future__ import annotations

TEMPLATE = """\
# A problem for panelopt. It passes `panelopt problem check` as it is, but populations and levels are examples: replace
# whatever is marked with an arrow (<-). To make an optional demand, remove the # before its `key = value` line.
# Options of `panelopt design` do the same for one call, e.g. --lock CD271=APC. All keys: docs/problems.md.

schema_version = 1
id = "my-problem"  # <- lower-case letters, digits, dot, dash, underscore
title = "What is sorted, and from what"  # <-
sources = []  # e.g. "ABC21: Author A et al. Journal 2021 doi:..."; levels and populations can refer to them

[sample]
tissue = "human bone marrow"  # <-
state = "live"  # live | fixed; DNA dyes stain live samples only
dissociation = "none"  # none | trypsin | tryple | collagenase; antigens cut by the enzyme are not gated as positive
cells = 1e7  # <- cells at the start
dead_fraction = 0.1  # <- dead cells among all events
doublet_fraction = 0.05  # <- doublets before scatter gating

[goal]
purity = 0.95  # <- share of target cells in each tube
yield_min = 0.80  # minimum share of target cells kept by all gates together
# gate_loss = 0.02  # share of target cells that one gate may lose, 0.0001 to 0.15
# leak_total = 1e-5  # minimum share of a contaminant assumed to pass all gates of a tube; 0: none
# slack = 0.02  # panels within this (log10) count as equally good, and the most practical wins; 0: the best (--slack)
# sort_ways = 2  # tubes filled at once; default: as many as the cytometer can

[limits]
# max_colours = 8  # fluorochromes, including the viability dye (--max-colours)
# budget = 2000  # price of all packs (--budget)
# currency = "EUR"
# vendors = ["BioLegend", "BD Biosciences"]  # buy only from these (--vendor)
# exclude_fluorochromes = ["PE-Cy5"]  # never use these (--exclude-dye)
# exclude_tandems = true  # never use tandems (--exclude-tandems)
# max_spillover = 1  # maximum light of a dye in another dye's detector, relative to its own (--max-spillover)
# prefer = ["to_buy", "colours"]  # compare these first: sourced, to_buy, colours, spillover, fragile, price

# --- Markers that may be stained. role: candidate (may be used) | required | forbidden | dump | viability -------------
# --require MARKER and --forbid MARKER do the same for one call.

[[marker]]
name = "viability"
role = "viability"
required = true

[[marker]]
name = "CD45"  # <-
role = "dump"  # may share a dye with other dump markers; gated as negative

[[marker]]
name = "CD31"  # <-
role = "dump"

[[marker]]
name = "CD271"  # <-
role = "required"

[[marker]]
name = "CD146"  # <-

# --- Populations. frequency: share of live single cells, at most 1 in total. Levels: - | low | dim | mid | bright |
# very_bright, or { abc = 15000, cv = 0.7, source = "own beads" } in antibodies per cell. The words are model values.
# A marker without a level is unknown, not negative: no gate may rely on it there.

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

# --- Reagents that must be used, such as those in your stock: one table each (--lock CD271=APC) -----------------------

# [[locked]]
# marker = "CD271"
# fluorochrome = "APC"
# detector = "R670/30"  # conventional cytometers; default: the best one
# clone = "ME20.4"  # default: any; likewise vendor and catalog_number
"""
