"""Finds what is shipped, plugged in or local: cytometers, fluorochromes, problems, marker names."""

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
    "ENTRY_POINT_GROUP",
    "FoundProblem",
    "Measured",
    "autofluorescence",
    "cytometer_file",
    "cytometer_names",
    "find_cytometer",
    "find_fluorochrome",
    "find_problem",
    "find_signatures",
    "fluorochrome_names",
    "fluorochromes",
    "marker_names",
    "problem_names",
    "similarity",
]
