"""A state survives its address, and an address that is no state is refused."""

from __future__ import annotations

import base64
import string
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from panelopt.serve.changes import lock_turned, placed, removed
from panelopt.serve.state import LONGEST, BadState, Slot, State, packed, unpacked

words = st.text(st.sampled_from("ab1-+.,;\"'<&\\{}=\u00b5\u05d0\U0001f9ec"), min_size=1, max_size=8)
references = st.text("abc09", min_size=1, max_size=9) | st.sampled_from(["own:0123456789abcdef", "uc-gd2", "a.b_c"])


@st.composite
def panels(draw: st.DrawFn) -> tuple[Slot, ...]:
    markers = draw(st.lists(words, unique=True, max_size=8))
    dyes = draw(st.lists(words, unique=True, min_size=len(markers), max_size=len(markers)))
    slots = [
        Slot(markers=(marker,), dye=dye, detector=draw(st.just("") | words), locked=draw(st.booleans()))
        for marker, dye in zip(markers, dyes, strict=True)
    ]
    if len(slots) > 2 and draw(st.booleans()):
        slots = [slots[0].model_copy(update={"markers": slots[0].markers + slots[1].markers}), *slots[2:]]
    return tuple(slots)


states = st.builds(
    State,
    problem=references,
    cytometer=references,
    catalogs=st.lists(words, max_size=3).map(tuple),
    stock=st.just("") | references,
    max_colours=st.none() | st.integers(1, 100),
    budget=st.none() | st.floats(0, 1e9),
    vendors=st.lists(words, max_size=3).map(tuple),
    exclude_tandems=st.booleans(),
    only_inventory=st.booleans(),
    changes=st.integers(0, 100),
    seconds=st.integers(1, 600),
    panel=panels(),
)


@settings(max_examples=20)
@given(states)
def test_a_state_survives_its_address(state: State) -> None:
    text = packed(state)
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")
    assert unpacked(text) == state


@settings(max_examples=20)
@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadState):
        unpacked(text)


def address_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    "content",
    [
        b" " * 30_000_000,
        b'{"problem": "' + b"a" * 1_000_000 + b'"}',
        b"[" * 100_000,
        b'{"seconds": 1e999}',
        b'{"seconds": NaN}',
        b'{"problem": "../etc/passwd"}',
        b'{"stock": "own:../../../../etc1"}',
        b'{"panel": [{"markers": ["A"], "dye": "PE"}, {"markers": ["A"], "dye": "APC"}]}',
        b'{"panel": [{"markers": ["A"], "dye": "PE"}, {"markers": ["B"], "dye": "PE"}]}',
        b'{"own_problem": "id = 1"}',
        b'{"unknown": 1}',
        b'"text"',
    ],
)
def test_hostile_states_are_refused(content: bytes) -> None:
    with pytest.raises(BadState):
        unpacked(address_of(content))
    with pytest.raises(BadState):
        unpacked("A" * (LONGEST + 1))


@settings(max_examples=20)
@given(states, st.data())
def test_placing_removing_and_locking_keep_a_panel_a_panel(state: State, data: st.DataObject) -> None:
    stained = [marker for slot in state.panel for marker in slot.markers]
    some = data.draw(st.lists(st.sampled_from([*stained, "new"]), unique=True, min_size=1, max_size=3))
    dye = data.draw(st.sampled_from([slot.dye for slot in state.panel] or ["PE"]))
    found = placed(state, some, dye, "")
    (own,) = [slot for slot in found.panel if slot.dye == dye]
    assert set(own.markers) == set(some)
    assert not {m for slot in removed(state, some).panel for m in slot.markers} & set(some)
    for slot in state.panel:
        turned = lock_turned(state, slot.markers)
        assert [one.locked != other.locked for one, other in zip(turned.panel, state.panel, strict=True)].count(
            True
        ) == 1
        assert lock_turned(turned, slot.markers) == state


def test_a_state_is_checked_at_every_change() -> None:
    state = State()
    with pytest.raises(ValidationError):
        state.with_(seconds=100_000)
    with pytest.raises(ValidationError):
        state.with_(cytometer="/etc/passwd")
