"""What lists show of shipped cytometers and problems; see :mod:`panelopt.registry.kept_lists`."""

from __future__ import annotations

from collections.abc import Iterable

from panelopt.domain.listed import ListedCytometer, ListedProblem
from panelopt.errors import Finding
from panelopt.registry.data_places import CATALOG_DATA, PROBLEM_DATA, stems
from panelopt.registry.kept_lists import kept_list
from panelopt.registry.plugged_files import plugged_files
from panelopt.registry.plugins import CYTOMETER_GROUP


def listed_cytometers() -> tuple[tuple[ListedCytometer, ...], tuple[Finding, ...]]:
    """Return the cytometers of :func:`panelopt.registry.cytometer_sources.readable_cytometers` as they are listed."""
    remarks: list[Finding] = []

    def read() -> Iterable[ListedCytometer]:
        from panelopt.registry.cytometer_sources import readable_cytometers

        found, findings = readable_cytometers()
        remarks.extend(findings)
        return [ListedCytometer.of(c, "" if file.kind == "built-in" else file.origin) for c, file in found]

    if any(plugged_files(CYTOMETER_GROUP, "cytometers")):
        return tuple(read()), tuple(remarks)  # plug-ins may change, and warnings are not kept
    shipped = stems(CATALOG_DATA, "cytometers").values()
    return kept_list("cytometers", shipped, read, lambda rows: tuple(ListedCytometer(*row) for row in rows)), ()


def listed_problems() -> tuple[ListedProblem, ...]:
    """Return the shipped problems as they are listed."""

    def read() -> Iterable[ListedProblem]:
        from panelopt.registry.shipped import shipped_problems

        return map(ListedProblem.of, shipped_problems())

    paths = [*stems(PROBLEM_DATA).values(), *stems(CATALOG_DATA, "aliases").values()]
    return kept_list("problems", paths, read, lambda rows: tuple(ListedProblem(*row) for row in rows))
