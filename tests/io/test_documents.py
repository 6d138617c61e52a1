"""Files into text: limits of size."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelopt.errors import InputError
from panelopt.io.documents import read_bytes


@pytest.mark.parametrize("size", [0, 1, 10])
def test_files_up_to_the_limit_are_read(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)
    assert read_bytes(tmp_path / "file", 10) == b"x" * size


def test_larger_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 11)
    with pytest.raises(InputError, match="more than 10"):
        read_bytes(tmp_path / "file", 10)


def test_what_never_ends_is_refused() -> None:
    with pytest.raises(InputError, match="more than 10"):
        read_bytes(Path("/dev/zero"), 10)


@pytest.mark.parametrize(("name", "code"), [("missing", "missing-file"), (".", "not-a-file")])
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(tmp_path / name, 10)
    assert caught.value.findings[0].code == code
