"""Tandems: what their donors keep."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from panelopt.domain.reagents import Fluorochrome
from panelopt.io.fluorochrome_files import fluorochromes_toml, read_fluorochromes

OWN = {"peak_nm": 780, "left_nm": 15, "right_nm": 25, "weight": 0.3}
KEPT = {"peak_nm": 578, "left_nm": 10, "right_nm": 20, "weight": 0.7, "origin": "donor"}


def tandem(**changes: object) -> Fluorochrome:
    return Fluorochrome.model_validate(
        {
            "name": "PE-Example", "family": "PE tandems", "kind": "tandem", "donor": "PE", "acceptor": "Example",
            "excitation": {488: 0.7, 561: 1}, "emission": [OWN, KEPT], "donor_leak": {561: 1, 488: 0.5},
            "brightness": {"photoelectrons_per_antibody": 1, "origin": "model"},
        }
        | changes
    )  # fmt: skip


def test_lines_are_sorted_and_the_peak_is_that_of_the_dye() -> None:
    assert list(tandem().donor_leak) == [488, 561]
    assert tandem().peak_nm == 780


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"emission": [OWN]}, "no emission peak has the origin"),
        ({"emission": [KEPT]}, "all emission peaks are those of the donor"),
        ({"donor_leak": {200: 1}}, "outside 250-1000"),
        ({"donor_leak": {488: 101}}, "above 100"),
    ],
)
def test_leaks_that_mean_nothing_are_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        tandem(**changes)


def test_a_file_keeps_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("dyes") / "pe.toml"
    path.write_text(fluorochromes_toml([tandem()], "PE tandems"), encoding="utf-8")
    assert read_fluorochromes(path) == (tandem(),)
