"""Free text of vendors on species and applications."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.suitability import SPECIES, for_flow_cytometry, reacts_with


@pytest.mark.parametrize(
    "text",
    [
        "Human", "Hu", "hu", "h", "H", "HUMAN", "Human, Cynomolgus", "Hu/Ms", "Mouse;Human", "H M R Mk", "Anti-Human",
        "Mouse anti-human", "Human (QC tested); Baboon", "Human (not mouse)", "Homo sapiens", "Human+Rhesus", "rat|hu",
        "Cross-reacts with human and dog", "Non-human primate, human",
    ],
)  # fmt: skip
def test_human(text: str) -> None:
    assert reacts_with(text, "human") is True
    assert reacts_with(text, "Hu") is True


@pytest.mark.parametrize(
    "text",
    [
        "Mouse", "Ms", "m", "Mouse, Rat", "Rat/Mouse", "Non-human primate", "nonhuman primates", "Rhesus; Cyno",
        "Mouse (does not cross-react with human)", "not human", "Porcine", "humanized mouse", "Murine",
    ],
)  # fmt: skip
def test_not_human(text: str) -> None:
    assert reacts_with(text, "human") is False


@pytest.mark.parametrize("text", ["", "  ", "all mammals", "broad", "see datasheet", "n/a", "-", "Not determined", "?"])
def test_nothing_is_known(text: str) -> None:
    assert reacts_with(text, "human") is None


def test_other_species_may_be_asked_for() -> None:
    assert reacts_with("Ms, Rt", "mouse") is True
    assert reacts_with("Hu", "mouse") is False
    assert reacts_with("Axolotl", "axolotl") is True
    assert reacts_with("Human", "axolotl") is False


@pytest.mark.parametrize(
    "text",
    [
        "FC", "fc", "FACS", "Flow", "FCM", "Flow cytometry (QC tested)", "IHC-P, FC", "WB; flow cytometry", "ICFC",
        "FC-QC tested, IHC-F", "Flow Cytometry - Cell Surface", "flow cytometric analysis", "FC, but not IHC",
        "Mass cytometry, FC",
    ],
)  # fmt: skip
def test_for_flow_cytometry(text: str) -> None:
    assert for_flow_cytometry(text) is True


@pytest.mark.parametrize(
    "text",
    ["IHC", "WB", "IHC-P; IF", "Western blot", "Mass cytometry", "CyTOF", "Not for flow cytometry, IHC", "ELISA"],
)
def test_not_for_flow_cytometry(text: str) -> None:
    assert for_flow_cytometry(text) is False


@pytest.mark.parametrize("text", ["", "QC tested", "research use only", "for in vitro use"])
def test_no_application_is_known(text: str) -> None:
    assert for_flow_cytometry(text) is None


def test_no_abbreviation_stands_for_two_species() -> None:
    names = [name for found in SPECIES.values() for name in found]
    assert len(names) == len(set(names))


@given(st.text(max_size=60), st.sampled_from(sorted(SPECIES)))
def test_any_text_is_read(text: str, species: str) -> None:
    assert reacts_with(text, species) in (True, False, None)
    assert for_flow_cytometry(text) in (True, False, None)


@given(
    st.lists(st.sampled_from([", ", "; ", " / ", " and ", "|", "\n", " + "]), min_size=2, max_size=2),
    st.permutations(["Hu", "Ms", "Rt"]),
)
def test_separators_and_order_do_not_matter(marks: list[str], names: list[str]) -> None:
    text = names[0] + marks[0] + names[1] + marks[1] + names[2]
    assert reacts_with(text, "human") is True
    assert reacts_with(text.replace("Hu", "Cy"), "human") is False
