"""Names of markers and fluorochromes: folding, aliases, traps."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.name_table import NameTable, bare, fold, matches, suggestion, the_name
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


CYTOMETERS = ("aria-fusion", "aria-ii", "aria-iii", "facsmelody", "symphony-s6", "aurora-5l")
LETTERS = st.characters(codec="ascii", categories=("L", "N"))
GAPS = st.text(" -_/.,:;()&+*'\"", max_size=2)


@st.composite
def respelt(draw: st.DrawFn) -> tuple[tuple[str, ...], str, str]:
    """Return names, one of them, and the same with other case, blanks and punctuation."""
    parts = st.lists(st.text(LETTERS, min_size=1, max_size=4), min_size=1, max_size=4)
    names = draw(st.lists(parts.map("-".join), min_size=1, max_size=8, unique_by=bare))
    name = draw(st.sampled_from(names))
    letters = [letter.swapcase() if draw(st.booleans()) else letter for letter in name if letter != "-"]
    return tuple(names), name, draw(GAPS) + "".join(letter + draw(GAPS) for letter in letters)


@given(respelt())
def test_case_blanks_and_punctuation_do_not_count(case: tuple[tuple[str, ...], str, str]) -> None:
    names, name, written = case
    assert matches(written, names) == (name,)
    assert the_name(written, names, "thing") == name


@given(st.lists(st.text(min_size=1, max_size=6), max_size=6), st.text(max_size=6))
def test_what_is_found_is_alike_or_there_is_an_error_that_says_so(names: list[str], written: str) -> None:
    found = matches(written, names)
    assert all(bare(name) == bare(written) for name in found)
    assert (written,) == found or written not in names
    if len(found) == 1:
        assert the_name(written, names, "thing") == found[0]
    else:
        with pytest.raises(InputError) as caught:
            the_name(written, names, "thing", where="here")
        (finding,) = caught.value.findings
        assert finding.code == ("ambiguous-thing" if found else "unknown-thing")
        assert finding.where == "here"
        assert all(name in finding.message for name in found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Aria Fusion", "aria-fusion"),
        ("ARIA_III", "aria-iii"),
        ("FACSMelody", "facsmelody"),
        ("Aurora 5L", "aurora-5l"),
    ],
)
def test_instruments_are_found_as_people_write_them(written: str, meant: str) -> None:
    assert the_name(written, CYTOMETERS, "cytometer") == meant


def test_names_that_differ_in_punctuation_alone_are_told_apart_or_listed() -> None:
    assert the_name("V450/50", ("V450/50", "V45050"), "detector") == "V450/50"
    assert the_name("v450-50", ("V450/50", "V45050"), "detector") == "V450/50"
    assert the_name("V45050", ("V450/50", "V451/50"), "detector") == "V450/50"
    with pytest.raises(InputError, match="may mean BioLegend or Bio-Legend") as caught:
        the_name("bio legend", ("BioLegend", "Bio-Legend"), "vendor")
    assert caught.value.findings[0].hint


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("aria", "Did you mean aria-fusion, aria-ii or aria-iii?"),
        ("fusion", "Did you mean aria-fusion?"),
        ("aria-iii2", "Did you mean aria-iii?"),
        ("aria fussion", "Did you mean aria-fusion?"),
        ("nothing like it", ""),
        ("", ""),
    ],
)
def test_what_is_unknown_is_answered_with_what_is_like_it(written: str, hint: str) -> None:
    assert suggestion(written, CYTOMETERS) == hint


def test_a_name_with_a_letter_too_many_goes_before_names_that_hold_the_text() -> None:
    assert suggestion("PEE", ["PE-eFluor 610", "PE", "APC"]) == "Did you mean PE or PE-eFluor 610?"


@pytest.mark.parametrize(
    ("written", "canonical"), [("pe cy55", "PE-Cy5.5"), ("B V 4 2 1", "BV421"), ("CD3/4", None), ("PE-Cy6", None)]
)
def test_a_table_finds_names_by_their_letters_and_digits(written: str, canonical: str | None) -> None:
    dyes = NameTable(dict.fromkeys(("PE-Cy5.5", "PE-Cy5", "BV421"), ()))
    assert dyes.find(written) == canonical


def test_a_table_lists_names_that_are_too_alike() -> None:
    with pytest.raises(InputError, match=r"may mean A-1\.5-B or A-15-B"):
        NameTable({"A-1.5-B": (), "A-15-B": ()}).find("a+1+5+b")
