"""A simulation as text."""

from __future__ import annotations

from panelopt.domain.simulation_result import Simulation
from panelopt.report.safe_text import plain
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, percent, section, table, wrapped

_KINDS = {"sample": "sample", "unstained": "unstained", "single_stain": "single stain", "fmo": "FMO"}


def simulation_text(found: Simulation, width: int = DEFAULT_WIDTH) -> str:
    """Return the files, the content of the sample, and the performance of the planned gates."""
    files = [(_KINDS[file.kind], file.fluorochrome, f"{file.events:,}", file.path) for file in found.files]
    cells = [(str(entry.code), entry.name, f"{entry.single_cells:,}") for entry in found.populations]
    targets = [
        (
            target.name,
            f"{target.events:,}",
            percent(target.purity),
            percent(target.predicted_purity),
            percent(target.gate_yield),
            percent(target.predicted_yield),
        )
        for target in found.targets
    ]
    headers = ("Target", "Events", "Purity %", "Predicted", "Yield %", "Predicted")
    return blocks(
        (
            wrapped(f"Simulated {found.problem} on {found.cytometer}, seed {found.seed}", width=width),
            section("Files", table(("Tube", "Fluorochrome", "Events", "File"), files, "LLRl", width)),
            section("Single cells in the sample", table(("Code", "Population", "Cells"), cells, "Rlr", width)),
            wrapped(f"{found.doublets:,} events of the sample are doublets.", width=width),
            section("Gates", table(headers, targets, "lrrrrr", width)),
            wrapped("Predictions include outlier cells (`leak`), which are not simulated.", width=width),
            plain(f"Gates as Gating-ML: {found.gates}") if found.gates else "",
        )
    )
