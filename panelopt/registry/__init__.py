"""Finds shipped, plug-in and local cytometers, fluorochromes, problems and marker names."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.registry.cytometer_sources import cytometer_file as cytometer_file
    from panelopt.registry.cytometer_sources import cytometer_names as cytometer_names
    from panelopt.registry.cytometer_sources import find_cytometer as find_cytometer
    from panelopt.registry.cytometer_sources import readable_cytometers as readable_cytometers
    from panelopt.registry.dye_sources import autofluorescence as autofluorescence
    from panelopt.registry.dye_sources import find_fluorochrome as find_fluorochrome
    from panelopt.registry.dye_sources import fluorochrome_files as fluorochrome_files
    from panelopt.registry.dye_sources import fluorochrome_findings as fluorochrome_findings
    from panelopt.registry.dye_sources import fluorochrome_names as fluorochrome_names
    from panelopt.registry.dye_sources import fluorochromes as fluorochromes
    from panelopt.registry.listed import listed_cytometers as listed_cytometers
    from panelopt.registry.listed import listed_problems as listed_problems
    from panelopt.registry.marker_aliases import marker_names as marker_names
    from panelopt.registry.measured_signatures import Measured as Measured
    from panelopt.registry.measured_signatures import find_signatures as find_signatures
    from panelopt.registry.measured_signatures import similarity as similarity
    from panelopt.registry.plugged_files import SourceFile as SourceFile
    from panelopt.registry.plugins import CATALOG_GROUP as CATALOG_GROUP
    from panelopt.registry.plugins import CYTOMETER_GROUP as CYTOMETER_GROUP
    from panelopt.registry.plugins import FLUOROCHROME_GROUP as FLUOROCHROME_GROUP
    from panelopt.registry.shipped import FoundProblem as FoundProblem
    from panelopt.registry.shipped import find_problem as find_problem
    from panelopt.registry.shipped import problem_names as problem_names
    from panelopt.registry.shipped import shipped_problems as shipped_problems
    from panelopt.registry.shipped import unknown_markers as unknown_markers

__getattr__, __all__ = lazily(__name__)
