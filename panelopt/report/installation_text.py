"""The installation as text."""

from __future__ import annotations

from panelopt.domain.installation_report import Installation, Package
from panelopt.report.text_tables import table

_SIGNS = {"ok": "ok", "warning": "warning", "broken": "BROKEN"}


def installation_text(found: Installation) -> str:
    """Return versions, paths and checks."""
    needed = [package for package in found.packages if not package.extra]
    extras = [package for package in found.packages if package.extra]
    parts = [
        f"panelopt {found.panelopt_version}, Python {found.python_version}, {found.cores} cores\n{found.platform}",
        "Checks\n" + table(("What", "State", "Finding"), _check_rows(found)),
        "Packages\n" + table(("Package", "Version", "Wanted"), map(_package_row, needed)),
    ]
    if extras:
        rows = [(p.extra, *_package_row(p)) for p in extras]
        parts.append("Extras\n" + table(("Extra", "Package", "Version", "Wanted"), rows))
        parts.append("To install an extra: pip install 'panelopt[EXTRA]'")
    parts.append("Places\n" + table(("What", "Where"), found.places.items()))
    counts = ", ".join(f"{number} {name}" for name, number in found.counts.items())
    parts.append(f"Found: {counts}.")
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _check_rows(found: Installation) -> list[tuple[str, str, str]]:
    return [
        (check.name, _SIGNS[check.state], f"{check.message}. {check.hint}" if check.hint else check.message)
        for check in found.checks
    ]


def _package_row(package: Package) -> tuple[str, str, str]:
    return package.name, package.version or "not installed", package.wanted or "any"
