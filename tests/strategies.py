"""Hypothesis strategies for domain objects."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from panelopt.domain.problem_record import Level, Problem
from panelopt.domain.reagents import Catalog, Conjugate
from panelopt.domain.result import Result
from tests import builders

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(
    str.strip
)
"""Any name that a file may hold, also markup, right-to-left writing and emoji."""

hostile_texts = st.one_of(
    st.sampled_from(["[bold red]x[/]", "\x1b[31mred", "a\u202eb", "=1+1", "\x00", "x\ny", "[/nope]", "\u2028"]),
    st.text(max_size=40),
)
"""Texts that try to steer a terminal, a markup renderer or a spreadsheet."""

level_words = st.sampled_from(["-", "low", "dim", "mid", "bright", "very_bright"])
fractions = st.floats(1e-6, 1.0, allow_nan=False)
log_ratios = st.floats(-10, 10, allow_nan=False)
prices = st.none() | st.floats(0, 1e5, allow_nan=False)


def levels() -> SearchStrategy[Level]:
    """Antigen levels from none to a million antibodies a cell."""
    return st.builds(
        Level, abc=st.floats(0, 1e6), cv=st.floats(0, 2), low=st.none(), high=st.none(), source=st.just("")
    )


@st.composite
def conjugates(draw: st.DrawFn, markers: tuple[str, ...] = builders.MARKERS) -> Conjugate:
    """Products for some markers on the dyes of the builders."""
    marker, dye = draw(st.sampled_from(markers)), draw(st.sampled_from(list(builders.DYES)))
    number = draw(st.integers(0, 10**6))
    price = draw(prices)
    return builders.conjugate(marker, dye, catalog_number=str(number), price=price, currency="EUR" if price else "")


def catalogs(min_size: int = 0, max_size: int = 12) -> SearchStrategy[Catalog]:
    """Catalogs of products that differ from one another."""
    products = st.lists(conjugates(), min_size=min_size, max_size=max_size, unique_by=lambda c: c.product_id)
    return products.map(lambda found: builders.catalog(conjugates=tuple(found)))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Problems with one or two targets, one or two contaminants and the markers of the builders."""
    roles = ["target"] * draw(st.integers(1, 2)) + ["contaminant"] * draw(st.integers(1, 2))
    weights = [draw(st.floats(1e-5, 1.0)) for _ in roles]
    populations = [
        {
            "name": f"{role}-{index}",
            "role": role,
            "frequency": weight / sum(weights),
            "autofluorescence": draw(st.floats(0, 5)),
            "levels": {marker: draw(level_words) for marker in builders.MARKERS if draw(st.integers(0, 5))},
        }
        for index, (role, weight) in enumerate(zip(roles, weights, strict=True))
    ]
    return builders.problem(population=populations)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """Results with hostile names and any numbers that the model allows."""
    base = builders.result()
    name = draw(hostile_texts)
    slots = [slot.model_copy(update={"fluorochrome": draw(hostile_texts)}) for slot in base.panel]
    pairs = [pair.model_copy(update={"log_ratio": draw(log_ratios), "contaminant": name}) for pair in base.pairs]
    remarks = [remark.model_copy(update={"message": draw(hostile_texts)}) for remark in base.warnings]
    changes = {"problem": name, "panel": tuple(slots), "pairs": tuple(pairs), "warnings": tuple(remarks)}
    return base.model_copy(update=changes)
