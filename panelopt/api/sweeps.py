"""Run many designs at once."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.domain.sweep_record import CellRow as CellRow
    from panelopt.domain.sweep_record import SweepSummary as SweepSummary
    from panelopt.io.sweep_folder import TABLES as TABLES
    from panelopt.io.sweep_folder import SweepFolder as SweepFolder
    from panelopt.report.sweep_text import duration as duration
    from panelopt.report.sweep_text import row_text as row_text
    from panelopt.report.sweep_text import sweep_text as sweep_text
    from panelopt.sweeps.dask_engine import DaskEngine as DaskEngine
    from panelopt.sweeps.local_engine import Engine as Engine
    from panelopt.sweeps.local_engine import LocalEngine as LocalEngine
    from panelopt.sweeps.run_sweep import SweepListener as SweepListener
    from panelopt.sweeps.run_sweep import sweep as sweep
    from panelopt.sweeps.run_sweep import sweep_status as sweep_status

__getattr__, __all__ = lazily(__name__)
