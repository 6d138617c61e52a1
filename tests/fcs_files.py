"""FCS files byte by byte, with every liberty that instruments take with the standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

BEGIN = 4096
"""First byte of the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fcs:
    """A file to be made.

    Attributes:
        names: $PnN.
        values: Shape (events, parameters), as stored.
        labels: $PnS, left out where None.
        kinds: $DATATYPE of each parameter.
        bits: $PnB of each parameter.
        more: Keywords that replace or follow the usual ones; None leaves one out.
        shift_header, shift_text: How far HEADER and TEXT misplace the data.
        shift_end: How far both misplace its last byte.
        supplement: Supplemental TEXT segment.
    """

    names: Sequence[str]
    values: np.ndarray
    version: str = "FCS3.1"
    labels: Sequence[str | None] = ()
    kinds: str = ""
    bits: Sequence[int] = ()
    order: str = "1,2,3,4"
    delimiter: str = "|"
    more: Mapping[str, str | None] = field(default_factory=dict)
    shift_header: int = 0
    shift_text: int = 0
    shift_end: int = 0
    supplement: str = ""
    tail: bytes = b"\r\n"

    def build(self) -> bytes:
        """Return the content of the file."""
        raw = self._data()
        end = BEGIN + len(raw) - 1
        sub = (end + 9, end + 8 + len(self.supplement)) if self.supplement else (0, 0)
        text = self._text(BEGIN + self.shift_text, end + self.shift_text + self.shift_end, sub)
        assert 256 + len(text) < BEGIN
        places = (256, 255 + len(text), BEGIN + self.shift_header, end + self.shift_header + self.shift_end, 0, 0)
        header = f"{self.version:10}" + "".join(f"{place:8d}" for place in places)
        extra = b" " * 8 + self.supplement.encode() if self.supplement else b""
        return (header.encode().ljust(256) + text).ljust(BEGIN) + raw + extra + self.tail

    def _data(self) -> bytes:
        big = not self.order.startswith("1")
        parts = []
        for column, kind, bits in zip(self.values.T, self._kinds(), self._bits(), strict=True):
            if kind == "I":
                wide = column.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - bits // 8 :]
                parts.append(wide if big else wide[:, ::-1])
            else:
                found = column.astype(f"{'>' if big else '<'}f{bits // 8}")
                parts.append(found.view(np.uint8).reshape(len(column), bits // 8))
        return np.hstack(parts).tobytes()

    def _kinds(self) -> str:
        return self.kinds or "F" * len(self.names)

    def _bits(self) -> Sequence[int]:
        return self.bits or [64 if kind == "D" else 32 for kind in self._kinds()]

    def _text(self, begin: int, end: int, supplement: tuple[int, int]) -> bytes:
        pairs: dict[str, str | None] = {
            "$BEGINDATA": str(begin), "$ENDDATA": str(end), "$BEGINSTEXT": str(supplement[0]),
            "$ENDSTEXT": str(supplement[1]), "$BYTEORD": self.order, "$DATATYPE": self._kinds()[-1], "$MODE": "L",
            "$NEXTDATA": "0", "$PAR": str(len(self.names)), "$TOT": str(len(self.values)),
        }  # fmt: skip
        for n, (name, bits) in enumerate(zip(self.names, self._bits(), strict=True), start=1):
            label = self.labels[n - 1] if self.labels else None
            pairs |= {f"$P{n}S": label, f"$P{n}N": name, f"$P{n}B": str(bits), f"$P{n}R": "262144", f"$P{n}E": "0,0"}
        pairs |= self.more
        cells = (cell for key, value in pairs.items() if value is not None for cell in (key, value))
        return "".join(f"{self.delimiter}{cell}" for cell in cells).encode() + self.delimiter.encode()
