# ruff: noqa: E501, ISC004
"""Lists in the manner of other people: what each row becomes, written by hand."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pytest

from panelopt.catalogs.importing import Imported, guess_mapping, import_into, import_table, read_foreign, tables
from panelopt.catalogs.importing.files.reader import ReadOptions
from panelopt.catalogs.writer import REJECTS_FILE
from panelopt.domain.reagents import Catalog
from panelopt.errors import InputError


def imported(path: Path, text: str, *, inventory: bool = False, encoding: str = "utf-8") -> Imported:
    path.write_text(text, encoding=encoding)
    table = read_foreign(path, ReadOptions())
    head = Catalog(name="x", source="x", retrieved="2026-01-31", inventory=inventory)
    return import_table(table, guess_mapping(table, tables()).mapping, head, guessed=True)


def rejects(result: Imported) -> list[str]:
    return [row["reason"] for row in csv.DictReader(io.StringIO(result.files[REJECTS_FILE], newline=""))]


PAIRS = {
    # header and rows; what is taken, as "marker fluorochrome clone reactivity"; how reasons of rejects begin
    "antigens under antibody": (
        "number,antibody,fluorophore\n1,CD19,FITC\n2,Granzyme B,PE\n3,Perforin,APC\n4,HLA-DR,BV421\n5,Ly6G,BV605\n6,CD45R,BV711\n",
        ["CD19 FITC", "Granzyme B PE", "Perforin APC", "HLA-DR BV421", "Ly6G BV605", "CD45R BV711"],
        [],
    ),
    "immunoglobulins": (
        "Target,Fluorochrome,Clone\nIgA,PE,IS11-8E10\nIgG,FITC,IS11-3B2.2.3\nCD79a (Ig\u03b1),APC,HM47\nIgM,PE,MHM-88\n",
        ["IgA PE IS11-8E10", "IgG FITC IS11-3B2.2.3", "CD79a APC HM47", "IgM PE MHM-88"],
        [],
    ),
    "no file names as markers": (
        "Target Name / Protein Biomarker,Target Species,Host Organism,Conjugate,Image Files\n"
        "CD31,Human,Mouse,PE,CD31_PE/LN_CD106_CD31.jpg\nCD45,Mouse,Rat,AF488,CD45_AF488/LN_CD169.jpg\n"
        "Sheep IgG (H+L),Sheep,Donkey,AF680,Sheep/CD49a_Lumican.jpg\nVimentin,Human,Mouse,AF647,V/CD54_Vimentin.jpg\n",
        ["CD31 PE human", "CD45 Alexa Fluor 488 mouse", "Vimentin Alexa Fluor 647 human"],
        ["secondary antibody"],
    ),
    "prototypes and short forms": (
        "Marker,Fluorochrome,Clone\nCD4,BB790-P,SK3\nCD197,BB630-P2,3D12\nCD45,APC-Alexa 750,J33\nCD34,Alx647,581\nCD3,SUV387,\n"
        "CD8,SB550,\nCD14,StarBright B700,\nCD16,PerCP-Cy55,\nCD19,NovaFluor B510,\nCD20,CL488,\nCD24,iF488,\nCD25,CoraLite\u00ae Plus 488,\n",
        ["CD4 BB790 SK3", "CD197 BB630 3D12", "CD45 APC-Alexa Fluor 750 J33", "CD34 Alexa Fluor 647 581", "CD3 Spark UV 387",
         "CD8 Spark Blue 550", "CD14 StarBright Blue 700", "CD16 PerCP-Cy5.5", "CD19 NovaFluor Blue 510", "CD20 CoraLite 488",
         "CD24 iFluor 488", "CD25 CoraLite Plus 488"],
        [],
    ),
    "recognizes is reactivity": (
        'Name,Clone,Raised_In,Recognizes\n"CD45,APC-Cy7",30-F11,Rat,Mouse\n"CD271,PE",C40,Mouse,Human\nZombie Aqua,,,\n',
        ["CD45 APC-Cy7 30-F11 mouse", "CD271 PE C40 human", "viability Zombie Aqua"],
        [],
    ),
    "species of products that may be others": (
        "Species,Marker,Fluorochrome\nmouse,CD19,PE-Cy5.5\nhuman,CD19,PE-Cy5.5\nhuman,CD4,APC\nmouse,CD4,APC\nhuman,CD8,PE\n",
        ["CD19 PE-Cy5.5 human", "CD4 APC human", "CD8 PE human"],
        ["same product", "same product"],
    ),
    "species of one product": (
        "Species,Marker,Fluorochrome,Clone,Vendor\nmouse,CD44,PE,IM7,BioLegend\nhuman,CD44,PE,IM7,BioLegend\nhuman,CD4,APC,SK3,BD\n",
        ["CD44 PE IM7 mouse, human", "CD4 APC SK3 human"],
        ["same product"],
    ),
    "species that few cells name": (
        "Species,Marker,Fluorochrome\nmouse,CD8,PE\nsee datasheet,CD4,APC\nsee datasheet,CD3,FITC\n,CD19,BV421\nsee datasheet,CD45,PE\n",
        ["CD8 PE mouse", "CD4 APC see datasheet", "CD3 FITC see datasheet", "CD19 BV421", "CD45 PE see datasheet"],
        [],
    ),
    "secondaries and streptavidin": (
        "Target,Fluorochrome,Clone,Host\nCD3,PE,UCHT1,Mouse\nRabbit IgG (H+L),AF488,,Goat\nMouse IgM,AF488,,Goat\nStreptavidin,PE,,\n"
        "MOPC-21,APC,MOPC-21,\nanti-rat IgG1,APC,RG7/1.30,\nNeutrAvidin,FITC,,\n",
        ["CD3 PE UCHT1"],
        ["secondary antibody", "secondary antibody", "no antibody", "isotype control", "secondary antibody", "no antibody"],
    ),
    "species in the marker": (
        "Target,Fluorochrome\nmouse CD45,APC-Cy7\nanti-mouse CD117,PE\nCD29 (mouse),PE\nCD44 (mouse/human),FITC\nhCD271,PE\n"
        "m CD8,APC\nrat anti-mouse CD4,PE\nCD14 (Maus),PE\nmTOR,FITC\n\u30de\u30a6\u30b9 CD3,PE\n",
        ["CD45 APC-Cy7 mouse", "CD117 PE mouse", "CD29 PE mouse", "CD44 FITC mouse, human", "CD271 PE human", "CD8 APC mouse",
         "CD4 PE mouse", "CD14 PE mouse", "mTOR FITC", "CD3 PE mouse"],
        [],
    ),
    "dyes whole or not at all": (
        'Name,Clone\n"CD197,PE/Daz594",a1\n"CCR10,PCP-Cy5.5",a2\n"CD4,APC-,eFluor780",a3\nCD45 PE/C7,a4\nCD45 APC/C7,a5\n'
        "CD19 APC-Vio780,a6\nCD2 PerCP-eFlour 710,a7\nCD31 cFluor V500,a8\nLIVE/DEAD Fixable Near IR (876) Viability Kit,\n"
        "CD271 PE-DyLight 598,a9\nCD34 PE-Fire 744,b1\nCD38 APC-H8,b2\nCD16 PerCP-Cy7,b3\nCD11b PE/Fyre 810,b4\nCD8 BV999,b5\n",
        ["CD197 PE-Dazzle 594 a1", "CCR10 PerCP-Cy5.5 a2", "CD4 APC-eFluor 780 a3", "CD45 PE-Cy7 a4", "CD45 APC-Cy7 a5",
         "CD2 PerCP-eFluor 710 a7", "viability LIVE/DEAD Fixable NIR 876", "CD34 PE-Fire 744 b1"],
        ["unknown fluorochrome: APC-Vio780 (Did you mean APC-Vio770?)", "unknown fluorochrome: cFluor V500",
         "unknown fluorochrome: PE-DyLight 598", "unknown fluorochrome: APC-H8", "unknown fluorochrome: PerCP-Cy7",
         "unknown fluorochrome: PE/Fyre 810", "unknown fluorochrome: BV999"],
    ),
    "dyes that no table knows": (
        'Name,Clone\n"CD11b,SUV387",ICRF44\n"CD8a,SV538",QA1707\n"CD11c,V610SE",3.9\n"CD8,VG",REAL100\n"CD95,PE",DX2\n',
        ["CD11b Spark UV 387 ICRF44", "CD8 Spark Violet 538 QA1707", "CD95 PE DX2"],
        ["unknown fluorochrome: V610SE", "unknown fluorochrome: VG"],
    ),
    "dyes are no markers": (
        "Specificity,Label\nCD4,PE\nanti-FITC,PE\nPE,APC\nanti-Biotin,FITC\nDAPI,DAPI\nLive/Dead,Aqua\nCD8,FITC\n",
        ["CD4 PE", "viability DAPI", "viability LIVE/DEAD Fixable Aqua", "CD8 FITC"],
        ["'anti-FITC' is a fluorochrome", "'PE' is a fluorochrome", "'anti-Biotin' is a label"],
    ),
    "tubes are no alleles": (
        "Marker,Dye\nCD45(2),PE\nCD3 #2,FITC\nCD45.2,APC\nCD90 (1),PE\nCD4_3,PE\n",
        ["CD45 PE", "CD3 FITC", "CD45.2 APC", "CD90 PE", "CD4 PE"],
        [],
    ),
    "clones": (
        "Antigen,Dye,Clone\nCD90,PE,50000000000\nCD8,APC,500000000\nCD4,PE,1-Mar\nCD34,FITC,581\nCD14,PE,C:\\x\\M5E2.pdf\nCD324,PE,DECMA-1\n"
        "NG2,PE,9.2.27\n",
        ["CD90 PE", "CD8 APC", "CD4 PE", "CD34 FITC 581", "CD14 PE", "CD324 PE DECMA-1", "NG2 PE 9.2.27"],
        [],
    ),
    "kinds in a column of their own": (
        "Type,Marker,Dye,Clone\nPrimary,CD3,PE,UCHT1\nIsotype control,CD4,PE,X\nSecondary antibody,Rat,PE,Poly\n",
        ["CD3 PE UCHT1"],
        ["isotype control", "secondary antibody"],
    ),
    "a grid of clones": (
        "Marker,FITC,PE,BV421\nCD3,UCHT1,,OKT3\nCD4,,RPA-T4,-\nCD8,,,SK1\n",
        ["CD3 FITC UCHT1", "CD3 BV421 OKT3", "CD4 PE RPA-T4", "CD8 BV421 SK1"],
        [],
    ),
    "a grid of panels": (
        "Tube,FITC,PE,APC,BV421\n1,CD3,CD4,CD8,CD45\n2,CD19,CD20,CD27,CD38\n",
        ["CD3 FITC", "CD4 PE", "CD8 APC", "CD45 BV421", "CD19 FITC", "CD20 PE", "CD27 APC", "CD38 BV421"],
        [],
    ),
    "swapped headers": (
        "Antigen,Fluorochrome\nPE,CD3\nFITC,CD4\nBV421,CD8\n",
        ["CD3 PE", "CD4 FITC", "CD8 BV421"],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_rows_of_foreign_lists(name: str, tmp_path: Path) -> None:
    text, taken, reasons = PAIRS[name]
    result = imported(tmp_path / "x.csv", text)
    found = [(c.marker, c.fluorochrome, c.clone, c.reactivity) for c in result.catalog.conjugates]
    assert [" ".join(filter(None, parts)) for parts in found] == taken
    assert [reason[: len(begins)] for reason, begins in zip(rejects(result), reasons, strict=True)] == reasons


STOCK = """Name,Clone,Status
"EMPTY-CD271,PE",a,
"MISSING!-CD146,BV421",b,
CD3 FITC (leer),c,
CD4 PE,d,used up 2024
CD8 APC,e,0 vials
CD45 APC-Cy7,f,in use
CD19 BV421,g,1 R\u00f6hrchen
CD20 PE,h,low
"""


def test_what_is_not_there_is_not_owned(tmp_path: Path) -> None:
    result = imported(tmp_path / "x.csv", STOCK, inventory=True)
    found = {c.clone: (c.in_stock, c.tests_left) for c in result.catalog.conjugates}
    gone, there = (False, 0), (True, None)
    assert found == {"a": gone, "b": gone, "c": gone, "d": gone, "e": gone, "f": there, "g": there, "h": there}
    assert "marked EMPTY" in result.catalog.conjugates[0].note


PRICES = {
    "$1,249.00": (1249.0, "USD"), "US$ 199": (199.0, "USD"), "EUR 289.50": (289.5, "EUR"), "POA": (None, ""),
    "299.-": (299.0, ""), "405 / 380": (None, ""), "249 + VAT": (249.0, ""), "1 234,50 kr": (1234.5, ""),
    "\u20ac 1.234,50": (1234.5, "EUR"), "1'234.50 CHF": (1234.5, "CHF"), "USD 1,234": (1234.0, "USD"),
    "1,23,456.00": (123456.0, ""), "249 \u20ac (excl. 19 % MwSt.)": (249.0, "EUR"), "299.00 / 100 tests": (299.0, ""),
    "ab 249 \u20ac": (None, ""), "1.2k": (None, ""), "\uffe538,000": (38000.0, "JPY"), "R$ 1.234,50": (1234.5, "BRL"),
}  # fmt: skip


def test_prices_of_every_convention(tmp_path: Path) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(
        [("Antigen", "Dye", "Cat", "Price"), *(("CD3", "PE", i, t) for i, t in enumerate(PRICES))]
    )
    result = imported(tmp_path / "x.csv", out.getvalue())
    found = {text: (c.price, c.currency) for text, c in zip(PRICES, result.catalog.conjugates, strict=True)}
    assert found == PRICES
    assert "price written POA" in result.catalog.conjugates[3].note


def test_prices_per_test_in_the_cell(tmp_path: Path) -> None:
    result = imported(
        tmp_path / "x.csv", "Antigen,Dye,Size,Price\nCD3,PE,100 tests,\u20ac 3.20 per test\nCD4,PE,50 tests,300.00\n"
    )
    assert [(c.price, c.price_per_test) for c in result.catalog.conjugates] == [(320.0, "3.2"), (300.0, "6")]


def test_a_price_that_can_be_read_two_ways_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        imported(tmp_path / "x.csv", 'Antigen,Dye,Price\nCD3,PE,"12,345"\nCD4,PE,1.234 EUR\nCD8,PE,300\n')
    messages = [(finding.where, finding.message) for finding in caught.value.findings]
    assert messages == [
        ("line 2", "the price '12,345' is 12345 or 12.345"),
        ("line 3", "the price '1.234 EUR' is 1234 or 1.234"),
    ]
    assert "--decimal" in caught.value.findings[0].hint
    shown = imported(tmp_path / "x.csv", "Antigen;Dye;Price\nCD3;PE;1.345\nCD4;PE;99,50\n")
    assert [c.price for c in shown.catalog.conjugates] == [1345.0, 99.5]


KINDS = {
    "mass cytometry": "Metal,Antigen,Clone\n141Pr,CD45,HI30\n113 In,CD4,RPA-T4\nNd142Di,CD19,HIB19\n89Y,CD31,WM59\n",
    "mass cytometry by conjugates": "conjugate,Antigen\n141Pr,CD45\n113 In,CD4\nNd142Di,CD19\n89Y,CD31\n",
    "mass cytometry by names": "Product,Cat\nAnti-Human CD45 (HI30)-89Y,1\nCD3-170Er UCHT1,2\nCD4 In115,3\n",
    "oligonucleotide": "id,name,sequence,feature_type\nCD3e,totalseqC_CD3e,CTCATTGTAACTCCT,Antibody Capture\n"
    "FITC,totalseqC_FITC,TTTGTGTTGTGGTAC,Antibody Capture\n",
    "oligonucleotide barcodes": "Fluorophore,Marker,Barcode\nAtto550,CD3e,BX045\nCy5,CD8,BX026\nCy5,CD20,BX007\n",
    "western blot": "Protein,Antibody,Size (kDa),Secondary\nGAPDH,D16H11,37,HRP\np53,DO-1,53,HRP\nActin,AC-15,42,IRDye 800CW\n",
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_lists_for_other_methods_are_named_and_their_rejects_written(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(KINDS[name], encoding="utf-8")
    table = read_foreign(path, ReadOptions())
    mapping = guess_mapping(table, tables()).mapping
    with pytest.raises(InputError) as caught:
        import_into(tmp_path / "out", table, mapping, Catalog(name="x"), guessed=True)
    assert name.split(" by")[0].split(" bar")[0] in caught.value.findings[0].hint
    assert [file.name for file in (tmp_path / "out").iterdir()] == [REJECTS_FILE]
    assert len((tmp_path / "out" / REJECTS_FILE).read_text(encoding="utf-8").splitlines()) == 1 + len(table.rows)


def test_a_guess_under_which_few_rows_make_sense_is_not_taken(tmp_path: Path) -> None:
    text = "Article,Supplier\nCD3 FITC UCHT1,BioLegend\n96-well plate,Greiner\nRPMI 1640,Gibco\nTrypan blue,Sigma\n"
    with pytest.raises(InputError, match=r"only 1 of 4 rows make sense .*product = 'Article'.*nothing was written"):
        imported(tmp_path / "x.csv", text)


def test_a_large_text_is_read_row_by_row_with_the_same_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        "Antigen,Dye,Clone,Status,Expiry",
        'CD3,PE,"a\nb",none,',
        "",
        'CD3,PE,"a\nb",in use,2027-06',
        'CD4,"PE,x',
        "CD8,FITC,c,in use,",
    ]
    text = "\r\n".join([*rows, *(f"CD{i % 9 + 1},PE,\u03b1{i},in use,2027-01-31" for i in range(150)), ""])
    whole = imported(tmp_path / "x.csv", text, inventory=True)
    monkeypatch.setattr("panelopt.catalogs.importing.files.reader.STREAM_BYTES", 100)
    monkeypatch.setattr("panelopt.catalogs.importing.spool._HELD", 10)
    for encoding in ("utf-8", "utf-16"):
        streamed = imported(tmp_path / "x.csv", text, inventory=True, encoding=encoding)
        assert streamed.files == whole.files
        assert streamed.summary.empty_lines == whole.summary.empty_lines == 1


@pytest.mark.parametrize(
    "piece", [" ", "a ", "( ", "mouse, ", "1,", "1 ", "PE-", "excl ", "12 % ", "CD3(", "IgG ", "human/"]
)
def test_long_cells_cost_no_time(piece: str, tmp_path: Path) -> None:
    cell = f'"x{piece * (1990 // len(piece))}"'
    start = time.process_time()
    imported(
        tmp_path / "x.csv", f"Antigen,Dye,Price,Clone,Status\nCD3,PE,1,a,yes\n{','.join([cell] * 5)}\nCD4,PE,2,b,yes\n"
    )
    assert time.process_time() - start < 5
