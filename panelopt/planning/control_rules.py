"""Rules for control tubes, each with its source, and numbers without one."""

from __future__ import annotations

from panelopt.domain.control_tubes import ControlRule

MODEL_RULE = "model rule"

UNSTAINED_EVENTS = 10_000.0
POSITIVE_EVENTS = 5_000.0
BEAD_EVENTS = 5_000.0
KEPT = 0.5
"""Share of stained cells that is recorded; washing and the rest in the tube take the others."""
HEAT_KILLED = 0.5
"""Share of the cells killed for the viability control."""
MAX_CELLS = 1e6
"""A single stain that needs more cells is made on beads."""
MAX_SHARE = 0.02
"""The same, as a fraction of the cells that reach the sorter."""
FMO_EVENTS = 10_000.0
"""Events in the parent gate of an FMO tube."""
FMO_SHARE = 0.02
"""Most cells of one FMO tube, as a fraction of those that reach the sorter; never more than `MAX_CELLS`."""
FMO_PART = 0.5
"""Share for all FMO tubes of what unstained and viability tubes leave to the controls."""
CONTROL_SHARE = 0.05
"""Most cells of all controls, as a fraction of those that reach the sorter."""
VOLUME_UL = 100.0
"""Staining volume of the cells of one test, microlitres."""
EXPRESSED_FROM_ABC = 1000.0
"""Median (antibodies) below which a marker counts as not carried: it has no positive cells."""

MODEL_VALUES = {
    "unstained_events": UNSTAINED_EVENTS,
    "positive_events": POSITIVE_EVENTS,
    "bead_events": BEAD_EVENTS,
    "recorded_share": KEPT,
    "heat_killed_share": HEAT_KILLED,
    "max_cells_of_single_stain": MAX_CELLS,
    "max_share_of_single_stain": MAX_SHARE,
    "fmo_events": FMO_EVENTS,
    "max_share_of_fmo": FMO_SHARE,
    "fmo_part_of_controls": FMO_PART,
    "volume_ul_per_test": VOLUME_UL,
}

_FLOW_RULES = "Rockefeller University Flow Cytometry Resource Center, rockefeller.edu/fcrc/compensation"
_ROEDERER = "Roederer 2001, doi:10.1002/1097-0320(20011101)45:3<194::AID-CYTO1163>3.0.CO;2-C"
_SHEVCHENKO = "Shevchenko et al. 2023, doi:10.1101/2023.06.14.544540"

RULES = (
    ControlRule(
        name="unstained",
        text="unstained cells of the same origin, prepared like the sample",
        source=_FLOW_RULES,
    ),
    ControlRule(
        name="every-dye",
        text="one single stain for every dye of the panel, treated like the sample",
        source=_FLOW_RULES,
    ),
    ControlRule(
        name="brightness",
        text="a single stain is at least as bright as the sample: on cells the brightest population counts, on beads"
        " compare both before the sort",
        source=_FLOW_RULES,
    ),
    ControlRule(
        name="same-background",
        text="positive and negative particles of one control are of the same origin: negative beads for beads, like "
        "cells for cells",
        source=_FLOW_RULES,
    ),
    ControlRule(
        name="same-lot",
        text="the single stain of a tandem is the vial that stains the sample: emission differs by maker, lot and "
        "handling",
        source="doi:10.1002/cyto.a.20799",
    ),
    ControlRule(
        name="unlike-on-beads",
        text="cells rather than beads where the spectrum of a dye can differ on beads; here: proteins, polymers and "
        "tandems",
        source=f"{_SHEVCHENKO}; doi:10.1002/cyto.b.20584 (a dye that did)",
    ),
    ControlRule(
        name="cells-for-unmixing",
        text="for spectral unmixing single stains on the cells of the sample: the whole spectrum and the "
        "autofluorescence must be those of the sample",
        source=_SHEVCHENKO,
    ),
    ControlRule(
        name="beads-where-rare",
        text="beads where too few cells carry the marker, or too many cells would be needed",
        source="Cytometry A 2015, PMC4632493",
    ),
    ControlRule(
        name="beads-capture",
        text="beads hold an antibody by its host or light chain: ask whether they hold this one; beads for kappa "
        "chains do not hold lambda",
        source="University of Iowa Flow Cytometry Facility, compensation controls",
    ),
    ControlRule(
        name="beads-suffice",
        text="beads where neither the spectrum nor the marker asks for cells: they spare the sample",
        source=MODEL_RULE,
    ),
    ControlRule(
        name="viability",
        text="a viability dye is controlled on cells of which a part is heat-killed: it stains dead cells, and beads"
        " do not hold it",
        source="dead cells: Perfetto et al. 2010, doi:10.1002/0471142956.cy0934s53; heat, share and beads: model rule",
    ),
    ControlRule(
        name="fmo",
        text="all reagents but one, for a marker whose positive and negative cells are not clearly apart where they "
        "reach its gate, or that splits two tubes; at least 10,000 events in the parent gate",
        source=f"{_ROEDERER}, for the control; overlap and events: model rule",
    ),
    ControlRule(
        name="share-of-sample",
        text="controls leave the sample to the sort: fewer events, or a gate before the one in question, where more "
        "would take too many cells",
        source=MODEL_RULE,
    ),
    ControlRule(
        name="titration",
        text="two-fold dilutions around the stated amount",
        source="Cells 2024, 13:1677, doi:10.3390/cells13201677; the range: model rule",
    ),
)
"""All rules, in listed order."""
