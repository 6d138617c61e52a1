"""Lists made of shipped files: kept ones are the same, and none of another form is believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from panelopt.domain.name_table import NameTable
from panelopt.io.kept_files import KeptFiles
from panelopt.registry.cache_places import CACHE_VARIABLE
from panelopt.registry.kept_lists import kept_names
from panelopt.registry.parsed_files import parsed_file

TABLE = NameTable({"CD271": ("LNGFR", "NGF-R", "cd 271"), "CD45": ()})
Put = Callable[[bytes], None]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Return what puts another content in the place of the one thing that is kept."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    kept = KeptFiles(tmp_path / "cache" / "parsed", ".json")

    def other(content: bytes) -> None:
        (path,) = kept.folder.iterdir()
        kept.keep(path.name.split("-")[0], content)

    return other


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "any.toml"
    path.write_text("a = 1\n")
    return path


def nothing_is_read() -> NameTable:
    raise AssertionError


@pytest.mark.usefixtures("put")
def test_kept_names_are_those_of_the_table(file: Path) -> None:
    kept_names("any", [file], lambda: TABLE)
    found = kept_names("any", [file], nothing_is_read)
    assert found == TABLE
    for text in ("LNGFR", "ngfr", "NGF R", "CD271", "CD 45", "CD46", ""):
        assert found.resolve(text) == TABLE.resolve(text)
        assert found.suggest(text) == TABLE.suggest(text)


OTHER_FORMS = (b"", b"\xff", b"null", b"3", b"[1]", b'[["CD45", []]]', b'[["CD45", [], []]]', b"[" * 100_000)


@pytest.mark.parametrize("content", OTHER_FORMS, ids=range(len(OTHER_FORMS)))
def test_what_has_another_form_is_replaced(file: Path, put: Put, content: bytes) -> None:
    kept_names("any", [file], lambda: TABLE)
    put(content)
    assert kept_names("any", [file], lambda: TABLE) == TABLE
    assert kept_names("any", [file], nothing_is_read) == TABLE


@pytest.mark.parametrize("content", [*OTHER_FORMS, b"[]", b"[{}, {}]"], ids=range(len(OTHER_FORMS) + 2))
def test_parsed_files_of_another_form_are_replaced(file: Path, put: Put, content: bytes) -> None:
    assert parsed_file(file) == {"a": 1}
    put(content)
    assert parsed_file(file) == {"a": 1}
