# ruff: noqa: E501
"""Invented lists in the manner of vendors, registries and laboratories: no product, number or price is real."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class DirtyList:
    """A file, the (marker, fluorochrome) of the rows that can be taken, and the reasons of the others."""

    name: str
    content: bytes
    taken: tuple[str, ...]
    rejected: tuple[str, ...]


def _text(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([*lines, ""]).encode(encoding)


_THERMO = [
    {"sku": "0-01", "productName": "CD90 (Thy-1) Monoclonal Antibody (5E10), PE, eBioscience\u2122", "brand": "eBioscience",
     "target": "CD90", "speciesReactivity": ["Human", "Pig"], "size": "100 Tests", "listPrice": {"value": 301.0, "currency": "USD"}},
    {"sku": "0-02", "productName": "CD105 (SN6), PerCP-eFluor\u2122 710", "brand": "Invitrogen", "target": "Endoglin",
     "speciesReactivity": ["Human"], "size": "25 Tests"},
    {"sku": "0-03", "productName": "LIVE/DEAD\u2122 Fixable Near-IR Dead Cell Stain Kit", "brand": "Invitrogen", "size": "80 assays"},
    {"sku": "0-04", "productName": "CD73 Monoclonal Antibody (AD2), eBioscience\u2122", "brand": "eBioscience", "target": "CD73"},
]  # fmt: skip

LISTS = (
    DirtyList(
        "biolegend.csv",
        _text(
            "Produktliste 2025;;;;", "g\u00fcltig bis 31.12.2025;;;;", "", "Cat #;Description;Size;Preis (EUR);Reactivity",
            "1;PE anti-human CD271 (NGFR) Antibody;100 tests;345,00 \u20ac;Human",
            "2;Alexa Fluor\u00ae 647 anti-human CD271 (NGFR) Antibody;25 tests;1.142,50 \u20ac;Human",
            "3;Brilliant Violet 711\u2122 anti-human CD146 Antibody;100 \u00b5l;398,-;Human",
            "4;PerCP/Cyanine5.5 anti-human CD90 (Thy1) Antibody;;auf Anfrage;Human, Cynomolgus",
            "5;Purified anti-human CD105 Antibody;100 \u00b5g;180,00 \u20ac;Human",
            "6;PE Mouse IgG1, kappa Isotype Ctrl Antibody;100 tests;99,00 \u20ac;",
            "7;Zombie Aqua\u2122 Fixable Viability Kit;100 tests;210,00 \u20ac;",
            "8;TotalSeq\u2122-A0064 anti-human CD123 Antibody;10 \u00b5g;310,00 \u20ac;Human",
            ";;Summe;2.345,00 \u20ac;", encoding="cp1252",
        ),
        ("CD271 PE", "CD271 Alexa Fluor 647", "CD146 BV711", "CD90 PerCP-Cy5.5", "viability Zombie Aqua"),
        ("isotype control", "no marker, no fluorochrome", "not a fluorochrome", "not a fluorochrome"),
    ),
    DirtyList(
        "bd.txt",
        _text(
            "Material Number\tMaterial Description\tClone\tFormat\tPack Size\tList Price USD\tSpecies Reactivity\tIsotype",
            "1\tBD Horizon\u2122 BV421 Mouse Anti-Human CD271\tC40\tBV421\t50 Tests\t$ 421.00\tHuman\tMouse IgG1, \u03ba",
            "2\tPE-Cy\u21225 Mouse Anti-Human CD3\tUCHT1\tPE-Cy\u21225\t2.0 mL\t$ 1,310.00\tHuman (QC Testing)\tMouse IgG1, \u03ba",
            "3\tPE Mouse IgG1, \u03ba Isotype Control\tM21\tPE\t100 Tests\t$ 200.00\t\tMouse IgG1, \u03ba",
            "4\tHuman MSC Analysis Kit\t\tMultiple\t50 Tests\t$ 1,500.00\tHuman\t",
            "5\tFixable Viability Stain 780\t\tFVS780\t200 \u00b5g\t$ 180.00\t\t",
            "6\tAbSeq Oligo Mouse Anti-Human CD73\tAD2\tOligo\t25 Tests\t$ 500.00\tHuman\tMouse IgG1",
            encoding="utf-16",
        ),
        ("CD271 BV421", "CD3 PE-Cy5", "viability FVS780"),
        ("isotype control", "kit or accessory", "not a fluorochrome"),
    ),
    DirtyList(
        "miltenyi.csv",
        _text(
            "Product;Order no.;Clone;Conjugate;Capacity;Price/CHF",
            "CD271 (LNGFR) Antibody, anti-human, PE;1;ME20.4-1.H4;PE;100 tests in 200 \u00b5L;1'320.00",
            "MSCA-1 (W8B2) Antibody, anti-human, APC-Vio\u00ae 770;2;W8B2;APC-Vio\u00ae 770;30 tests;180.00",
            "CD146 Antibody, anti-human, Vio\u00ae Bright B515;3;REA773;Vio\u00ae Bright B515;100 tests;300.00",
            "REA Control (S), human IgG1, PE;4;REA293;PE;100 tests;100.00",
            "CD45 MicroBeads, human;5;;MicroBeads;2 mL;500.00",
            "CD34 Antibody, anti-human, pure;6;AC136;pure;100 \u00b5g;250.00",
            "CD34 Antibody, anti-human, Biotin;7;AC136;Biotin;100 tests;250.00",
        ),
        ("CD271 PE", "MSCA1 APC-Vio770", "CD146 VioBright 515"),
        ("isotype control", "not a fluorochrome", "not a fluorochrome", "not a fluorochrome"),
    ),
    DirtyList(
        "thermo.json", json.dumps({"results": _THERMO}).encode(),
        ("CD90 PE", "CD105 PerCP-eFluor 710", "viability LIVE/DEAD Fixable Near-IR"), ("no fluorochrome",),
    ),
    DirtyList(
        "rnd.tsv",
        _text(
            "Catalog #\tProduct Name\tLabel\tSource\tClone\tSize\tPrice",
            "1\tHuman CD146/MCAM PE-conjugated Antibody\tPE\tMonoclonal Mouse IgG1\t128018\t100 Tests\t409",
            "2\tHuman NGF R/TNFRSF16 APC-conjugated Antibody\tAPC\tMonoclonal Mouse IgG1\t74902\t25 Tests\t199",
            "3\tHuman CD73/5'-Nucleotidase Alexa Fluor\u00ae 488-conjugated Antibody\tAlexa Fluor 488\tMonoclonal Mouse IgG2B\t606\t100 Tests\t399",
            "4\tHuman Nestin NorthernLights\u2122 557-conjugated Antibody\tNL557\tMonoclonal Mouse IgG1\t196908\t100 Tests\t399",
            "5\tHuman CD146/MCAM Biotinylated Antibody\tBiotin\tMonoclonal Mouse IgG1\t128018\t50 \u00b5g\t300",
            "6\tHuman CD146/MCAM Antibody\tUnconjugated\tMonoclonal Mouse IgG1\t128018\t100 \u00b5g\t300",
        ),
        ("CD146 PE", "CD271 APC", "CD73 Alexa Fluor 488", "Nestin NorthernLights 557"),
        ("not a fluorochrome", "not a fluorochrome"),
    ),
    DirtyList(
        "beckman.csv",
        _text(
            "Part Number,Description,Qty,Unit,List Price,Currency",
            '1,"CD146-PE, TEA1/34, 0.5 mL, ASR",50,tests,"$1,445.00",USD',
            '2,"CD73-PC7, AD2, ASR",50,Tests,,USD',
            '3,"CD45-Krome Orange, J33, 1 mL, ASR",100,Tests,400,USD',
            '4,"CD34-APC-A750, 581",50,Tests,450,USD',
            '5,"IgG1-PE, 679.1Mc7, isotype control",100,Tests,100,USD',
        ),
        ("CD146 PE", "CD73 PE-Cy7", "CD45 Krome Orange", "CD34 APC-Alexa Fluor 750"),
        ("isotype control",),
    ),
    DirtyList(
        "cytek.psv",
        _text(
            "Product Name|SKU|Target|Clone|Fluorochrome|Size|Price ($)",
            "cFluor\u00ae B515 Anti-Human CD3 (SK7)|1|CD3|SK7|cFluor\u00ae B515|100 tests|220.00",
            "cFluor\u00ae BYG710 Anti-Human CD90|2|CD90|5E10|cFluor\u00ae BYG710|25 tests|99.00",
            "ViaDye\u2122 Red Fixable Viability Dye Kit|3|||ViaDye\u2122 Red|100 tests|220.00",
            "violetFluor\u2122 450 Anti-Human CD4 (RPA-T4)|4|CD4|RPA-T4|violetFluor\u2122 450|100 tests|180.00",
        ),
        ("CD3 cFluor B515", "CD90 cFluor BYG710", "viability ViaDye Red", "CD4 violetFluor 450"),
        (),
    ),
    DirtyList(
        "registry.csv",
        _text(
            "AB ID,Antibody Name,Target Antigen,Target Organism,Proper Citation,Clonality,Clone ID,Host Organism,Vendor,Cat Num,Comments",
            'AB_1,PE anti-human CD271 (NGFR),CD271 (NGFR),human,"(Vendor Cat# 1, RRID:AB_1)",monoclonal,ME20.4,mouse,BioLegend,1,FC',
            "AB_2,Mouse Anti-CD146 FITC Conjugated Clone P1H12,CD146,human,x,monoclonal,Clone P1H12,mouse,BD Biosciences,2,FC",
            "AB_3,CD105 antibody,CD105,\"human, rat\",x,monoclonal,SN6,mouse,Thermo Fisher Scientific,3,",
            'AB_4,Anti-Human CD90 eFluor 450,CD90,human,x,monoclonal,5E10,mouse,Thermo Fisher Scientific,4,=HYPERLINK("http://x")',
        ),
        ("CD271 PE", "CD146 FITC", "CD90 eFluor 450"),
        ("no fluorochrome",),
    ),
    DirtyList(
        "inventory.csv",
        _text(
            "Freezer 3 - FACS antibodies,,,,", "updated by Anna,,,,", ",,,,", "Antibody,Company,Cat.,Location,In stock?",
            "CD146 PE clone P1H12,BD,1,Box A,yes", "CD271-APC (ME20.4),Biolegend,2,Box A,y",
            "aCD90 FITC 5E10,BD Pharm.,3,Box A,no", "CD105 AF488 clone 43A3,BioLegend Inc.,4,Box B,empty",
            "anti-human CD31 BV 605 WM59,bio legend,5,Box C,yes", "CD146 PE clone P1H12,BD,1,Box A,yes",
            "CD146 PE clone P1H12,Becton Dickinson,1,Box D,yes", "mystery tube,,,Box D,?", "end of list,,,,",
            "Mouse IgG1 PE isotype,BD,6,Box D,yes", "DAPI,Sigma,7,fridge,yes",
        ),
        ("CD146 PE", "CD271 APC", "CD90 FITC", "CD105 Alexa Fluor 488", "CD31 BV605", "viability DAPI"),
        ("duplicate", "heading or footer", "isotype control", "no fluorochrome", "same product"),
    ),
    DirtyList(
        "labor.csv",
        _text(
            "Antigen;Farbstoff;Klon;Hersteller;Bestell-Nr.;Preis;Menge;Wirt;Reaktivit\u00e4t",
            "CD90;FITC;5E10;Becton Dickinson;1;234,50;100 Tests;Maus;human",
            "CD105;AF647;SN6;eBioscience;2;1.299,00;100 Tests;Maus;human",
            "CD73;BV 421 (in-house conj);5.00E+08;M\u00fcller Antik\u00f6rper GmbH;3;99;50 Tests;Maus;human",
            "CD271;unkonjugiert;ME20.4;BioLegend;4;150;100 \u00b5g;Maus;human", encoding="mac_roman",
        ),
        ("CD90 FITC", "CD105 Alexa Fluor 647", "CD73 BV421"),
        ("not a fluorochrome",),
    ),
)  # fmt: skip
