"""A catalog that an import replaces while it is read: head and data belong together."""

from __future__ import annotations

import hashlib
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from panelopt.catalogs import folder as catalog_folder
from panelopt.catalogs import manifest as catalog_manifest
from panelopt.catalogs import store as catalog_store
from panelopt.catalogs.cache import CatalogCache
from panelopt.catalogs.manifest import MAX_READS, read_manifest
from panelopt.catalogs.store import open_catalog
from panelopt.catalogs.writer import write_folder
from panelopt.domain.name_table import NameTable
from panelopt.errors import InputError

NAMES = NameTable({})


def edition(number: int) -> dict[str, str]:
    """Files of a catalog; the odd ones have products with a price, for which the head of the others has no currency."""
    price = ",price" if number % 2 else ""
    data = f"marker,fluorochrome,catalog_number{price}\nCD45,PE,{number}{',5' if price else ''}\n"
    digest = hashlib.sha256(data.encode()).hexdigest()
    currency = 'currency = "EUR"\n' if number % 2 else ""
    head = f'schema_version = 1\nname = "mine"\nversion = "{number}"\n{currency}'
    return {"catalog.toml": f'{head}sha256 = {{ "conjugates.csv" = "{digest}" }}\n', "conjugates.csv": data}


def replaced(folder: Path, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the folder after its head was read."""
    calls = count(1)

    def read(place: Path) -> Any:
        found = read_manifest(place)
        if (number := next(calls)) <= times:
            write_folder(folder, edition(number), force=True)
        return found

    monkeypatch.setattr(catalog_manifest, "read_manifest", read)


@pytest.mark.parametrize("small_bytes", [0, 10**6], ids=["compiled", "small"])
@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_head_and_data_belong_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_bytes: int, times: int
) -> None:
    folder = tmp_path / "mine"
    write_folder(folder, edition(0))
    monkeypatch.setattr(catalog_store, "SMALL_BYTES", small_bytes)
    replaced(folder, times, monkeypatch)
    catalog, remarks = open_catalog(
        folder, CatalogCache(tmp_path / "cache"), marker_names=NAMES, fluorochrome_names=NAMES
    )
    assert catalog.version == catalog.conjugates[0].catalog_number == str(times)
    assert not [remark for remark in remarks if remark.code == "hash-mismatch"]


def test_one_that_is_never_at_rest_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    write_folder(folder, edition(0))
    replaced(folder, 2 * MAX_READS, monkeypatch)
    with pytest.raises(InputError, match="again and again"):
        catalog_folder.read_catalog(folder)
