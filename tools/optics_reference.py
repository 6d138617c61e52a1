"""Reading of reference measurements that the user supplies: spectra, signature libraries, calibration tables.

None of these data are part of the project. A folder is expected to hold ``spectra/spectra_flow_tidy.csv`` (dye, kind
``ex`` or ``em``, nm, value), ``signatures/*.csv`` (dye by detector) and ``physics/*.csv`` (calibration of an Aurora).
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import Fluorochrome
from panelopt.io.documents import read_toml, validate
from panelopt.optics.emission_fit import GRID_NM
from panelopt.registry.data_places import CATALOG_DATA, data_folder

Array = npt.NDArray[np.float64]


def folded(name: str) -> str:
    """Name without case, blanks and punctuation, for matching spellings."""
    return "".join(character for character in name.casefold() if character.isalnum())


def spellings(dye: Fluorochrome) -> tuple[str, ...]:
    """Folded name and aliases of a dye, the name first."""
    return tuple(dict.fromkeys(folded(text) for text in (dye.name, *dye.aliases)))


@dataclass(frozen=True)
class Spectrum:
    """Excitation and emission on :data:`GRID_NM`, peak 1; NaN outside the measured range."""

    excitation: Array | None
    emission: Array | None
    source: str


@dataclass(frozen=True)
class Library:
    """Peak-normalised signatures, negative values set to 0, by folded dye name."""

    name: str
    detectors: tuple[str, ...]
    signatures: dict[str, Array]

    def find(self, dye: Fluorochrome) -> Array | None:
        """Signature of a dye under any of its spellings."""
        return next((self.signatures[key] for key in spellings(dye) if key in self.signatures), None)


def read_spectra(folder: Path) -> dict[str, Spectrum]:
    """Spectra by folded dye name."""
    points: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with (folder / "spectra/spectra_flow_tidy.csv").open(newline="", encoding="utf-8-sig") as handle:
        for row in csv.DictReader(handle):
            key = (folded(row["fluor"]), row["kind"])
            points.setdefault(key, []).append((float(row["wavelength_nm"]), float(row["value"])))
    curves = {key: _on_grid(value) for key, value in points.items()}
    origin = _sources(folder / "spectra/spectra_flow_index.csv")
    return {
        name: Spectrum(curves.get((name, "ex")), curves.get((name, "em")), origin.get(name, "source not stated"))
        for name, _ in curves
    }


def _sources(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return {folded(row["fluor"]): row["source"] for row in csv.DictReader(handle)}


def _on_grid(points: list[tuple[float, float]]) -> Array:
    wavelength, value = np.array(sorted(points)).T
    curve = np.interp(GRID_NM, wavelength, np.clip(value, 0.0, None), left=np.nan, right=np.nan)
    return np.asarray(curve / np.nanmax(curve))


def read_libraries(folder: Path) -> dict[str, Library]:
    """All signature libraries of the folder, by file name without endings."""
    result = {}
    for path in sorted((folder / "signatures").iterdir()):
        name = path.name.split(".")[0]
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
        result[name] = _long(name, rows) if "AdjustedY" in rows[0] else _wide(name, rows)
    return result


def _wide(name: str, rows: list[list[str]]) -> Library:
    detectors = tuple(text.removesuffix("-A") for text in rows[0][1:])
    return Library(name, detectors, {folded(row[0]): _clipped([float(v) for v in row[1:]]) for row in rows[1:] if row})


def _long(name: str, rows: list[list[str]]) -> Library:
    values: dict[str, dict[str, float]] = {}
    for _, dye, detector, value in rows[1:]:
        values.setdefault(folded(dye), {})[detector.removesuffix("-A")] = float(value)
    detectors = tuple(next(iter(values.values())))
    return Library(
        name, detectors, {dye: _clipped([row.get(d, 0.0) for d in detectors]) for dye, row in values.items()}
    )


def _clipped(values: list[float]) -> Array:
    signature = np.clip(np.array(values), 0.0, None)
    return np.asarray(signature / signature.max())


def read_table(path: Path, key: str, value: str) -> dict[str, float]:
    """Two columns of a CSV file; keys as written, without the area suffix of detectors."""
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return {row[key].removesuffix("-A"): float(row[value]) for row in csv.DictReader(handle)}


def shipped_cytometer(identifier: str) -> Cytometer:
    """One of the project's own cytometer files."""
    path = data_folder(CATALOG_DATA, "cytometers") / f"{identifier}.toml"
    return validate(Cytometer, read_toml(path), str(path))
