"""Fluorochrome files: one TOML file per commercial family.

    schema_version = 1
    family = "Brilliant Violet"
    note = ".."
    sources = [".."]

    [[fluorochrome]]
    name = "BV421"
    excitation = { 405 = 1.0, 488 = 0.0 }
    emission = [ { peak_nm = 422, left_nm = 9, right_nm = 14, weight = 0.6 }, .. ]
    ..

The family and, where a dye names none, the sources of the file hold for each of its dyes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from panelopt.domain.base import Name, Record, Text, repeated
from panelopt.domain.reagents import Brightness, Fluorochrome
from panelopt.io.documents import read_toml, validate
from panelopt.io.schema_versions import current


class FluorochromeFile(Record):
    """Content of one fluorochrome file."""

    schema_version: Literal[1]
    family: Name
    note: Text = ""
    sources: tuple[Text, ...] = ()
    fluorochrome: tuple[Fluorochrome, ...] = Field(min_length=1)

    @field_validator("fluorochrome")
    @classmethod
    def _names_are_unique(cls, value: tuple[Fluorochrome, ...]) -> tuple[Fluorochrome, ...]:
        owner: dict[str, str] = {}
        for dye in value:
            for spelling in (dye.name, *dye.aliases):
                other = owner.setdefault(spelling.casefold(), dye.name)
                if other != dye.name:
                    raise ValueError(f"{spelling} stands for both {other} and {dye.name}")
        for name in repeated(dye.name for dye in value):
            raise ValueError(f"{name} is listed twice")
        return value


def read_fluorochromes(path: Path) -> tuple[Fluorochrome, ...]:
    """Read the dyes of one TOML file.

    Args:
        path: The file.

    Returns:
        The dyes in the order of the file, each with the family and the sources of the file.

    Raises:
        InputError: if the file cannot be read or is wrong; with one finding for every fault.
    """
    return parse_fluorochromes(read_toml(path), str(path))


def parse_fluorochromes(content: Mapping[str, Any], where: str) -> tuple[Fluorochrome, ...]:
    """Return the dyes of the content of a file; see :func:`read_fluorochromes`.

    Args:
        content: Content of the file.
        where: File name for messages.
    """
    data = current(FluorochromeFile, content, where)
    tables = data.get("fluorochrome")
    if isinstance(tables, list):
        inherited: dict[str, Any] = {key: data[key] for key in ("family", "sources") if key in data}
        data = {**data, "fluorochrome": [_inherit(table, inherited) for table in tables]}
    return validate(FluorochromeFile, data, where).fluorochrome


def _inherit(table: object, inherited: Mapping[str, Any]) -> object:
    return {**inherited, **table} if isinstance(table, dict) else table


def fluorochromes_toml(dyes: Iterable[Fluorochrome], family: str, note: str = "", sources: Iterable[str] = ()) -> str:
    """Return the text of a fluorochrome file; :func:`read_fluorochromes` gives the same dyes back.

    Args:
        dyes: At least one dye.
        family: Family of the file; dyes of another family name their own.
        note: Remark on the whole file.
        sources: Sources that hold for each dye; dyes with other sources name their own.
    """
    shared = tuple(sources)
    lines = ["schema_version = 1", f"family = {_quoted(family)}"]
    if note:
        lines.append(f"note = {_quoted(note)}")
    if shared:
        lines.append(f"sources = {_strings(shared)}")
    for dye in dyes:
        lines += ["", "[[fluorochrome]]", *_dye_lines(dye, family, shared)]
    return "\n".join(lines) + "\n"


def _dye_lines(dye: Fluorochrome, family: str, sources: tuple[str, ...]) -> Iterable[str]:
    yield f"name = {_quoted(dye.name)}"
    if dye.aliases:
        yield f"aliases = {_strings(dye.aliases)}"
    if dye.family != family:
        yield f"family = {_quoted(dye.family)}"
    yield f"kind = {_quoted(dye.kind)}"
    if dye.use != "antibody":
        yield f"use = {_quoted(dye.use)}"
    for key in ("donor", "acceptor", "note"):
        if getattr(dye, key):
            yield f"{key} = {_quoted(getattr(dye, key))}"
    if dye.fragile:
        yield f"fragile = {_strings(dye.fragile)}"
    if dye.sources != sources:
        yield f"sources = {_strings(dye.sources)}"
    if dye.brightness is not None:
        yield from _optics_lines(dye, dye.brightness)


def _optics_lines(dye: Fluorochrome, bright: Brightness) -> Iterable[str]:
    yield "excitation = { " + ", ".join(f"{line} = {_number(value)}" for line, value in dye.excitation.items()) + " }"
    yield "emission = ["
    for peak in dye.emission:
        parts = [f"{key} = {_number(getattr(peak, key))}" for key in ("peak_nm", "left_nm", "right_nm", "weight")]
        if peak.origin:
            parts.append(f"origin = {_quoted(peak.origin)}")
        yield "  { " + ", ".join(parts) + " },"
    yield "]"
    if dye.donor_leak:
        yield (
            "donor_leak = { " + ", ".join(f"{line} = {_number(value)}" for line, value in dye.donor_leak.items()) + " }"
        )
    parts = [
        f"photoelectrons_per_antibody = {_number(bright.photoelectrons_per_antibody)}",
        f"origin = {_quoted(bright.origin)}",
    ]
    if bright.source:
        parts.append(f"source = {_quoted(bright.source)}")
    yield "brightness = { " + ", ".join(parts) + " }"


def _quoted(text: str) -> str:
    # a TOML basic string is a JSON string, except that TOML forbids a raw delete character
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _strings(texts: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(text) for text in texts) + "]"


def _number(value: float) -> str:
    # repr keeps every digit, so that a file reads back equal; whole numbers lose their ".0"
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
