"""Building blocks of a page: parts with paragraphs, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from panelopt.report.notices import Notice
from panelopt.report.sheet import Column, Sheet, Value
from panelopt.report.verdict import Standing


@dataclass(frozen=True, slots=True)
class Figure:
    """One or more pictures with a caption.

    Attributes:
        key: Name in the page.
        pictures: SVG elements, side by side in this order.
        caption: What the pictures show.
        legend: Colour, label and name of each coloured item.
        wide: Whether the picture scrolls on small screens instead of shrinking.
        half: Whether half the width of a page is enough on paper.
        switch: Words at the switch from the first to the second layer of the pictures; empty if they have one.
    """

    key: str
    pictures: tuple[Markup, ...]
    caption: str
    legend: tuple[tuple[str, str, str], ...] = ()
    wide: bool = True
    half: bool = False
    switch: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a page.

    Attributes:
        key: Anchor.
        title: Heading.
        texts: Paragraphs.
        notices: What is missing or doubtful.
        blocks: Tables, figures and nested parts.
        short: Name in the navigation; the heading if empty.
    """

    key: str
    title: str
    texts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    blocks: tuple[Sheet | Figure | Part, ...] = ()
    short: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the part has no content."""
        return not (self.texts or self.notices or self.blocks)


@dataclass(frozen=True, slots=True)
class Card:
    """One tube on the first screen.

    Attributes:
        title: Its name.
        standing: ``met``, ``missed`` or ``open``: whether it reaches the goal.
        headline: The number that matters most, in words.
        facts: Terms and values.
        text: A sentence below them; may be empty.
    """

    title: str
    standing: Standing
    headline: str
    facts: tuple[tuple[str, str], ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """The first screen of a page.

    Attributes:
        verdict: The sentence that answers the question.
        standing: Whether the goal is met.
        label: The standing in words.
        sheets: Short tables, such as the panel.
        cards: One per tube.
        lines: Further sentences: what was given up, what is proven.
        notices: Warnings, the weightiest first.
    """

    verdict: str
    standing: Standing
    label: str
    sheets: tuple[Sheet, ...] = ()
    cards: tuple[Card, ...] = ()
    lines: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell of a table.

    Attributes:
        text: Displayed text.
        key: Sort key; empty for text.
        is_number: Whether it is right-aligned.
        is_head: Whether it names its row.
        is_long: Whether its column holds sentences.
    """

    text: str
    key: str
    is_number: bool
    is_head: bool
    is_long: bool


def block_kind(block: Sheet | Figure | Part) -> str:
    """Return the name of the macro that renders a block."""
    return {Sheet: "sheet", Figure: "figure", Part: "part"}[type(block)]


def cells(sheet: Sheet) -> Iterator[list[PageCell]]:
    """Yield the rows of a table as cells."""
    columns = [(column, index < sheet.heads, sheet.is_long(index)) for index, column in enumerate(sheet.columns)]
    for row in sheet.rows:
        yield [_cell(*column, value) for column, value in zip(columns, row, strict=True)]


def _cell(column: Column, is_head: bool, is_long: bool, value: Value) -> PageCell:
    key = repr(value) if isinstance(value, int | float) else ""
    text = column.shown(value)
    return PageCell(text, key, column.kind != "text", is_head and bool(text), is_long)
