"""Design panels under uncertainty."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.domain.robust_result import RobustResult as RobustResult
    from panelopt.report.robust_picture import robust_picture as robust_picture
    from panelopt.report.robust_text import robust_text as robust_text
    from panelopt.robust.robust_design import robust as robust
    from panelopt.robust.robust_options import RobustOptions as RobustOptions

__getattr__, __all__ = lazily(__name__)
