"""Single cells: numbers are never invented, and what is not understood stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.catalogs.importing import tables
from panelopt.catalogs.importing.packs import Pack, pack
from panelopt.catalogs.importing.prices import Money, currency_in, decimal_mark, money
from panelopt.catalogs.importing.species import isotype_and_host, species_list
from panelopt.catalogs.importing.stock_words import mangled_clone, stock


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("EUR 1.234,50", ",", Money(1234.5, "EUR")),
        ("1'234.50 CHF", ".", Money(1234.5, "CHF")),
        ("$ 345.00", ".", Money(345.0, "USD")),
        ("12,50 \u20ac", ",", Money(12.5, "EUR")),
        ("1,234", ".", Money(1234.0)),
        ("1,234", ",", Money(1.234)),
        ("1.234.567,8", ",", Money(1234567.8)),
        ("345,-", ",", Money(345.0)),
        ("\u00a399", ".", Money(99.0, "GBP")),
        ("on request", ".", Money(None)),
        ("100-200", ".", Money(None)),
        ("100 (50 EUR off)", ".", Money(None, "EUR")),
        ("12,34,56", ".", Money(None)),
        ("-5", ".", Money(None)),
    ],
)
def test_prices(text: str, decimal: str, expected: Money) -> None:
    assert money(text, decimal) == expected


@given(st.decimals(min_value=0, max_value=99_999, places=2), st.sampled_from([".", ","]), st.booleans())
def test_written_prices_are_read(value: object, decimal: str, grouped: bool) -> None:
    text = f"{value:,.2f}" if grouped else f"{value:.2f}"
    if decimal == ",":
        text = text.translate(str.maketrans(".,", ",."))
    assert money(text, decimal).amount == float(f"{value:.2f}")


def test_the_decimal_mark_is_that_of_the_column() -> None:
    assert decimal_mark(["12,50", "1.234,00", "30"]) == ","
    assert decimal_mark(["12.50", "1,234.00"]) == "."
    assert decimal_mark(["1,234", "5,678"]) == ""
    assert decimal_mark(["12,50", "12.50"]) == ""


@pytest.mark.parametrize(
    ("size", "unit", "tests", "expected"),
    [
        ("100 tests", "", "", Pack("100", "tests", 100.0)),
        ("100 TESTS/0.5 mL", "", "", Pack("100", "tests", 100.0)),
        ("250uL; 5uL/test; 100ug/mL", "", "", Pack("250", "uL", 50.0)),
        ("1 mL, 20 \u00b5L/test", "", "", Pack("1", "mL", 50.0)),
        ("50 ug; 250 uL; 200 ug/mL", "", "", Pack("50", "ug", None)),
        ("30 \u00b5g in 200 \u00b5L", "", "", Pack("30", "ug", None)),
        ("0,5 ml", "", "", Pack("0.5", "mL", None)),
        ("25 Tst", "", "", Pack("25", "tests", 25.0)),
        ("100", "tests", "", Pack("100", "tests", 100.0)),
        ("0.5", "mL", "50", Pack("0.5", "mL", 50.0)),
        ("100", "", "", Pack("100", "", None)),
        ("25 tests or 100 tests", "", "", Pack("25", "tests", None)),
        ("0 tests", "", "", Pack("0", "tests", None)),
        ("one vial", "", "", Pack("one vial", "", None)),
        ("", "", "", Pack()),
    ],
)
def test_packs(size: str, unit: str, tests: str, expected: Pack) -> None:
    assert pack(size, unit, tests) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mouse Human", "mouse, human"),
        ("Hu, Ms, Rt", "human, mouse, rat"),
        ("human/mouse/rat", "human, mouse, rat"),
        ("H/M", "human, mouse"),
        ("anti-human", "human"),
        ("Human and Cyno", "human, cynomolgus"),
        ("Human (maybe mouse?)", "Human (maybe mouse?)"),
        ("human, dragon", "human, dragon"),
        ("Maus", "mouse"),
    ],
)
def test_species(text: str, expected: str) -> None:
    assert species_list(text, tables()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mouse IgG1, \u03ba", ("IgG1 kappa", "mouse")),
        ("Mouse BALB/c IgG1, \u03ba", ("IgG1 kappa", "mouse")),
        ("Monoclonal Mouse IgG2B", ("IgG2b", "mouse")),
        ("Rat IgG2a, \u03bb", ("IgG2a lambda", "rat")),
        ("mIgG1", ("IgG1", "mouse")),
        ("IgM", ("IgM", "")),
        ("REA", ("REA", "")),
        ("Dragon IgG1", ("Dragon IgG1", "")),
    ],
)
def test_isotypes(text: str, expected: tuple[str, str]) -> None:
    assert isotype_and_host(text, tables()) == expected


def test_small_cells() -> None:
    assert [stock(text) for text in ("In stock", "in use", "0", "12", "none", "soon")] == [
        True, True, False, True, False, None,
    ]  # fmt: skip
    assert [mangled_clone(text) for text in ("5.00E+08", "5E8", "2021-03-01", "1-Mar", "HI30")] == [
        "number", "", "date", "date", "",
    ]  # fmt: skip
    names = ("cost_chf", "Price (USD)", "List Price \u20ac", "price", "Price/GBP", "Surprise")
    assert [currency_in(text) for text in names] == ["CHF", "USD", "EUR", "", "GBP", ""]


@given(st.text(max_size=60))
def test_no_cell_is_too_odd(text: str) -> None:
    money(text, ",")
    found = pack(text, text, text)
    assert found.tests is None or found.tests > 0
    assert species_list(text, tables()) is not None
    isotype_and_host(text, tables())
