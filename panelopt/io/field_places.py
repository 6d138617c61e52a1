"""Where the keys of a document belong, for hints about unknown ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from pydantic import BaseModel

from panelopt.errors import did_you_mean
from panelopt.frozen import dataclass


@dataclass(frozen=True, slots=True)
class FieldPlaces:
    """The keys of a document by table.

    Attributes:
        keys: Keys of each table; the document itself is the table without a name.
        lists: Tables that are lists, as ``[[marker]]``.
    """

    keys: dict[str, tuple[str, ...]]
    lists: frozenset[str]

    @classmethod
    def of(cls, model: type[BaseModel]) -> FieldPlaces:
        """Return the keys of a document's class."""
        return _places(model)

    def hint(self, path: Sequence[object], value: object) -> str:
        """Return what may be meant by an unknown key.

        A similar key of the same table, or the table to which the key or the content of its table belongs.

        Args:
            path: Names and numbers that lead to the key.
            value: What stands under the key.
        """
        *parents, last = path
        table, name = ".".join(str(part) for part in parents if isinstance(part, str)), str(last)
        if similar := did_you_mean(name, self.keys.get(table, ())):
            return similar
        homes = [self._shown(home) for home, keys in self.keys.items() if name in keys and home != table]
        if homes:
            return f"It belongs in {' or '.join(homes[:2])}."
        if isinstance(value, dict):
            homes = [self._shown(home) for home, keys in self.keys.items() if value and value.keys() <= set(keys)]
            return f"Its keys belong in {homes[0]}." if homes else ""
        known = sorted({key for keys in self.keys.values() for key in keys})
        return did_you_mean(name, known)

    def _shown(self, table: str) -> str:
        if not table:
            return "the file itself, above all tables"
        return f"[[{table}]]" if table in self.lists else f"[{table}]"


@cache
def _places(model: type[BaseModel]) -> FieldPlaces:
    keys: dict[str, tuple[str, ...]] = {}
    lists: set[str] = set()
    todo: list[tuple[str, type[BaseModel], tuple[type[BaseModel], ...]]] = [("", model, ())]
    while todo:
        table, current, parents = todo.pop(0)
        keys[table] = (*keys.get(table, ()), *(field.alias or name for name, field in current.model_fields.items()))
        for name, field in current.model_fields.items():
            for inner in _models_in(field.annotation):
                if inner not in (*parents, current):
                    place = f"{table}.{name}".lstrip(".")
                    todo.append((place, inner, (*parents, current)))
                    if any(word in str(field.annotation) for word in ("tuple[", "list[")):
                        lists.add(place)
    return FieldPlaces(keys, frozenset(lists))


def _models_in(annotation: object) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
