"""Terms of a report: explained as in the documentation, and linked once."""

from __future__ import annotations

import re
from pathlib import Path

from panelopt.report.glossary import GLOSSARY
from panelopt.report.html.glossary_links import Links, jointed

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"


def test_explanations_are_those_of_the_documentation() -> None:
    rows = [re.split(r" \| ", line.strip("| \n"), maxsplit=1) for line in PAGE.read_text("utf-8").splitlines()]
    shown = {row[0]: row[1] for row in rows if len(row) == 2}
    for term, meaning in GLOSSARY.items():
        plain = re.sub(r" ?\(\[[^\]]*\]\([^)]*\)\)|\[([^\]]*)\]\([^)]*\)", lambda m: m[1] or "", shown[term])
        assert plain.replace("`", "").strip() == meaning


def test_a_term_is_linked_once_and_only_as_a_word() -> None:
    links = Links()
    text = links.linked("Doublets & a doublet; <b>gates</b> of a frogate")
    assert text == (
        '<a class="term" href="#term-doublet"><bdi>Doublets</bdi></a><bdi> &amp; a doublet; &lt;b&gt;</bdi>'
        '<a class="term" href="#term-gate"><bdi>gates</bdi></a><bdi>&lt;/b&gt; of a frogate</bdi>'
    )
    assert links.linked("a gate") == "<bdi>a gate</bdi>"
    assert [term for _, term, _ in links.explained()] == ["doublet", "gate"]


def test_names_break_at_their_joints() -> None:
    assert jointed("A_CD1+CD2-") == "<bdi>A_</bdi><wbr><bdi>CD1+</bdi><wbr><bdi>CD2-</bdi>"
    assert jointed("a b") == "<bdi>a b</bdi>"
