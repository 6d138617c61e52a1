"""Run many designs at once."""

from typing import TYPE_CHECKING

from panelopt.api.lazily import lazily

if TYPE_CHECKING:
    from panelopt.domain.sweep import CellRow as CellRow
    from panelopt.domain.sweep import SweepSummary as SweepSummary
    from panelopt.io.sweep_folder import TABLES as TABLES
    from panelopt.report.sweep_text import duration as duration
    from panelopt.report.sweep_text import row_text as row_text
    from panelopt.report.sweep_text import sweep_text as sweep_text
    from panelopt.sweeps.dask_engine import DaskEngine as DaskEngine
    from panelopt.sweeps.engine import Engine as Engine
    from panelopt.sweeps.engine import LocalEngine as LocalEngine
    from panelopt.sweeps.sweep import SweepListener as SweepListener
    from panelopt.sweeps.sweep import sweep as sweep
    from panelopt.sweeps.sweep import sweep_status as sweep_status

__getattr__, __all__ = lazily(__name__)
