"""A certificate: a panel, the claims about it, and everything needed to check the proof again.

Options are numbered by position in ``options``; views are the targets in the order of the populations (in marker lists,
the markers); sides are 0 above, 1 below, 2 between; log ratios are log10.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from panelopt.domain.base import Record, Text
from panelopt.domain.demands import Demands
from panelopt.domain.instance_numbers import Index, InstanceNumbers
from panelopt.domain.result import Bound, CatalogUse, SolveStatus

Side = Annotated[int, Field(ge=0, le=2)]
Key = Annotated[int, Field(ge=-1, lt=100_000, description="marker; -1: the dump")]
MAX_LOG = 1e6
"""Largest log ratio, far above any real one; in model steps it fits into 64 bits."""

Log = Annotated[float, Field(ge=-MAX_LOG, le=MAX_LOG)]
Panel = tuple[Index, ...]


class AskedQuestion(Record):
    """Names and hashes of the question; the last hash is empty without measured signatures."""

    problem: Text
    problem_sha256: Text
    cytometer: Text
    cytometer_sha256: Text
    fluorochromes_sha256: Text
    signatures_sha256: Text
    catalogs: tuple[CatalogUse, ...]
    demands: Demands


class OptionNumbers(Record):
    """A slot that a panel may hold: markers, dye and detector of the instance."""

    markers: Annotated[tuple[Index, ...], Field(min_length=1)]
    dye: Index
    detector: Index


class ScoredPanel(Record):
    """A panel with its exact score."""

    panel: Panel
    worst: Log
    total: Log


class OwnBounds(Record):
    """Bounds on the claims of slots at their own noise, for one view.

    ``values`` has one line per option: by side, then by contaminant. All other options claim nothing.
    """

    options: Panel
    values: tuple[tuple[Log, ...], ...]


class LoweredBounds(Record):
    """Lowered bounds on all claims of the slots of one marker; lines as in :class:`OwnBounds`."""

    view: Index
    key: Key
    members: Panel
    values: tuple[tuple[Log, ...], ...]


class CutNumbers(Record):
    """With one option of each group of `fixed` in the panel and `dark` unused, a claim is at most `base`.

    `reduction`: by option, how much less when it joins; `unused`: a detector, and how much less when nothing uses it.
    """

    gate: tuple[Index, Key, Side]
    contaminant: Index
    fixed: Annotated[tuple[Annotated[Panel, Field(min_length=1)], ...], Field(min_length=1)]
    dark: tuple[Index, ...]
    base: Log
    reduction: tuple[tuple[Index, Log], ...]
    unused: tuple[Index, Log] | None


class Certificate(Record):
    """All claims, and their proof."""

    kind: Literal["certificate"] = "certificate"
    schema_version: Literal[1] = 1
    panelopt_version: Text
    question: AskedQuestion
    instance_sha256: Text
    instance: InstanceNumbers
    tolerance: Annotated[float, Field(ge=0, le=1e3)]
    status: SolveStatus
    options: tuple[OptionNumbers, ...]
    reported: ScoredPanel | None = Field(description="the panel of the result")
    gates: tuple[tuple[tuple[Index, Side], ...], ...] = Field(description="by view: option and side")
    best_worst: ScoredPanel | None = Field(description="a panel with the best value of objective 1")
    best_total: ScoredPanel | None = Field(
        description="the panel with the best value of objective 2 above the floor; that of the result is as good"
    )
    floor: Log | None = Field(description="least objective 1 of panels that count for objective 2")
    bound: Bound
    own_limits: tuple[OwnBounds, ...]
    lowered: tuple[LoweredBounds, ...]
    rows: tuple[CutNumbers, ...]
    capped: tuple[ScoredPanel, ...] = Field(description="panels whose objectives are bounded by their exact score")
    forbidden: tuple[Panel, ...] = Field(description="panels that are not allowed or are below the floor")

    @field_validator("bound")
    @classmethod
    def _is_a_log_ratio(cls, value: Bound) -> Bound:
        for bound in (value.worst_log_ratio, value.sum_log_ratio):
            if bound is not None and abs(bound) > MAX_LOG:
                raise ValueError(f"a bound is beyond {MAX_LOG:g}")
        return value
