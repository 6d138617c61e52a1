"""Find, show, import and draw cytometers."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.domain.cytometer_record import Cytometer as Cytometer
    from panelopt.io.cytometer_files import cytometer_toml as cytometer_toml
    from panelopt.io.cytometer_files import import_cytometer as import_cytometer
    from panelopt.optics.noise_terms import defaults_used as defaults_used
    from panelopt.optics.signatures import signature_matrix as signature_matrix
    from panelopt.registry import cytometer_names as cytometer_names
    from panelopt.registry import find_cytometer as find_cytometer
    from panelopt.registry import listed_cytometers as listed_cytometers
    from panelopt.registry import readable_cytometers as readable_cytometers
    from panelopt.report.instrument_drawing import brightest_detector as brightest_detector
    from panelopt.report.instrument_drawing import cytometer_picture as cytometer_picture
    from panelopt.report.listings import cytometer_text as cytometer_text
    from panelopt.report.listings import cytometers_text as cytometers_text
    from panelopt.report.listings import with_origin as with_origin

__getattr__, __all__ = lazily(__name__)
