"""Certificates as JSON, compressed if the name ends in ``.gz``; numbers survive bit for bit."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from pathlib import Path
from typing import Any

from panelopt.domain.certificate import Certificate
from panelopt.errors import input_error
from panelopt.io.atomic import write_bytes_atomic
from panelopt.io.documents import read_bytes, validate
from panelopt.io.json_text import parse_json
from panelopt.io.result_json import SCHEMA_DIALECT

MAX_BYTES = 200_000_000
"""Maximum size of a certificate, compressed and uncompressed."""

_GZIP = b"\x1f\x8b"


def write_certificate(certificate: Certificate, path: Path) -> None:
    """Write a certificate atomically; equal content gives identical files."""
    content = certificate.model_dump_json().encode() + b"\n"
    write_bytes_atomic(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def read_certificate(path: Path) -> Certificate:
    """Read a certificate.

    Raises:
        InputError: if the file cannot be read, is too large, is not JSON, repeats a key, or is not a certificate, with
            all faults; or if a value is not formatted as panelopt writes it.
    """
    where = str(path)
    document = parse_json(_unpacked(read_bytes(path, MAX_BYTES), where), where, unique_keys=True)
    if not isinstance(document, dict) or document.get("kind") != "certificate":
        hint = "`panelopt design ... --certificate FILE` writes one."
        raise input_error("not-a-certificate", "not a certificate", where=where, hint=hint)
    certificate = validate(Certificate, document, where)
    other = _other_form(document, certificate.model_dump(mode="json"))
    if other is not None:
        raise input_error("other-form", "not written as in a certificate", where=f"{where}: {other}")
    return certificate


def _other_form(found: Any, right: Any) -> str | None:
    """Return the location of the first difference from the canonical document, or None."""
    if isinstance(found, dict) and isinstance(right, dict):
        if found.keys() != right.keys():
            return str(min(found.keys() ^ right.keys()))
        parts = ((key, _other_form(value, right[key])) for key, value in found.items())
        return next((f"{key}{_joined(place)}" for key, place in parts if place is not None), None)
    if isinstance(found, list) and isinstance(right, list) and len(found) == len(right):
        pairs = enumerate(zip(found, right, strict=True))
        places = ((i, _other_form(*pair)) for i, pair in pairs)
        return next((f"[{i}]{_joined(place)}" for i, place in places if place is not None), None)
    same_kind = isinstance(found, bool) == isinstance(right, bool)
    return None if same_kind and found == right else ""


def _joined(place: str) -> str:
    return place if place.startswith("[") or not place else f".{place}"


def _unpacked(content: bytes, where: str) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise input_error("gzip", "the compressed file is damaged", where=where) from None
    if len(unpacked) > MAX_BYTES:
        raise input_error("file-too-large", f"the file has more than {MAX_BYTES:,} bytes unpacked", where=where)
    return unpacked


def certificate_schema() -> dict[str, Any]:
    """Return the JSON Schema of certificates (draft 2020-12)."""
    return {"$schema": SCHEMA_DIALECT, **Certificate.model_json_schema(mode="serialization")}


def certificate_schema_json() -> str:
    """Return the text of the shipped file ``panelopt/schemas/certificate.schema.json``."""
    return json.dumps(certificate_schema(), indent=2, sort_keys=True) + "\n"
