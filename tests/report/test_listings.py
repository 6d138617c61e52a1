"""Listings of what is shipped or found."""

from __future__ import annotations

from pathlib import Path

from panelopt.domain.listed import ListedCytometer, ListedProblem
from panelopt.report import listings
from tests import builders


def test_cytometer_text_has_every_detector_with_its_band() -> None:
    text = listings.cytometer_text(builders.cytometer())
    for name, (_, centre, width) in builders.DETECTORS.items():
        assert any(name in line and f"{centre:g}/{width:g}" in line for line in text.splitlines())
    assert "sorts 4 ways" in text
    assert "made up" in text


def test_dye_text_tells_where_brightness_comes_from() -> None:
    dye = builders.fluorochrome("PE", 488, 576)
    text = listings.dye_text(dye)
    assert "1 photoelectrons per antibody (model)" in text
    assert listings.best_lines(dye) == "488"


def test_problem_text_lists_populations_levels_and_goal() -> None:
    changes = {"limits": {"max_colours": 6, "budget": 900, "currency": "EUR"}}
    text = listings.problem_text(builders.problem(**changes))
    for population, (_, share, _) in builders.LEVELS.items():
        assert any(line.startswith(population) and f"{100 * share:g}" in line for line in text.splitlines())
    assert "at most 6 colours" in text
    assert "budget 900 EUR" in text


def test_marker_list_shows_levels() -> None:
    text = listings.problem_text(builders.marker_list({"CD3": "mid", "CD4": "dim"}))
    assert "CD3 mid, CD4 dim" in text
    assert "Populations" not in text


def test_tables_fit_80_columns() -> None:
    long = builders.problem(title="A title that goes on and on " * 8)
    wide = builders.cytometer(name="An instrument with a very long name " * 4)
    several = listings.cytometers_text(
        [ListedCytometer.of(wide), ListedCytometer.of(wide, "a-vendor-with-a-long-name 10.11.12" * 4)]
    )
    for text in (listings.problems_text([ListedProblem.of(long)]), several, listings.problem_text(long)):
        assert max(map(len, text.splitlines())) <= 80


def test_origins_are_told_of_what_is_not_shipped() -> None:
    first, second, third, *_ = builders.fluorochromes()
    text = listings.dyes_text([(first, ""), (second, "acme 2"), (third, "acme 2")])
    assert text.splitlines()[-2:] == ["", f"From acme 2: {second.name}, {third.name}."]
    assert "From" not in listings.dyes_text([(first, "")])
    cytometer = builders.cytometer()
    assert listings.cytometers_text([ListedCytometer.of(cytometer, "acme 2")]).endswith(
        f"\nFrom acme 2: {cytometer.id}.\n"
    )
    assert "From" not in listings.cytometers_text([ListedCytometer.of(cytometer)])


def test_json_tells_origin_and_file() -> None:
    dye = builders.fluorochromes()[0]
    document = listings.with_origin(dye, "acme 2", Path("acme", "dyes.toml"))
    assert (document["name"], document["origin"], document["file"]) == (dye.name, "acme 2", str(Path("acme/dyes.toml")))
