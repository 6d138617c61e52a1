"""Blocks of CSV files: together the file, whatever is read at a time, and no record in two of them."""

from __future__ import annotations

import pytest

from panelopt.io import csv_blocks as module
from panelopt.io.csv_blocks import csv_blocks
from panelopt.io.csv_layout import UnusualError, csv_layout

HEADER = b"marker,note\n"
ROWS = (b"CD3,x\n", b'CD4,"two\nlines"\n', b"\n", b'CD8,"a ""b""\n\nc"\r\n', b"CD19,end")
CONTENT = HEADER + b"".join(ROWS)


def parts(size: int) -> list[bytes]:
    return [CONTENT[start : start + size] for start in range(0, len(CONTENT), size)]


@pytest.mark.parametrize("size", range(1, len(CONTENT) + 1))
def test_blocks_are_the_file(size: int) -> None:
    blocks = list(csv_blocks(parts(size)))
    assert all(block.startswith(HEADER) for block, _ in blocks)
    assert HEADER + b"".join(block.removeprefix(HEADER) for block, _ in blocks) == CONTENT
    layouts = [(csv_layout(block), above) for block, above in blocks]
    assert [line + above for layout, above in layouts for line in layout.line.tolist()] == [2, 3, 6, 9]


def test_a_quote_that_is_never_closed_is_not_looked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RECORD_BYTES", 100)
    read = 0

    def endless() -> bytes:
        nonlocal read
        read += 1
        return b'"x\n' if read == 1 else b"y\n" * 5

    with pytest.raises(UnusualError):
        list(csv_blocks(iter(endless, b"")))
    assert read < 20
