"""Warnings about catalogs in commands that only look at them."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.api.errors import Finding
from panelopt.cli.group import say_warning

_ABOUT_CATALOGS = frozenset(
    {"broken-catalog", "broken-plugin", "duplicate-catalog", "hash-mismatch", "many-catalogs", "no-catalog-folder"}
)


def warn_of_catalogs(findings: Iterable[Finding]) -> None:
    """Warn of catalogs that are left out or are not what they should be; remarks on rows are for `catalog check`."""
    for finding in findings:
        if finding.code in _ABOUT_CATALOGS:
            say_warning(finding.message, finding.where, finding.hint)
