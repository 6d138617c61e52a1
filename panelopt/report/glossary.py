"""Words of a report that need explaining; ``docs/glossary.md`` has the same and more."""

from __future__ import annotations

GLOSSARY: dict[str, str] = {
    "ABC": (
        "antibodies bound per cell: how much of an antigen a cell carries, in antibodies at saturation. "
        "Levels such as dim stand for a median ABC and its coefficient of variation"
    ),
    "at least": (
        "purity that the claims of the gates guarantee, and that the proof is about; the predicted purity is higher"
    ),
    "autofluorescence": (
        "light of the cell itself. Compensation sees it as noise; spectral unmixing gives it its own column"
    ),
    "bound": "a number that no panel of the same reagents on the same instrument exceeds",
    "claim": (
        "what a gate may take credit for: never more than 999 cells in 1,000 rejected (leak), and never more "
        "because of noise. The proof is about claims; predictions are shown beside them"
    ),
    "compensation": "subtracting the spillover of the other dyes, with one detector per dye",
    "complexity index": "condition number of the matrix of signatures: how much unmixing can amplify noise",
    "contaminant": "a population that must stay out of the tube",
    "doublet": (
        "two cells measured as one event. A doublet of a target and a contaminant passes every above gate of the target"
    ),
    "dump": "several antibodies on one dye, for markers that only unwanted cells carry. The gate is below",
    "floor": (
        "the worst log ratio that a panel must reach to count for objective 2: the best one found, minus the tolerance"
    ),
    "FMO": (
        "fluorescence minus one: all reagents but one, to see how far the light of the others spreads into its detector"
    ),
    "fragile": (
        "a tandem dye that light or fixation breaks; other tandems may vary between lots but are not called fragile"
    ),
    "gap": "bound minus the best value found",
    "gate": "one threshold (above, below) or two (between) on one slot, in antibodies per cell",
    "log ratio": "log10 of target to contaminant cells in the tube",
    "plausible sample": (
        "the sample with its uncertain numbers (levels, frequencies, light) drawn anew within what the "
        "problem states or the defaults assume"
    ),
    "purity": "share of target cells among the cells in a tube",
    "signature": "light of one dye in all detectors",
    "slack": (
        "how much worse than the best panel (log10) another may be and still count as equally good: 0.02, a "
        "factor of 1.05"
    ),
    "slot": "one dye on one detector, with its marker or, in a dump, its markers",
    "sourced": "a product that a document, its vendor's catalog or your own inventory shows to exist",
    "spillover": "light of a dye in a detector meant for another one",
    "spillover burden": (
        "what each dye gives in another's detector, relative to its own detector, summed over all ordered "
        "pairs of a panel: 0 without overlap"
    ),
    "spread": "noise that the light of one dye adds to the channel of another, after compensation or unmixing",
    "tolerance": "gap at which a value counts as proven: 0.02 for the worst log ratio, 2.5 times that for the sum",
    "total leak": (
        "smallest share of a contaminant that all gates of a tube together may claim to let through: 1 in "
        "100,000 (leak_total)"
    ),
    "unmixing": "estimating the amount of every dye from all detectors at once",
    "wrong cell": "a cell in a tube that is not its target. 1 wrong cell in 36 is a purity of 97.2 %",
    "yield": "share of the target cells that pass the gates; in a sort plan, also of those that survive coincidence",
}
"""Explanation by term, in plain text."""
