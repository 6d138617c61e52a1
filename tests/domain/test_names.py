"""Names of markers and fluorochromes: folding, aliases, traps."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.names import NameTable, fold
from panelopt.errors import InputError

TABLE = NameTable(
    {
        "CD271": ("NGFR", "LNGFR"),
        "CD106": ("VCAM1",),
        "CD140b": ("PDGFRB",),
        "CD34": (),
        "CD3": (),
        "CD41": (),
        "CD61": (),
        "BV421": ("Brilliant Violet 421",),
        "PE-Cy5.5": (),
        "PE-Cy5": (),
    }
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MSCA-1", "msca1"),
        ("CD140\u03b1", "CD140 alpha"),
        ("CD140\u03b1", "CD140a"),
        ("TCR\u03b1/\u03b2", "TCR alpha/beta"),
        ("Brilliant Violet 421\u2122", "brilliant-violet 421"),
        ("PE\u2011Cy7", "PE/Cy7"),
        ("HLA-DR", "HLA DR"),
    ],
)
def test_spellings_of_one_name_fold_to_one_form(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("CD3/4", "CD34"), ("Cy5.5", "Cy55"), ("CD45", "CD45RA"), ("CD105", "CD106"), ("HLA-ABC", "HLA-DR")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_case_and_surrounding_separators_never_count(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(f" ({text}) -")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("lngfr", "CD271"),
        ("CD106 (VCAM-1)", "CD106"),
        ("CD106 (vascular adhesion)", "CD106"),
        ("CD140b/PDGFRb", "CD140b"),
        ("brilliant violet-421", "BV421"),
        ("PE/Cy5.5", "PE-Cy5.5"),
        ("CD41/CD61", None),
        ("CD106 (CD34)", None),
        ("CD106/unknown", None),
        ("isotype control (CD34)", None),
        ("CD999", None),
        ("", None),
    ],
)
def test_resolve(written: str, canonical: str | None) -> None:
    assert TABLE.resolve(written) == canonical


def test_every_canonical_name_resolves_to_itself() -> None:
    assert [TABLE.resolve(name) for name in TABLE.canonical] == list(TABLE.canonical)


def test_suggestions_name_the_canonical_form() -> None:
    assert TABLE.suggest("BV412") == "Did you mean BV421?"
    assert TABLE.suggest("LNGRF") == "Did you mean LNGFR (CD271)?"
    assert TABLE.suggest("quite different") == ""


@given(st.text("cd1234bvpe5.-é", max_size=12))
def test_suggestion_is_the_closest_of_all_spellings(name: str) -> None:
    spellings = [fold(spelling) for canonical, aliases in TABLE.aliases.items() for spelling in (canonical, *aliases)]
    close = difflib.get_close_matches(fold(name), spellings, n=1, cutoff=0.6)
    hint = TABLE.suggest(name)
    assert (fold(hint.removeprefix("Did you mean ").split(" (")[0].rstrip("?")) if hint else "") == "".join(close)


def test_ambiguous_and_empty_names_are_reported_together() -> None:
    with pytest.raises(InputError) as caught:
        NameTable({"CD105": ("ENG", "ICAM"), "CD54": ("I-CAM", "--")})
    assert [f.code for f in caught.value.findings] == ["ambiguous-name", "empty-name"]
    assert "'I-CAM' stands for CD105 and for CD54" in caught.value.findings[0].message


def test_extended_adds_and_still_refuses_clashes() -> None:
    more = TABLE.extended({"CD271": ["p75NTR"], "MyMarker": []})
    assert more.resolve("P75-NTR") == "CD271"
    assert more.resolve("mymarker") == "MyMarker"
    assert TABLE.resolve("p75NTR") is None
    with pytest.raises(InputError):
        TABLE.extended({"MyMarker": ["VCAM1"]})


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TABLE.aliases["CD34"] = ("other",)  # type: ignore[index]
