"""Finds what is shipped, plugged in or local: catalogs, cytometers, fluorochromes, problems, marker names."""

from panelopt.registry.catalog_check import check_catalogs
from panelopt.registry.catalog_sources import (
    CATALOG_FOLDERS_VARIABLE,
    CatalogSource,
    catalog_sources,
)
from panelopt.registry.catalogs import find_catalogs, readable_catalogs
from panelopt.registry.plugins import ENTRY_POINT_GROUP
from panelopt.registry.shipped import (
    FoundProblem,
    autofluorescence,
    cytometer_file,
    cytometer_names,
    find_cytometer,
    find_fluorochrome,
    find_problem,
    fluorochrome_names,
    fluorochromes,
    marker_names,
    problem_names,
)
from panelopt.registry.signatures import Measured, find_signatures, similarity

__all__ = [
    "CATALOG_FOLDERS_VARIABLE",
    "ENTRY_POINT_GROUP",
    "CatalogSource",
    "FoundProblem",
    "Measured",
    "autofluorescence",
    "catalog_sources",
    "check_catalogs",
    "cytometer_file",
    "cytometer_names",
    "find_catalogs",
    "find_cytometer",
    "find_fluorochrome",
    "find_problem",
    "find_signatures",
    "fluorochrome_names",
    "fluorochromes",
    "marker_names",
    "problem_names",
    "readable_catalogs",
    "similarity",
]
