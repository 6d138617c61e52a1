"""Dyes that are known to be valid, each made when it is first needed: a question needs a fifth of those shipped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from panelopt.domain.reagents import Fluorochrome


class DyesByName(Mapping[str, Fluorochrome]):
    """Valid dyes by name.

    Args:
        texts: By name, the fields of a dye as JSON.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._made: dict[str, Fluorochrome] = {}

    def __getitem__(self, name: str) -> Fluorochrome:
        if name not in self._made:
            self._made[name] = Fluorochrome.model_validate(json.loads(self._texts[name]))
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class DyeList(Sequence[Fluorochrome]):
    """Valid dyes in their order.

    Args:
        by_name: The dyes.
    """

    def __init__(self, by_name: DyesByName) -> None:
        self.by_name = by_name
        self._names = tuple(by_name)

    @overload
    def __getitem__(self, index: int) -> Fluorochrome: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Fluorochrome, ...]: ...

    def __getitem__(self, index: int | slice) -> Fluorochrome | tuple[Fluorochrome, ...]:
        if isinstance(index, slice):
            return tuple(self.by_name[name] for name in self._names[index])
        return self.by_name[self._names[index]]

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and (self is other or tuple(self) == tuple(other))

    __hash__ = None  # type: ignore[assignment]  # as dyes have none


def dyes_by_name(dyes: Sequence[Fluorochrome]) -> Mapping[str, Fluorochrome]:
    """Return dyes by name; those of a :class:`DyeList` are not made for that."""
    return dyes.by_name if isinstance(dyes, DyeList) else {dye.name: dye for dye in dyes}


def dye_text(dye: Fluorochrome) -> str:
    """Return the fields of a dye as JSON."""
    return json.dumps(dye.model_dump(mode="json", exclude_unset=True), separators=(",", ":"))
