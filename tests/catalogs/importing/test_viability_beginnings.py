"""Antigens that may begin the name of a viability dye, whose rest stands in the column of the dye."""

from __future__ import annotations

import re

import pytest

from panelopt.catalogs.importing.name_tables import may_begin_viability, tables

SHORT = ("L/D Aqua", "Live Dead Fix. NIR (876)", "fixable Far-Red", "eF 780", "e-Fluor 506", "Viability dye eF 450")


def test_every_beginning_of_every_spelling_may_begin_one() -> None:
    known = tables()
    may_begin = may_begin_viability(known)
    spellings = [text for name in known.viability for text in (name, *known.dyes.table.aliases[name])]
    for text in [*spellings, *SHORT]:
        ends = [match.start() for match in re.finditer(r"[ -]", text)] + [len(text)]
        for written in {text, text.lower(), text.upper()}:
            assert [end for end in ends if not may_begin(written[:end])] == [], written


@pytest.mark.parametrize("antigen", ["CD3", "CD271 (NGFR)", "HLA-DR", "TCR \u03b1\u03b2", "Ki-67", "IgD"])
def test_most_antigens_begin_none(antigen: str) -> None:
    assert not may_begin_viability(tables())(antigen)
