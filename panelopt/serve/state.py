"""The state of a page: question, demands and panel; it travels in the address, so that a page can be loaded again."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

LONGEST = 24_000
"""Largest number of characters of a state in an address."""

MAX_TEXT = 120_000
"""Largest number of characters of a state unpacked, and so of a problem in it."""

MOST_SLOTS = 100
MOST_SECONDS = 600

MOST_LETTERS = 200
"""Longest name."""

Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_LETTERS)]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]
Reference = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9._-]{0,99}|own:[0-9a-f]{16})?$")]
"""A shipped name, or the hash of a file that was uploaded; never a path."""


class BadState(ValueError):
    """An address holds no valid state."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pack(_Part):
    """A product to buy; what is empty is left open.

    Attributes:
        vendor, catalog_number, clone: Its names.
    """

    vendor: Word = ""
    catalog_number: Word = ""
    clone: Word = ""


class Slot(_Part):
    """One slot of the panel on the page.

    Attributes:
        markers: Its markers; several form a dump.
        dye: Fluorochrome.
        detector: Detector; empty: the best free one.
        locked: Whether searches must keep it.
        products: Chosen product of each marker; empty: the best ones.
    """

    markers: Annotated[tuple[Word, ...], Field(min_length=1, max_length=20)]
    dye: Annotated[Word, Field(min_length=1)]
    detector: Word = ""
    locked: bool = False
    products: Annotated[tuple[Pack, ...], Field(max_length=20)] = ()

    def pack(self, marker: str) -> Pack:
        """Return the product that was chosen for one of the markers."""
        return dict(zip(self.markers, self.products, strict=False)).get(marker, Pack())


class State(_Part):
    """All that a page shows follows from this.

    Attributes:
        problem: Name of a shipped problem; empty where ``own_problem`` holds a problem file.
        own_problem: Text of a problem file.
        cytometer: Instrument.
        catalogs: Catalogs; empty: all that are not synthetic.
        stock: Uploaded list of the products in stock.
        stock_name, cytometer_name: File names of what was uploaded, to ask for it again.
        max_colours, budget, vendors, exclude_dyes, exclude_tandems, only_inventory, allow_unverified,
            allow_unknown_price, require_goal, require, forbid: Demands, as in :class:`panelopt.api.Options`.
        changes: Most reagents that an improvement may change.
        seconds: Time limit of a search.
        panel: The panel.
    """

    problem: Reference = "bm-cd271-cd146"
    own_problem: Annotated[str, Field(max_length=MAX_TEXT)] = ""
    cytometer: Reference = "aria-fusion"
    catalogs: Words = ()
    stock: Reference = ""
    stock_name: Word = ""
    cytometer_name: Word = ""
    max_colours: Annotated[int, Field(ge=1, le=100)] | None = None
    budget: Annotated[float, Field(ge=0, le=1e9)] | None = None
    vendors: Words = ()
    exclude_dyes: Words = ()
    exclude_tandems: bool = False
    only_inventory: bool = False
    allow_unverified: bool = False
    allow_unknown_price: bool = False
    require_goal: bool = False
    require: Words = ()
    forbid: Words = ()
    changes: Annotated[int, Field(ge=0, le=100)] = 2
    seconds: Annotated[int, Field(ge=1, le=MOST_SECONDS)] = 30
    panel: Annotated[tuple[Slot, ...], Field(max_length=MOST_SLOTS)] = ()

    @model_validator(mode="after")
    def _is_a_panel(self) -> State:
        markers = [marker for slot in self.panel for marker in slot.markers]
        if len(set(markers)) < len(markers):
            raise ValueError("a marker is stained twice")
        dyes = [slot.dye for slot in self.panel]
        if len(set(dyes)) < len(dyes):
            raise ValueError("two slots have one fluorochrome")
        if bool(self.problem) == bool(self.own_problem):
            raise ValueError("there must be one problem")
        return self

    @property
    def question(self) -> tuple[object, ...]:
        """What has to be read: problem, instrument and products."""
        return self.problem, self.own_problem, self.cytometer, self.catalogs, self.stock

    @property
    def demands(self) -> tuple[object, ...]:
        """The demands without the locks."""
        return (
            self.max_colours, self.budget, self.vendors, self.exclude_dyes, self.exclude_tandems, self.only_inventory,
            self.allow_unverified, self.allow_unknown_price, self.require_goal, self.require, self.forbid,
        )  # fmt: skip

    def with_(self, **changes: object) -> State:
        """Return a checked copy with changes.

        Raises:
            ValidationError: if they make no valid state.
        """
        return State.model_validate({**{name: getattr(self, name) for name in State.model_fields}, **changes})


def packed(state: State) -> str:
    """Return a state as letters, digits, ``-`` and ``_``."""
    text = state.model_dump_json(exclude_defaults=True).encode()
    return base64.urlsafe_b64encode(zlib.compress(text, 9)).decode().rstrip("=")


def unpacked(text: str) -> State:
    """Return the state in an address.

    Raises:
        BadState: if there is none.
    """
    if len(text) > LONGEST or not text.isascii():
        raise BadState("the state in the address is too long")
    try:
        squeezed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        inflate = zlib.decompressobj()
        content = inflate.decompress(squeezed, 4 * MAX_TEXT)
        if not inflate.eof:
            raise BadState("the state in the address is too long")
        return State.model_validate_json(content)
    except (binascii.Error, zlib.error, ValidationError, UnicodeDecodeError):
        raise BadState("the address holds no valid state") from None
