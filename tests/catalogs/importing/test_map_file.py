"""The mapping file is read back as it was written, and its faults are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from panelopt.catalogs.importing.files.map_file import ImportMap, map_toml, read_map
from panelopt.errors import InputError

FULL = ImportMap.model_validate(
    {
        "file": {"encoding": "cp1252", "separator": "\t", "sheet": "A \u201cb\u201d", "header_line": 4},
        "columns": {"marker": 'Ziel = "x"', "price": "Preis [\u20ac]", "product": "Name"},
        "notes": ["Box", "Fach"],
        "constants": {"vendor": "BioLegend", "reactivity": "human"},
        "price": {"currency": "EUR", "decimal": ",", "per": "test"},
        "split": [{"column": "Tube", "separator": "_", "into": ["marker", "fluorochrome"]}],
        "values": {"fluorochrome": {"lab orange": "PE", "a.b": ""}},
    }
)


@pytest.mark.parametrize("mapping", [FULL, ImportMap()])
def test_written_is_read(tmp_path: Path, mapping: ImportMap) -> None:
    path = tmp_path / "map.toml"
    path.write_text(map_toml(mapping, ("a remark\nin two lines",)), encoding="utf-8")
    assert read_map(path) == mapping
    assert path.read_text(encoding="utf-8").startswith("# a remark in two lines\n")


def test_every_fault_is_named(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(
        '[columns]\nmarkr = "a"\n[price]\ncurrency = "Euro"\ndecimal = ";"\n[file]\nseparator = "ab"\n'
        '[[split]]\ncolumn = "x"\nseparator = "_"\ninto = ["marker", "marker"]\n[extra]\n'
    )
    with pytest.raises(InputError) as caught:
        read_map(path)
    places = " ".join(finding.where for finding in caught.value.findings)
    assert len(caught.value.findings) == 6
    for key in ("columns.markr", "price.currency", "price.decimal", "file.separator", "split[0]", "extra"):
        assert key in places
