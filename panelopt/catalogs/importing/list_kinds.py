"""Lists that are not for flow cytometry: recognized by their labels, headers and applications."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from panelopt.catalogs.importing.files.map_file import ImportMap
from panelopt.catalogs.importing.files.raw import RawTable
from panelopt.catalogs.importing.labels import is_barcode, no_dye
from panelopt.catalogs.importing.name_tables import Tables
from panelopt.catalogs.importing.product_names import take_apart

_LOOK = 500
"""Rows that are looked at."""

_METALS = "This is a list for mass cytometry: {0} holds metal isotopes, which no flow cytometer sees."
_OLIGOS = "This is a list of oligonucleotide-tagged antibodies, for sequencing or imaging: {0} holds no fluorochromes."
_BLOTS = "This is a list for western blots: by {0}, most of its antibodies are not for flow cytometry."
_IMAGING = "This is a list for imaging of tissues: by {0}, check that its clones work in flow cytometry."

_FLOW = re.compile(r"\bf\.?c\.?m?\b|\bflow\b|\bfacs\b|cytometr|\bcyt\b", re.IGNORECASE)
_BLOT = re.compile(r"\bw\.?b\b|western|immunoblot", re.IGNORECASE)
_TISSUE = re.compile(
    r"\bIHC\b|\bIF\b|\bICC\b|histochem|immunofluor|\bCODEX\b|\bIBEX\b|\bmIF\b|PhenoCycler|MACSima|\bMIBI\b|microscop"
)
_BLOT_HEADER = re.compile(r"\bkda\b|band size|molecular weight|\bmw\b|western|\bwb\b|blot|\bgel\b", re.IGNORECASE)
_TISSUE_HEADER = re.compile(
    r"ffpe|\bihc\b|\bif\b dilution|retrieval|\bimage|exposure|\bcycle\b|tissue|\bopal\b|\bcodex\b|\bpfa\b|"
    r"acetone|\bround\b|"
    r"staining quality|fixation", re.IGNORECASE
)  # fmt: skip


def kind_of_list(table: RawTable, mapping: ImportMap, tables: Tables) -> tuple[str, bool]:
    """Return a sentence on a list that is not for flow cytometry, and whether none of its rows is for a sorter.

    Args:
        table: The list.
        mapping: What its columns mean.
        tables: Known spellings.
    """
    rows = [row.cells for row in islice(table.rows, _LOOK) if row.fault is None]
    cells = {name: [row[i] for row in rows if row[i].strip()] for i, name in enumerate(table.columns)}
    labels = Counter(no_dye(text, tables) for text in cells.get(mapping.columns.get("fluorochrome", ""), ()))
    name, product = mapping.columns.get("fluorochrome", ""), mapping.columns.get("product", "")
    if not labels:
        name = product
        labels = Counter(take_apart(text, tables).label for text in cells.get(product, ()))
    for label, sentence in (("metal", _METALS), ("oligonucleotide", _OLIGOS)):
        if labels[label] > labels.total() / 2:
            return sentence.format(repr(name)), False
    barcodes = [column for column, texts in cells.items() if _most(texts, is_barcode) and 2 * len(texts) > len(rows)]
    if barcodes:
        return _OLIGOS.format(repr(barcodes[0])), True
    return _by_applications(table, cells.get(mapping.columns.get("applications", ""), []), mapping, labels)


def _by_applications(table: RawTable, texts: list[str], mapping: ImportMap, labels: Counter[str]) -> tuple[str, bool]:
    column = repr(mapping.columns.get("applications", ""))
    without_flow = [text for text in texts if not _FLOW.search(text)]
    if texts and len(without_flow) > len(texts) / 2:
        if _most(without_flow, _BLOT.search):
            return _BLOTS.format(column), False
        if _most(without_flow, _TISSUE.search):
            return _IMAGING.format(column), False
    blots = [name for name in table.columns if _BLOT_HEADER.search(name)]
    if blots and labels[""] <= labels.total() / 2:
        return _BLOTS.format(repr(blots[0])), True
    tissues = [name for name in table.columns if _TISSUE_HEADER.search(name)]
    return (_IMAGING.format(repr(tissues[0])) if tissues else ""), False


def _most(texts: list[str], check: object) -> bool:
    return bool(texts) and callable(check) and sum(bool(check(text.strip())) for text in texts) > len(texts) / 2
