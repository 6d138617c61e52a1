"""Frozen classes behave as those of the standard decorator."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from panelopt.frozen import dataclass


def _shapes(decorator: Callable[..., Any]) -> list[Any]:
    """Return classes of every kind that the library has."""

    @decorator(frozen=True, slots=True)
    class Plain:
        """Two fields and a default."""

        dye: str
        width_nm: float
        note: str = ""

        @property
        def half_nm(self) -> float:
            return self.width_nm / 2

    @decorator(frozen=True, slots=True)
    class Single:
        names: tuple[str, ...]

    @decorator(frozen=True, slots=True)
    class Counted:
        lines: tuple[int, ...]
        known: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
        total: int = field(init=False)
        seen: list[int] = field(default_factory=list, init=False)
        fixed: int = field(default=7, init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", sum(self.lines))

        def __str__(self) -> str:
            return f"{self.total} lines"

    @decorator(frozen=True, slots=True, eq=False)
    class Identical:
        values: list[int]

    @decorator(frozen=True, slots=True)
    class Own:
        value: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 5

        def __repr__(self) -> str:
            return "own"

    @decorator(frozen=True, slots=True)
    class OwnEqual:
        value: int
        note: list[str] = field(default_factory=list, hash=False)

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self)) and self.value == other.value

    @decorator(frozen=True, slots=True)
    class Heir(Plain):
        lot: str = "7"

    @decorator(frozen=True, slots=True)
    class Empty:
        """Nothing."""

    @decorator(slots=True)
    class Open:
        count: int = 0

    return [Plain, Single, Counted, Identical, Own, OwnEqual, Heir, Empty, Open]


ARGUMENTS: list[tuple[Any, ...]] = [
    ("PE", 30.0), (("PE",),), ((1, 2), {"a": 1}), ([1],), (3,), (4, ["a"]), ("PE", 30.0), (), (2,)
]  # fmt: skip
PAIRS = list(zip(_shapes(dataclass), _shapes(dataclasses.dataclass), ARGUMENTS, strict=True))
Plain = PAIRS[0][0]


@pytest.mark.parametrize(("ours", "standard", "arguments"), PAIRS, ids=[pair[1].__name__ for pair in PAIRS])
def test_what_a_class_does_is_what_the_standard_one_does(ours: Any, standard: Any, arguments: tuple[Any, ...]) -> None:
    one, other = ours(*arguments), standard(*arguments)
    assert repr(one) == repr(other)
    assert str(one) == str(other)
    assert dataclasses.asdict(one) == dataclasses.asdict(other)
    assert (one == ours(*arguments)) == (other == standard(*arguments))
    assert one != other or standard.__name__ == "Own"
    assert _hash(one) == _hash(other) or standard.__name__ == "Identical"
    assert inspect.signature(ours).parameters.keys() == inspect.signature(standard).parameters.keys()
    assert (ours.__slots__, ours.__match_args__) == (standard.__slots__, standard.__match_args__)
    assert not hasattr(one, "__dict__")
    assert dataclasses.asdict(copy.deepcopy(one)) == dataclasses.asdict(other)
    assert [f.name for f in dataclasses.fields(one)] == [f.name for f in dataclasses.fields(other)]
    for shown in ("frozen", "eq", "repr", "init", "order"):
        assert getattr(ours.__dataclass_params__, shown) == getattr(standard.__dataclass_params__, shown)


def _hash(thing: object) -> object:
    try:
        return hash(thing)
    except TypeError as error:
        return str(error)


def test_fields_cannot_be_changed() -> None:
    dye = Plain("PE", 30.0)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'dye'"):
        dye.dye = "APC"
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'dye'"):
        del dye.dye
    assert dataclasses.replace(dye, dye="APC") == Plain("APC", 30.0)
    assert dye.half_nm == 15.0


@dataclass(frozen=True, slots=True)
class Travelling:
    """Pickled by its name."""

    name: str
    number: int = 2


def test_objects_are_pickled() -> None:
    assert pickle.loads(pickle.dumps(Travelling("PE"))) == Travelling("PE")  # noqa: S301  made here


@pytest.mark.parametrize(("arguments", "named"), [((), {}), (("PE", 1.0, "", 4), {}), (("PE", 1.0), {"colour": "red"})])
def test_wrong_arguments_are_refused(arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="__init__"):
        Plain(*arguments, **named)
