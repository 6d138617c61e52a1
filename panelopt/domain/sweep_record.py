"""Sweeps: the specification, one cell of the grid, and one row of the table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from panelopt.domain.base import Name, NonNegative, Positive, Record, Text
from panelopt.domain.problem_record import MOST_SLACK

MAX_CELLS = 100_000
"""Most cells of a grid: a larger one is most likely a list multiplied by mistake."""

Value = TypeVar("Value")

DEFAULT: Final = "default"
"""Value of an axis that means "without this option"."""

Default = Literal["default"]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _named(value: Any) -> Any:
    return tuple((name,) if isinstance(name, str) else name for name in value) if isinstance(value, list) else value


Axis = Annotated[tuple[Value, ...], BeforeValidator(_listed), Field(min_length=1)]
"""One value, or a list of them."""

Whole = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=True)]


def _refuse_twice(name: str, values: tuple[object, ...]) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            shown = "+".join(map(str, value)) if isinstance(value, tuple) else value
            raise ValueError(f"{name} lists {shown} twice")


class SweepOptions(Record):
    """Options of the cells; each is one value or a list, and lists are multiplied."""

    max_colours: Axis[Annotated[Whole, Field(ge=1)] | Default] = (DEFAULT,)
    budget: Axis[NonNegative | Default] = (DEFAULT,)
    allow_unknown_price: Axis[Flag] = (False,)
    require_goal: Axis[Flag] = (False,)
    time_limit: Axis[Seconds] = (60.0,)
    tolerance: Axis[NonNegative] = (0.02,)
    seed: Axis[Annotated[Whole, Field(ge=0, lt=2**31)]] = (0,)
    memory_limit: Axis[Positive | Default] = (DEFAULT,)
    exclude_tandems: Axis[Flag] = (False,)
    only_inventory: Axis[Flag] = (False,)
    allow_unverified: Axis[Flag] = (False,)
    slack: Axis[Annotated[float, Field(ge=0, le=MOST_SLACK)] | Default] = (DEFAULT,)
    max_spillover: Axis[Positive | Default] = (DEFAULT,)
    today: date | None = Field(default=None, description="day on which lots must not have expired; none: of the call")

    @model_validator(mode="after")
    def _values_differ(self) -> SweepOptions:
        for name in AXES:
            _refuse_twice(name, getattr(self, name))
        if any(math.isnan(seconds) for seconds in self.time_limit):
            raise ValueError("time_limit is not a number")
        return self


AXES: tuple[str, ...] = tuple(name for name in SweepOptions.model_fields if name != "today")
"""Options that accept lists."""


class SweepSpec(Record):
    """A grid of designs: every problem on every cytometer from every choice of catalogs with every option.

    Names that contain a slash or end in ``.toml``, or are files in the folder of this one, are paths relative to it.
    """

    schema_version: Literal[1] = 1
    title: Text = ""
    problems: tuple[Name, ...] = Field(min_length=1)
    cytometers: tuple[Name, ...] = Field(min_length=1)
    catalogs: Annotated[tuple[tuple[Name, ...], ...], BeforeValidator(_named)] = Field(
        default=((),), min_length=1, description="each entry is one choice; an empty list: all that are not synthetic"
    )
    inventories: tuple[Name, ...] = Field(default=("none",), min_length=1, description="folders; none: no inventory")
    options: SweepOptions = SweepOptions.model_construct()

    @model_validator(mode="after")
    def _is_a_grid(self) -> SweepSpec:
        for name in ("problems", "cytometers", "catalogs", "inventories"):
            _refuse_twice(name, getattr(self, name))
        if self.size > MAX_CELLS:
            raise ValueError(f"the grid has {self.size:,} cells, more than {MAX_CELLS:,}")
        return self

    @property
    def size(self) -> int:
        """Number of cells."""
        named = (self.problems, self.cytometers, self.catalogs, self.inventories)
        return math.prod(map(len, (*named, *(getattr(self.options, name) for name in AXES))))


class CellOptions(Record):
    """Options of one cell; null: as without this option."""

    max_colours: int | None = None
    budget: float | None = None
    allow_unknown_price: bool = False
    require_goal: bool = False
    time_limit_s: float | None = None
    tolerance: float = 0.02
    seed: int = 0
    memory_limit_mb: float | None = None
    exclude_tandems: bool = False
    only_inventory: bool = False
    allow_unverified: bool = False
    slack: float | None = None
    max_spillover: float | None = None
    today: date | None = None


class SweepCell(Record):
    """One design of a grid, as named in the specification."""

    problem: str
    cytometer: str
    catalogs: tuple[str, ...]
    inventory: str | None
    options: CellOptions

    @property
    def label(self) -> str:
        """What distinguishes this cell, in one line."""
        choice = "+".join(self.catalogs) or "all catalogs"
        given = self.options.model_dump(exclude_defaults=True, exclude={"time_limit_s", "today"})
        extra = [f"{name}={value}" for name, value in given.items()]
        return ", ".join([self.problem, self.cytometer, choice, *filter(None, [self.inventory]), *extra])


class Fingerprint(Record):
    """SHA-256 hashes of all inputs of a cell besides its options; empty if unreadable."""

    panelopt_version: str
    problem_sha256: str = ""
    cytometer_sha256: str = ""
    catalogs_sha256: str = ""
    dyes_sha256: str = ""


Count = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""An integer that fits into the tables."""


class CellRow(Record):
    """One row of the table of a sweep; unknown values are null.

    Log ratios are log10; seconds are wall time, of the whole cell and of the search in it.
    """

    cell: str = Field(description="hash of all inputs; name of the cell's files")
    problem: str
    cytometer: str
    catalogs: str
    inventory: str | None
    max_colours: Count | None
    budget: float | None
    allow_unknown_price: bool
    require_goal: bool
    time_limit_s: float | None
    tolerance: float
    seed: Count
    memory_limit_mb: float | None
    exclude_tandems: bool
    only_inventory: bool
    allow_unverified: bool
    slack: float | None
    max_spillover: float | None
    today: date | None
    panelopt_version: str
    problem_sha256: str
    cytometer_sha256: str
    catalogs_sha256: str
    dyes_sha256: str
    status: Literal["optimal", "feasible", "infeasible", "unknown", "failed"]
    worst_log_ratio: float | None = None
    sum_log_ratio: float | None = None
    bound_worst_log_ratio: float | None = None
    bound_sum_log_ratio: float | None = None
    gap_worst_log_ratio: float | None = None
    gap_sum_log_ratio: float | None = None
    colours: Count | None = None
    price: float | None = None
    shipping: float | None = None
    currency: str | None = None
    unknown_prices: Count | None = None
    panel: str | None = None
    conflicts: str | None = None
    clock_free: bool = False
    seconds: float = 0.0
    solver_seconds: float | None = None
    error: str | None = None


WALL_TIMES: tuple[str, ...] = ("seconds", "solver_seconds", "clock_free")
"""Columns that depend on the speed of the machine; all others of a clock-free row are reproducible."""


class SweepSummary(Record):
    """Progress of a sweep."""

    schema_version: Literal[1] = 1
    kind: Literal["sweep"] = "sweep"
    folder: str
    cells: int = Field(description="cells of the grid")
    status: dict[str, int] = Field(description="finished cells, by status")
    missing: int = Field(description="unfinished cells")
    ran: int = Field(default=0, description="cells finished in this call")
    outdated: int = Field(default=0, description="cells in the folder that the specification no longer asks for")
    seconds: float = Field(default=0.0, description="total wall time of the finished cells")
    interrupted: bool = False
    failures: tuple[CellRow, ...] = ()

    @property
    def left_s(self) -> float | None:
        """Wall time of the missing cells on one core, if they are like the others; None if none has finished."""
        ended = self.cells - self.missing
        return self.seconds / ended * self.missing if ended else None


_FIELD = {"time_limit": "time_limit_s", "memory_limit": "memory_limit_mb"}


def cells_of(spec: SweepSpec, today: date) -> Iterator[SweepCell]:
    """Yield the cells of a grid, the last option varying fastest.

    Args:
        spec: The grid.
        today: Day for lots of an inventory where the grid names none; without an inventory no day matters.
    """
    named = product(spec.problems, spec.cytometers, spec.catalogs, spec.inventories)
    values = tuple(product(*(getattr(spec.options, name) for name in AXES)))
    for problem, cytometer, catalogs, inventory in named:
        stock = None if inventory == "none" else inventory
        day = (spec.options.today or today) if stock else None
        for chosen in values:
            given = {_FIELD.get(n, n): v for n, v in zip(AXES, chosen, strict=True) if v not in (DEFAULT, math.inf)}
            options = CellOptions(**given, today=day)
            yield SweepCell(problem=problem, cytometer=cytometer, catalogs=catalogs, inventory=stock, options=options)
