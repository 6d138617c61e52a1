"""Hashes that identify the inputs of a result, independent of comments and key order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from panelopt.domain.base import Record
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import Fluorochrome
from panelopt.optics.measured import SignatureSet


def content_sha256(records: Iterable[Record]) -> str:
    """Return the hash of the content of some records."""
    text = "\n".join(record.model_dump_json(by_alias=True) for record in records)
    return hashlib.sha256(text.encode()).hexdigest()


def cytometer_sha256(cytometer: Cytometer) -> str:
    """Return the hash of an instrument."""
    return content_sha256([cytometer])


def fluorochromes_sha256(dyes: Iterable[Fluorochrome], autofluorescence: Fluorochrome) -> str:
    """Return the hash of the optics of all dyes and of autofluorescence."""
    return content_sha256([*dyes, autofluorescence])


def signatures_sha256(signatures: Mapping[str, tuple[SignatureSet, int]]) -> str:
    """Return the hash of measured signatures by dye; empty without any."""
    if not signatures:
        return ""
    used = (signatures[dye] for dye in sorted(signatures))
    return content_sha256([source.model_copy(update={"signature": (source.signature[i],)}) for source, i in used])
