"""Write files atomically; read panels and calibrations; results as JSON and CSV."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.io.atomic import check_writable as check_writable
    from panelopt.io.atomic import write_bytes_atomic as write_bytes_atomic
    from panelopt.io.atomic import write_text_atomic as write_text_atomic
    from panelopt.io.calibration_files import read_calibration as read_calibration
    from panelopt.io.csv_table import write_table as write_table
    from panelopt.io.panel_csv import panel_csv as panel_csv
    from panelopt.io.panel_csv import read_panel_rows as read_panel_rows
    from panelopt.io.panel_files import panel_rows as panel_rows
    from panelopt.io.panel_files import read_panel as read_panel
    from panelopt.io.result_json import read_result as read_result
    from panelopt.io.result_json import record_json as record_json
    from panelopt.io.result_json import result_json as result_json
    from panelopt.report.safe_text import plain as plain

__getattr__, __all__ = lazily(__name__)
