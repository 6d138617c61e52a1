"""Defaults that are records, which are made without being validated."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import panelopt.domain
from panelopt.domain.base import Record
from panelopt.domain.problem_record import DEFAULT_LEVELS, Level


def _records(parent: type[Record] = Record) -> Iterator[type[Record]]:
    for record in parent.__subclasses__():
        yield record
        yield from _records(record)


def test_default_records_are_valid() -> None:
    for module in pkgutil.iter_modules(panelopt.domain.__path__):
        importlib.import_module(f"panelopt.domain.{module.name}")
    defaults = [field.default for record in _records() for field in record.model_fields.values()]
    records = [default for default in defaults if isinstance(default, Record)]
    assert len(records) > 8
    for default in records:
        assert repr(default) == repr(type(default)())
        assert default.model_fields_set == set()


def test_default_levels_are_valid() -> None:
    for level in DEFAULT_LEVELS.values():
        assert repr(level) == repr(Level(abc=level.abc, cv=level.cv, source=level.source))
