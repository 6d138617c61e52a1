"""Simulate samples and controls."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.events.simulation_run import SimulateOptions as SimulateOptions
    from panelopt.events.simulation_run import simulate as simulate
    from panelopt.report.simulation_text import simulation_text as simulation_text

__getattr__, __all__ = lazily(__name__)
