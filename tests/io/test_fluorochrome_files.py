"""Fluorochrome files: what is read, what is refused, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panelopt.domain.reagents import Brightness, EmissionPeak, Fluorochrome
from panelopt.errors import InputError
from panelopt.io.fluorochrome_files import fluorochromes_toml, read_fluorochromes

GOOD = """
schema_version = 1
family = "Test dyes"
note = "for tests"
sources = ["a book"]

[[fluorochrome]]
name = "T500"
aliases = ["Test 500"]
kind = "small_molecule"
excitation = { 488 = 1, 405 = 0.25 }
emission = [ { peak_nm = 500, left_nm = 10, right_nm = 20, weight = 1 } ]
brightness = { photoelectrons_per_antibody = 0.5, origin = "model" }

[[fluorochrome]]
name = "T780"
family = "Other dyes"
kind = "tandem"
donor = "T500"
excitation = { 488 = 1 }
emission = [ { peak_nm = 780, left_nm = 15, right_nm = 25, weight = 0.9, origin = "acceptor" } ]
brightness = { photoelectrons_per_antibody = 1.5, origin = "measured", source = "beads" }
fragile = ["light"]
sources = ["another book"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "dyes.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_family_and_sources_are_inherited_unless_given(tmp_path: Path) -> None:
    first, second = read_fluorochromes(write(tmp_path, GOOD))
    assert (first.family, first.sources) == ("Test dyes", ("a book",))
    assert (second.family, second.sources) == ("Other dyes", ("another book",))


def test_excitation_lines_are_sorted_numbers(tmp_path: Path) -> None:
    first, _ = read_fluorochromes(write(tmp_path, GOOD))
    assert list(first.excitation.items()) == [(405, 0.25), (488, 1.0)]


def test_all_faults_are_reported_at_once_with_their_place(tmp_path: Path) -> None:
    text = GOOD.replace("peak_nm = 500", "peak_nm = 50").replace('kind = "tandem"', 'kind = "magic"')
    text = text.replace("donor =", "doner =").replace("488 = 1, ", "488 = -1, ")
    with pytest.raises(InputError) as caught:
        read_fluorochromes(write(tmp_path, text))
    places = " ".join(finding.where for finding in caught.value.findings)
    for key in ("[0].emission[0].peak_nm", "[0].excitation", "[1].kind", "[1].doner"):
        assert f"fluorochrome{key}" in places
    assert any("Did you mean donor?" in finding.hint for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "T780"', 'name = "T500"', "T500 is listed twice"),
        ('donor = "T500"', 'aliases = ["test 500"]', "test 500 stands for both T500 and T780"),
        ("schema_version = 1", "schema_version = 2", "1"),
        ("[[fluorochrome]]", "[[dye]]", "unknown key 'dye'"),
        ("405 = 0.25", "violet = 0.25", "whole number"),
        ("excitation = { 488 = 1 }", "excitation = { 488 = 0 }", "at least one laser line"),
        ("[[fluorochrome]]", "[[fluorochrome]", "not valid TOML"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fluorochromes(write(tmp_path, GOOD.replace(old, new)))
    assert any(message in finding.message for finding in caught.value.findings)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.toml"):
        read_fluorochromes(tmp_path / "gone.toml")


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)
numbers = st.floats(0.001, 1.5, allow_nan=False)
peaks = st.builds(
    EmissionPeak,
    peak_nm=st.floats(350, 900),
    left_nm=st.floats(1, 60),
    right_nm=st.integers(1, 60),
    weight=numbers,
    origin=st.one_of(st.just(""), texts),
)
dyes = st.builds(
    Fluorochrome,
    name=texts,
    family=texts,
    kind=st.sampled_from(["protein", "tandem"]),
    use=st.sampled_from(["antibody", "live_viability"]),
    donor=st.one_of(st.just(""), texts),
    excitation=st.dictionaries(st.integers(300, 900), numbers, min_size=1, max_size=4),
    emission=st.lists(peaks, min_size=1, max_size=3).map(tuple),
    brightness=st.builds(Brightness, photoelectrons_per_antibody=numbers, origin=st.just("model"), source=texts),
    fragile=st.sampled_from([(), ("light", "lot")]),
    note=st.one_of(st.just(""), texts),
    sources=st.lists(texts, max_size=2).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(dye=dyes, sources=st.lists(texts, max_size=2))
def test_what_is_written_reads_back_equal(tmp_path: Path, dye: Fluorochrome, sources: list[str]) -> None:
    text = fluorochromes_toml([dye], "Test dyes", "a note", sources)
    assert read_fluorochromes(write(tmp_path, text)) == (dye,)


def test_quotes_and_control_characters_survive(tmp_path: Path) -> None:
    dye = read_fluorochromes(write(tmp_path, GOOD))[0].model_copy(update={"note": 'a "b" \\ c\td\x7fe\u00e9'})
    assert read_fluorochromes(write(tmp_path, fluorochromes_toml([dye], "Test dyes"))) == (dye,)
