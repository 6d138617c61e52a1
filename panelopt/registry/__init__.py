"""Finds shipped, plug-in and local cytometers, fluorochromes, problems and marker names."""

from panelopt.registry.cytometer_sources import (
    cytometer_file,
    cytometer_names,
    find_cytometer,
    readable_cytometers,
)
from panelopt.registry.dye_sources import (
    autofluorescence,
    find_fluorochrome,
    fluorochrome_files,
    fluorochrome_findings,
    fluorochrome_names,
    fluorochromes,
)
from panelopt.registry.plugged_files import SourceFile
from panelopt.registry.plugins import CATALOG_GROUP, CYTOMETER_GROUP, FLUOROCHROME_GROUP
from panelopt.registry.shipped import FoundProblem, find_problem, marker_names, problem_names
from panelopt.registry.signatures import Measured, find_signatures, similarity

__all__ = [
    "CATALOG_GROUP",
    "CYTOMETER_GROUP",
    "FLUOROCHROME_GROUP",
    "FoundProblem",
    "Measured",
    "SourceFile",
    "autofluorescence",
    "cytometer_file",
    "cytometer_names",
    "find_cytometer",
    "find_fluorochrome",
    "find_problem",
    "find_signatures",
    "fluorochrome_files",
    "fluorochrome_findings",
    "fluorochrome_names",
    "fluorochromes",
    "marker_names",
    "problem_names",
    "readable_cytometers",
    "similarity",
]
