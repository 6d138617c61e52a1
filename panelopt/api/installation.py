"""Check the installation."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.answers.installation_checks import examine as examine
    from panelopt.report.installation_text import installation_text as installation_text
    from panelopt.solver.machine import available_cores as available_cores

__getattr__, __all__ = lazily(__name__)
