"""Versions of file formats: rejects newer files and upgrades older ones.

A format is a class with a field ``schema_version``, whose type lists the versions that are read unchanged. An
incompatible change raises the version and adds a step to :data:`STEPS`, also for formats that contain the changed one
(alternatives contain results).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from panelopt.errors import input_error

Step = Callable[[Mapping[str, Any]], Mapping[str, Any]]

STEPS: dict[tuple[str, int], Step] = {}
"""Upgrade steps by class name and version: each returns the content in the next version, with its ``schema_version``.

Empty, because each format has had only one version.
"""


def current(
    model: type[BaseModel], data: Mapping[str, Any], where: str, steps: Mapping[tuple[str, int], Step] = STEPS
) -> Mapping[str, Any]:
    """Return file content in the newest version of its format.

    Content without an integer version is left to the format itself.

    Args:
        model: The format.
        data: Content of the file.
        where: File name for messages.
        steps: Upgrade steps.

    Raises:
        InputError: if the version is newer than supported, or too old to upgrade.
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
        hint = "Install a newer panelopt, or write the file with this version."
    else:
        message, hint = f"schema_version {version} is not known", f"This program reads {newest}."
    return input_error("schema-version", message, where=f"{where}: schema_version", hint=hint)
