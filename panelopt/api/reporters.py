"""Choose reporters by bleed-through, or dyes of low complexity index, without cells or markers."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.domain.reporters_result import ReporterResult as ReporterResult
    from panelopt.io.reporter_tables import reporters_csv as reporters_csv
    from panelopt.report.reporters_text import reporters_text as reporters_text
    from panelopt.reporters.choose import ReporterOptions as ReporterOptions
    from panelopt.reporters.choose import design_reporters as design_reporters
    from panelopt.reporters.choose import load_library as load_library
    from panelopt.reporters.low_complexity import choose_low_complexity as choose_low_complexity

__getattr__, __all__ = lazily(__name__)
