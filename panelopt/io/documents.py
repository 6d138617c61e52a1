"""Reads TOML documents into validated objects, and reports every fault of a file at once."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError

from panelopt.errors import Finding, InputError, input_error
from panelopt.io.field_places import FieldPlaces
from panelopt.io.file_kinds import TOML, missing_file, packed_kind, refuse_other_document, refuse_other_kind
from panelopt.io.plain_faults import plain_message, remedy
from panelopt.io.schema_versions import current
from panelopt.io.toml_keys import MAX_PARTS, has_long_key

MAX_TOML_BYTES = 8_000_000
"""Maximum size of a TOML file."""

MAX_FAULTS = 500
"""Maximum number of faults listed per document."""

_CHUNK = 1 << 20
_TABLES_AND_DOCUMENTS = "Problems and cytometers are TOML files; panels, catalogs and inventories are tables (CSV)."
_AT_LINE = re.compile(r"\(at line (\d+), column")
_DECIMAL_COMMA = re.compile(r"=\s*[-+]?\d+,\d")

MAX_SHOWN = 90
"""Characters shown of a faulty line."""

Model = TypeVar("Model", bound=BaseModel)


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """Return the content of a file.

    Raises:
        InputError: if the file is missing, unreadable, or larger than ``max_bytes``.
    """
    with opened(path) as file:
        return content_of(file, max_bytes, str(path))


def content_of(file: BinaryIO, max_bytes: int, where: str) -> bytes:
    """Return the content of an open file; ``where`` is its name for messages.

    Raises:
        InputError: if it is larger than ``max_bytes``.
    """
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:  # checked after reading: devices and pipes have no size
        raise input_error("file-too-large", f"the file has more than {max_bytes:,} bytes", where=where)
    return content


@contextlib.contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be read.

    Raises:
        InputError: if the file is missing or unreadable.
    """
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise missing_file(path) from None
    except IsADirectoryError:
        raise input_error("not-a-file", "this is a folder, not a file", where=str(path)) from None
    except OSError as error:
        raise input_error("unreadable-file", error.strerror or "cannot be read", where=str(path)) from None


def decoded(content: bytes, where: str) -> str:
    """Return the text of a UTF-8 file, without a byte-order mark.

    Raises:
        InputError: if it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(error.start, where) from None


def check_utf8(content: bytes, where: str) -> None:
    """Check that content is UTF-8, without keeping the text.

    Raises:
        InputError: if it is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    for begin in range(start, len(content), _CHUNK):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(content[begin : begin + _CHUNK], final=begin + _CHUNK >= len(content))
        except UnicodeDecodeError as error:
            raise _not_utf8(begin - start - held + error.start, where) from None


def _not_utf8(place: int, where: str) -> InputError:
    return input_error("encoding", f"byte {place} is not UTF-8", where=where, hint="Save the file as UTF-8.")


def read_text(path: Path, max_bytes: int) -> str:
    """Return the UTF-8 text of a file.

    Raises:
        InputError: if the file is missing, unreadable, larger than ``max_bytes``, or not UTF-8.
    """
    return decoded(read_bytes(path, max_bytes), str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file as plain Python objects.

    Raises:
        InputError: if the file cannot be read or is not TOML.
    """
    return parse_toml(read_bytes(path, MAX_TOML_BYTES), str(path))


def parse_toml(content: bytes, where: str) -> dict[str, Any]:
    """Return the content of a TOML document as plain Python objects.

    Raises:
        InputError: if it is not TOML in UTF-8.
    """
    if packed_kind(content):
        refuse_other_kind(content, TOML, where, _TABLES_AND_DOCUMENTS)
    text = decoded(content, where)
    if has_long_key(text):
        raise input_error("toml-syntax", f"a key has more than {MAX_PARTS} parts", where=where)
    import tomllib  # not needed where the content is known from an earlier run

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        refuse_other_kind(text, TOML, where, _TABLES_AND_DOCUMENTS)
        hint = _syntax_hint(text, str(error))
        raise input_error("toml-syntax", f"not valid TOML: {error}", where=where, hint=hint) from None
    except ValueError:  # raised by Python, not by the TOML parser
        raise input_error("toml-syntax", "a number has too many digits", where=where) from None
    except RecursionError:
        raise input_error("toml-syntax", "tables are nested too deeply", where=where) from None


def _syntax_hint(text: str, message: str) -> str:
    """Return the line that is wrong, and what is the matter with a decimal comma."""
    found = _AT_LINE.search(message)
    lines = text.splitlines()
    if found is None or not 0 < int(found.group(1)) <= len(lines):
        return ""
    line = lines[int(found.group(1)) - 1]
    if _DECIMAL_COMMA.search(line):
        return f"Write numbers with a decimal point. The line is: {_short_text(line.strip())}"
    return f"The line is: {_short_text(line.strip())}"


def validate(model: type[Model], data: Mapping[str, Any], where: str) -> Model:
    """Build ``model`` from ``data``; raise all faults together.

    Args:
        model: Class to build.
        data: Content of the document.
        where: File name for messages.

    Raises:
        InputError: with one finding per fault, naming key and value; or only one for an unknown schema version.
    """
    content = current(model, data, where)
    refuse_other_document(model, content, where)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(validation_findings(error, where, model)) from None


def validation_findings(error: ValidationError, where: str, model: type[BaseModel]) -> Iterable[Finding]:
    """Yield one finding per fault in ``error``, with its key and value."""
    seen: set[tuple[str, str]] = set()
    for item in error.errors(include_url=False):
        if item["type"] == "too_short" and item["ctx"]["actual_length"] < len(item["input"]):
            continue  # a consequence of faulty entries, which were not counted
        path = [part for part in item["loc"] if not _is_union_branch(part)]
        key, message = _key(path), plain_message(item)
        if (key, message) in seen:
            continue
        if len(seen) == MAX_FAULTS:
            yield Finding("more-faults", f"of {error.error_count()} faults more are not listed", where)
            return
        seen.add((key, message))
        hint = FieldPlaces.of(model).hint(path, item["input"]) if item["type"] == "extra_forbidden" else remedy(item)
        yield Finding(item["type"].replace("_", "-"), message, f"{where}: {key}" if key else where, hint)


def _is_union_branch(part: object) -> bool:
    # pydantic names the branch of a union in the location; it means nothing to the writer of the file
    return isinstance(part, str) and (part.startswith(("literal[", "function-", "constrained-")) or part == "Level")


def _key(parts: Iterable[object]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


def _short_text(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
