"""Exceptions and findings."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.errors import Finding as Finding
    from panelopt.errors import InputError as InputError
    from panelopt.errors import PaneloptError as PaneloptError
    from panelopt.errors import UsageError as UsageError

__getattr__, __all__ = lazily(__name__)
