"""Product names in the manner of vendors, registries and laboratories; expected parts are written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.catalogs.importing import tables
from panelopt.catalogs.importing.marker_names import clean_marker
from panelopt.catalogs.importing.patterns import ISOTYPE_CONTROL, NOT_ONE_ANTIBODY, SECONDARY
from panelopt.catalogs.importing.product_names import take_apart

NAMES = {
    "PE anti-human CD146 Antibody": ("CD146", "PE", ""),
    "Brilliant Violet 421\u2122 anti-human CD271 (NGFR) Antibody": ("CD271", "BV421", ""),
    "APC/Cyanine7 anti-human CD90 (Thy1) Antibody": ("CD90", "APC-Cy7", ""),
    "PE/Cy7 anti-mouse/human CD11b": ("CD11b", "PE-Cy7", ""),
    "BD Pharmingen\u2122 PE Mouse Anti-Human CD146": ("CD146", "PE", ""),
    "BD OptiBuild\u2122 RB780 Mouse Anti-Human CD10": ("CD10", "RB780", ""),
    "PE-Cy\u21227 Mouse Anti-Human CD34": ("CD34", "PE-Cy7", ""),
    "BV786 Mouse Anti-Human CD56 (NCAM-1)": ("CD56", "BV786", ""),
    "CD271 (LNGFR) Antibody, anti-human, PE, REAfinity\u2122": ("CD271", "PE", ""),
    "CD73 Antibody, anti-human, APC-Vio\u00ae 770, REAfinity\u2122": ("CD73", "APC-Vio770", ""),
    "CD3-VioBlue, human": ("CD3", "VioBlue", ""),
    "APC (DP2.5) Antibody, anti-human, PE": ("APC (DP2.5)", "PE", ""),
    "CD90 (Thy-1) Monoclonal Antibody (5E10), PE, eBioscience\u2122": ("CD90", "PE", "5E10"),
    "Ki-67 Monoclonal Antibody (SolA15), eFluor 660": ("Ki-67", "eFluor 660", "SolA15"),
    "Human NGF R/TNFRSF16 APC-conjugated Antibody": ("CD271", "APC", ""),
    "Human Endoglin/CD105 Fluorescein-conjugated Antibody": ("CD105", "FITC", ""),
    "CD146-PE, TEA1/34, ASR": ("CD146", "PE", "TEA1/34"),
    "CD45-Krome Orange, J33, 0.5 mL, ASR": ("CD45", "Krome Orange", "J33"),
    "Anti-CD106-PE": ("CD106", "PE", ""),
    "cFluor\u00ae B515 Anti-Human CD3 (SK7)": ("CD3", "cFluor B515", "SK7"),
    "PE Anti-CD146 antibody [P1H12]": ("CD146", "PE", "P1H12"),
    "Anti-CD73 antibody [AD2] (FITC)": ("CD73", "FITC", "AD2"),
    "CD271 (NGFR) Mouse anti-Human Monoclonal (FITC) (ME20.4) Antibody": ("CD271", "FITC", "ME20.4"),
    "CD146 PE clone P1H12": ("CD146", "PE", "P1H12"),
    "CD45-FITC HI30": ("CD45", "FITC", "HI30"),
    "aCD3 PE": ("CD3", "PE", ""),
    "CD117 (c-kit) PE": ("CD117", "PE", ""),
    "SSEA-4 (MC-813-70) Alexa 647": ("SSEA4", "Alexa Fluor 647", "MC-813-70"),
    "HLA-DR,DP,DQ FITC": ("HLA-DR,DP,DQ", "FITC", ""),
    "CD34 APC-A750": ("CD34", "APC-Alexa Fluor 750", ""),
    "APC anti-mouse Ly-6G Antibody": ("Ly-6G", "APC", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_taken_apart(name: str) -> None:
    parts = take_apart(name, tables())
    assert (parts.marker, parts.fluorochrome, parts.clone) == NAMES[name]


def test_another_antigen_is_not_the_one_it_is_named_after() -> None:
    for name in ("PE anti-human CD19 CAR", "CD140b pY857 PE", "CD20 Cytoplasmic Antibody, anti-human, PE"):
        assert take_apart(name, tables()).marker not in ("CD19", "CD140b", "CD20")
    for name in ("Blue Light Source, FITC", "MSC Phenotyping Kit PE"):
        assert take_apart(name, tables()).marker not in ("CD258", "CD117")
    for text in ("CD19 CAR", "CD66a/x/e", "Siglec-5/Siglec-14", "NKG2A/C/E", "CD41/CD61", "CD45R (B220)", "CD2AP"):
        assert clean_marker(text, tables()) == ""


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("anti-human CD90 antibody", "CD90"),
        ("cKIT (CD117)", "CD117"),
        ("MCAM/CD146", "CD146"),
        ("Unheard of (CD56)", "CD56"),
        ("CD45BC3", "CD45"),
        ("CD57_REA769", "CD57"),
        ("CD218 (IL-18R\u03b1)", "CD218a"),
        ("TCR\u03b3\u03b4", "TCRgd"),
        ("CD63 (LAMP-3)", "CD63"),
    ],
)
def test_marker_cells(text: str, marker: str) -> None:
    assert clean_marker(text, tables()) == marker


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PE Mouse IgG1, \u03ba Isotype Ctrl Antibody", "isotype"),
        ("REA Control (S), human IgG1, PE", "isotype"),
        ("Mouse IgG1", "isotype"),
        ("Donkey anti-Rabbit IgG (H+L)", "secondary"),
        ("Goat F(ab')2 anti-mouse IgG PE", "secondary"),
        ("MSC Phenotyping Kit, human", "kit"),
        ("UltraComp eBeads Compensation Beads", "kit"),
        ("CD117 (c-kit) PE", ""),
        ("Human KIT APC", ""),
        ("PE anti-human IgG Fc", ""),
    ],
)
def test_what_is_no_antibody_against_a_marker(text: str, kind: str) -> None:
    patterns = {"isotype": ISOTYPE_CONTROL, "secondary": SECONDARY, "kit": NOT_ONE_ANTIBODY}
    assert [name for name, pattern in patterns.items() if pattern.search(text)] == ([kind] if kind else [])


def test_two_dyes_and_labels_are_told() -> None:
    assert take_apart("PE or FITC anti-human CD3", tables()).other_dyes == ("FITC",)
    assert take_apart("Biotin anti-human CD34 Antibody", tables()).label == "biotin"
    assert take_apart("Purified anti-human CD105 Antibody", tables()).label == "unconjugated"
    parts = take_apart("BD Horizon BV421 Mouse Anti-Human CD271", tables())
    assert (parts.host, parts.reactivity) == ("mouse", "Human")


@given(st.text(max_size=80))
def test_no_name_is_too_odd(text: str) -> None:
    parts = take_apart(text, tables())
    assert not parts.fluorochrome or parts.fluorochrome in tables().dyes.table.canonical


@given(
    st.sampled_from(["CD3", "CD146", "CD271", "HLA-DR"]),
    st.sampled_from(["PE", "BV421", "PE-Cy7", "Alexa Fluor 647", "PerCP-Cy5.5", "APC-Fire 750"]),
    st.sampled_from(
        ["{m} {d}", "{d} anti-human {m}", "{m}-{d}", "{d} {m} Antibody", "{m}_{d}", "Human {m} {d}-conjugated"]
    ),
)
def test_marker_and_dye_survive_any_order(marker: str, dye: str, pattern: str) -> None:
    parts = take_apart(pattern.format(m=marker, d=dye), tables())
    assert (parts.marker, parts.fluorochrome) == (marker, dye)
