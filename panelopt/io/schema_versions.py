"""Versions of file formats: what newer files are told, and how older ones are brought up to date.

A format is a class with a field ``schema_version``; the versions that the field admits are those that are read as they
are. A change that old files do not fit raises the version and adds a step to :data:`STEPS`; formats that hold another
one (alternatives hold results) are raised with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from panelopt.errors import input_error

Step = Callable[[Mapping[str, Any]], Mapping[str, Any]]

STEPS: dict[tuple[str, int], Step] = {}
"""By name of the class and version: makes the content of a file of the next version, ``schema_version`` included.

Empty, as each format has had one version so far.
"""


def current(
    model: type[BaseModel], data: Mapping[str, Any], where: str, steps: Mapping[tuple[str, int], Step] = STEPS
) -> Mapping[str, Any]:
    """Return the content of a file in the newest version of its format.

    What names no version, or none that is a whole number, is left to the format itself.

    Args:
        model: The format.
        data: Content of the file.
        where: File name for the message.
        steps: From each version to the next.

    Raises:
        InputError: if the file is newer than this program, or older than what it can bring up to date.
    """
    field = model.model_fields.get("schema_version")
    known = get_args(field.annotation) if field is not None else ()
    version = data.get("schema_version")
    if not known or isinstance(version, bool) or not isinstance(version, int):
        return data
    while version not in known:
        step = steps.get((model.__name__, version))
        if step is None:
            raise _unknown(version, max(known), where)
        data = step(data)
        version += 1
    return data


def _unknown(version: int, newest: int, where: str) -> Exception:
    if version > newest:
        message = f"schema_version {version} is newer than this program, which reads up to {newest}"
        hint = "Install a newer panelopt, or have the file written by this one."
    else:
        message, hint = f"schema_version {version} is not known", f"This program reads {newest}."
    return input_error("schema-version", message, where=f"{where}: schema_version", hint=hint)
