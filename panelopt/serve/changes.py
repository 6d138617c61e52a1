"""Changes of a panel on the page: each takes a state and returns the next."""

from __future__ import annotations

from collections.abc import Sequence

from panelopt import api
from panelopt.api.consulting import PanelRow
from panelopt.api.designs import Result
from panelopt.serve.state import Pack, Slot, State


def placed(state: State, markers: Sequence[str], dye: str, detector: str) -> State:
    """Return the state with markers on a dye; slots that stained any of them, or held the dye, make room."""
    new = _slot(state, markers, dye, detector)
    wanted = set(markers)
    panel: list[Slot] = []
    place = len(state.panel)
    for slot in state.panel:
        if wanted & set(slot.markers):
            place = min(place, len(panel))
        elif slot.dye != dye:
            panel.append(slot)
    panel.insert(place, new)
    return state.with_(panel=tuple(panel))


def removed(state: State, markers: Sequence[str]) -> State:
    """Return the state without some markers; slots that lose all of theirs go."""
    gone = set(markers)
    panel = []
    for slot in state.panel:
        left = tuple(marker for marker in slot.markers if marker not in gone)
        if left:
            panel.append(slot if left == slot.markers else _slot(state, left, slot.dye, slot.detector, slot.locked))
    return state.with_(panel=tuple(panel))


def bought(state: State, marker: str, pack: Pack) -> State:
    """Return the state with another product for a marker."""
    return state.with_(
        panel=tuple(
            slot.model_copy(
                update={"products": _products([pack if m == marker else slot.pack(m) for m in slot.markers])}
            )
            for slot in state.panel
        )
    )


def lock_turned(state: State, markers: Sequence[str]) -> State:
    """Return the state with the lock of a slot turned."""
    wanted = set(markers)
    return state.with_(
        panel=tuple(
            slot.model_copy(update={"locked": not slot.locked}) if wanted == set(slot.markers) else slot
            for slot in state.panel
        )
    )


def with_result(state: State, result: Result) -> State:
    """Return the state with the panel of a result; slots that stay as they were stay locked."""
    held = {(slot.markers, slot.dye) for slot in state.panel if slot.locked}
    return state.with_(
        panel=tuple(
            _slot(state, slot.markers, slot.fluorochrome, slot.detector, (slot.markers, slot.fluorochrome) in held)
            for slot in result.panel
        )
    )


def with_rows(state: State, rows: Sequence[PanelRow]) -> State:
    """Return the state with the panel of a file; rows of one dye are one slot."""
    slots: dict[str, list[PanelRow]] = {}
    for row in rows:
        slots.setdefault(row.fluorochrome, []).append(row)
    return state.with_(
        panel=tuple(
            Slot(
                markers=tuple(row.marker for row in some),
                dye=dye,
                detector=some[0].detector,
                products=_products(
                    [Pack(vendor=row.vendor, catalog_number=row.catalog_number, clone=row.clone) for row in some]
                ),
            )
            for dye, some in slots.items()
        )
    )


def fitted(state: State, question: api.Question) -> State:
    """Return the state for another question: markers that it does not list go, detectors it lacks are chosen anew."""
    markers = {marker.name for marker in question.problem.marker if marker.role != "forbidden"}
    detectors = {detector.name for detector in question.cytometer.detector}
    gone = [marker for slot in state.panel for marker in slot.markers if marker not in markers]
    left = removed(state, gone) if gone else state
    panel = tuple(
        slot if slot.detector in detectors else slot.model_copy(update={"detector": ""}) for slot in left.panel
    )
    return left.with_(panel=panel)


def with_places(state: State, result: Result) -> State:
    """Return the state with the detectors that a result chose."""
    chosen = {slot.fluorochrome: slot.detector for slot in result.panel}
    panel = tuple(slot.model_copy(update={"detector": chosen.get(slot.dye, slot.detector)}) for slot in state.panel)
    return state if panel == state.panel else state.with_(panel=panel)


def _slot(state: State, markers: Sequence[str], dye: str, detector: str, locked: bool = False) -> Slot:
    """Return a slot; products that were chosen for its reagents stay chosen."""
    chosen = {marker: slot.pack(marker) for slot in state.panel if slot.dye == dye for marker in slot.markers}
    products = _products([chosen.get(marker, Pack()) for marker in markers])
    return Slot(markers=tuple(markers), dye=dye, detector=detector, locked=locked, products=products)


def _products(packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """Return the products of a slot; none if all are left open."""
    return tuple(packs) if any(pack != Pack() for pack in packs) else ()
