"""Write and verify design certificates."""

from typing import TYPE_CHECKING

from panelopt.lazily import lazily

if TYPE_CHECKING:
    from panelopt.certificates.certified_design import design_certified as design_certified
    from panelopt.certificates.certified_design import write_certified as write_certified
    from panelopt.certificates.verify_certificate import VerifyOptions as VerifyOptions
    from panelopt.certificates.verify_certificate import verify as verify
    from panelopt.io.certificate_json import read_certificate as read_certificate
    from panelopt.report.verification_text import verification_text as verification_text

__getattr__, __all__ = lazily(__name__)
