"""Labelled events from FCS, CSV, Parquet and AnnData: the same events from each, and errors instead of tracebacks."""

from __future__ import annotations

import contextlib
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from panelopt.errors import InputError, PaneloptError
from panelopt.io import labelled_events as module
from panelopt.io.open_events import open_events
from tests import labelled

MARKERS = ["CD271", "CD45", "CD146"]


def write_h5ad(path: Path, events: pd.DataFrame, *, dense: bool = True) -> Path:
    import anndata

    values = events[MARKERS].to_numpy()
    names = [str(i) for i in range(len(events))]
    obs = pd.DataFrame({"population": pd.Categorical(events["population"])}, index=names)
    data = anndata.AnnData(values if dense else sparse.csr_matrix(values), obs=obs, var=pd.DataFrame(index=MARKERS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data.write_h5ad(path)
    return path


def written(kind: str, folder: Path, events: pd.DataFrame) -> Path:
    path = folder / f"events.{kind}"
    if kind == "fcs":
        return labelled.write_fcs(path, events)
    if kind.startswith("h5ad"):
        return write_h5ad(path, events, dense=kind == "h5ad")
    if kind == "parquet":
        events.to_parquet(path, index=False)
        return path
    if kind == "tsv":
        events.to_csv(path, index=False, sep="\t")
        return path
    return labelled.write_csv(path, events)


@pytest.mark.parametrize("kind", ["fcs", "csv", "tsv", "parquet", "h5ad", "h5ad-sparse"])
def test_every_kind_gives_the_same_events(kind: str, tmp_path: Path) -> None:
    events = labelled.frame(counts={"MSC": 40, "leukocyte": 50, "endothelial": 30})
    source = open_events(written(kind, tmp_path, events))
    table = source.read("population", ["CD146", "CD271"])
    assert table.names[:1] == ("MSC",)
    assert [table.names[code] for code in table.codes] == list(events["population"])
    assert table.values == pytest.approx(events[["CD146", "CD271"]].to_numpy(), rel=1e-6)
    assert {channel.name for channel in source.channels} >= set(MARKERS)


@pytest.mark.parametrize("kind", ["fcs", "csv", "parquet", "h5ad"])
def test_wrong_columns_are_all_named(kind: str, tmp_path: Path) -> None:
    source = open_events(written(kind, tmp_path, labelled.frame()))
    with pytest.raises(InputError) as caught:
        source.read("population", ["CD99", "CD146", "CD98"])
    assert [f.code for f in caught.value.findings] == ["unknown-column", "unknown-column"]
    with pytest.raises(InputError, match="there is no column populatoin"):
        source.read("populatoin", [])


def test_csv_with_what_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("CD45,population,note\n1,A,=1+1\n,B,x\ninf,,\nabc, ,\n-3,A,\n", encoding="utf-8")
    table = open_events(path).read("population", ["CD45"])
    assert table.names == ("A", "B")
    assert list(table.codes) == [0, 1, -1, -1, 0]
    assert table.values[:, 0] == pytest.approx([1, np.nan, np.inf, np.nan, -3], nan_ok=True)


@pytest.mark.parametrize("text", ["1e2147483648", "1e4294967296", "1e-4294967297", "1e400"])
def test_numbers_beyond_any_are_never_other_numbers(text: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(f"CD45,population\n{text},a\n2,b\n", encoding="utf-8")
    found = open_events(path).read("population", ["CD45"]).values[:, 0]
    assert not 0 < found[0] < np.inf
    assert found[1] == 2


def test_empty_labels_of_parquet_and_anndata_are_missing(tmp_path: Path) -> None:
    events = labelled.frame(counts={"MSC": 3, "leukocyte": 2, "endothelial": 2})
    events.loc[1, "population"] = None
    for kind in ("parquet", "h5ad"):
        table = open_events(written(kind, tmp_path, events)).read("population", ["CD45"])
        assert table.codes[1] == -1
        assert (np.delete(table.codes, 1) >= 0).all()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"CD45,CD45,population\n1,2,A\n", "duplicate-column"),
        (b"CD45,population\n\xff\xfe,A\n", "encoding"),
        (b"\xff\xfeC\x00", "unknown-kind"),
        (b'CD45,population\n"1,A\n2,B\n', "csv-syntax"),
        (b"CD45,population\n1,A\n2,B,3\n", "row-length"),
        (b"CD45,population\n1,A\n2,B,3,4,5\n", "csv-syntax"),
    ],
)
def test_broken_csv(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_events(path).read("population", ["CD45"])
    assert caught.value.findings[0].code == code
    assert str(path) in caught.value.where


@pytest.mark.parametrize("kind", ["parquet", "h5ad"])
@pytest.mark.parametrize("keep", [20, 200, -200])
def test_cut_off_binary_files(kind: str, keep: int, tmp_path: Path) -> None:
    path = written(kind, tmp_path, labelled.frame())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError) as caught:
        open_events(path).read("population", MARKERS)
    assert caught.value.findings[0].code == "damaged-file"


def test_texts_in_a_parquet_column(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pd.DataFrame({"CD45": ["a", "b"], "population": ["A", "B"]}).to_parquet(path)
    with pytest.raises(InputError, match=r"holds (large_)?string, no numbers"):
        open_events(path).read("population", ["CD45"])


def test_codes_of_fcs_files(tmp_path: Path) -> None:
    events = labelled.frame(counts={"MSC": 40, "leukocyte": 50, "endothelial": 30})
    nameless = open_events(labelled.write_fcs(tmp_path / "a.fcs", events, named=False))
    assert nameless.read("population", []).names == ("0", "1", "2")
    path = labelled.write_fcs(tmp_path / "b.fcs", events, named=False, PANELOPT_POPULATION_1="leukocyte")
    with pytest.raises(InputError, match="populations 0, 2 have no name"):
        open_events(path).read("population", [])
    with pytest.raises(InputError, match="no code of a population"):
        open_events(path).read("CD45", [])


def test_what_is_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EVENT_VALUES", 1000)
    events = labelled.frame()
    for kind in ("fcs", "csv", "parquet", "h5ad"):
        with pytest.raises(InputError) as caught:
            open_events(written(kind, tmp_path, events)).read("population", MARKERS)
        assert caught.value.findings[0].code == "too-many-events"
    monkeypatch.setattr("panelopt.io.open_events.MAX_EVENT_BYTES", 1000)
    with pytest.raises(InputError, match="more than 1,000"):
        open_events(tmp_path / "events.csv")


def test_numbers_as_labels_are_no_populations(tmp_path: Path) -> None:
    path = labelled.write_csv(tmp_path / "x.csv", labelled.frame())
    with pytest.raises(InputError, match="different labels"):
        open_events(path).read("CD45", [])


def test_unknown_kinds(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04abcdefgh")
    with pytest.raises(InputError, match="no file of events"):
        open_events(path)
    with pytest.raises(InputError, match="no such file"):
        open_events(tmp_path / "nothing.csv")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("h5ad", tmp_path, labelled.frame(counts={"MSC": 3, "leukocyte": 2, "endothelial": 2}))
    monkeypatch.setitem(sys.modules, "anndata", None)
    with pytest.raises(PaneloptError, match="needs the package anndata") as caught:
        open_events(path)
    assert "panelopt[anndata]" in caught.value.hint


def test_compensation_gives_back_what_was_mixed(tmp_path: Path) -> None:
    events = labelled.frame(counts={"MSC": 40, "leukocyte": 50, "endothelial": 30})
    pure = events[["CD271", "CD45"]].to_numpy()
    spill = np.array([[1, 0.2], [0.05, 1]])  # row: dye
    mixed = events.copy()
    mixed[["CD271", "CD45"]] = pure @ spill
    path = labelled.write_fcs(tmp_path / "x.fcs", mixed, SPILL="2,CD271,CD45,1,0.2,0.05,1")
    table = open_events(path, compensate=True).read("population", ["CD271", "CD45", "CD146"])
    assert table.values[:, :2] == pytest.approx(pure, rel=1e-4, abs=1e-1)
    assert table.values[:, 2] == pytest.approx(events["CD146"].to_numpy(), rel=1e-6)
    for name, matrix in (("a", ""), ("b", "2,CD271,CD99,1,0,0,1"), ("c", "2,CD271,CD45,1,0.2"), ("d", "many")):
        path = labelled.write_fcs(tmp_path / f"{name}.fcs", mixed, **({"SPILL": matrix} if matrix else {}))
        with pytest.raises(InputError):
            open_events(path, compensate=True)


@pytest.mark.parametrize("kind", ["parquet", "h5ad", "csv"])
def test_damaged_bytes_never_end_in_another_error(kind: str, tmp_path: Path) -> None:
    path = written(kind, tmp_path, labelled.frame(counts={"MSC": 40, "leukocyte": 50, "endothelial": 30}))
    content = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(25):
        damaged = bytearray(content)
        for place in random.integers(8, len(content), 12):
            damaged[place] = int(random.integers(0, 256))
        path.write_bytes(bytes(damaged))
        with contextlib.suppress(InputError):
            assert open_events(path).read("population", MARKERS).values.shape[1] == 3


def test_compressed_tables_beside_the_signals_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import h5py

    path = written("h5ad", tmp_path, labelled.frame(counts={"MSC": 40, "leukocyte": 50, "endothelial": 30}))
    with h5py.File(path, "a") as file:
        file["uns"].create_dataset("zeros", shape=(20_000,), dtype="f8", compression="gzip")
    monkeypatch.setattr(module, "MAX_EVENT_VALUES", 10_000)
    with pytest.raises(InputError) as caught:
        open_events(path)
    assert caught.value.findings[0].code == "too-many-events"


def test_lists_are_no_labels(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pd.DataFrame({"CD45": [1.0, 2.0], "population": [["A"], ["B"]]}).to_parquet(path)
    with pytest.raises(InputError, match="column population holds list"):
        open_events(path).read("population", ["CD45"])


@pytest.mark.parametrize("blank", ["", " ", "NA", "NaN", "nan", "N/A", "#N/A", "<NA>", "NULL", "None"])
def test_missing_labels_are_no_population(tmp_path: Path, blank: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"CD45,cell\n1,MSC\n2,{blank}\n3,MSC\n", encoding="utf-8")
    table = open_events(path).read("cell", ["CD45"])
    assert table.names == ("MSC",)
    assert table.codes.tolist() == [0, -1, 0]
