"""Find, show, import and compare fluorochromes."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.io.fluorochrome_files import fluorochromes_toml as fluorochromes_toml
    from panelopt.io.signature_files import signatures_toml as signatures_toml
    from panelopt.registry import find_fluorochrome as find_fluorochrome
    from panelopt.registry import fluorochrome_files as fluorochrome_files
    from panelopt.registry import fluorochrome_findings as fluorochrome_findings
    from panelopt.registry import fluorochromes as fluorochromes
    from panelopt.registry import similarity as similarity
    from panelopt.registry.control_imports import import_controls as import_controls
    from panelopt.registry.control_imports import with_noise as with_noise
    from panelopt.registry.imports import OWN_FAMILY as OWN_FAMILY
    from panelopt.registry.imports import import_kind as import_kind
    from panelopt.registry.imports import import_library as import_library
    from panelopt.registry.imports import import_spectra as import_spectra
    from panelopt.registry.imports import import_spillover as import_spillover
    from panelopt.report.listings import dye_text as dye_text
    from panelopt.report.listings import dyes_text as dyes_text
    from panelopt.report.listings import with_origin as with_origin
    from panelopt.report.similarity_text import similarity_csv as similarity_csv
    from panelopt.report.similarity_text import similarity_json as similarity_json
    from panelopt.report.similarity_text import similarity_text as similarity_text

__getattr__, __all__ = lazily(__name__)
