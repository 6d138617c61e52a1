"""The formats of files that panelopt reads back, and the frozen files of each version in ``tests/data/formats``."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from panelopt.catalogs.folder import read_catalog
from panelopt.catalogs.importing.files.map_file import ImportMap, read_map
from panelopt.catalogs.manifest import Manifest
from panelopt.domain.alternatives_result import Alternatives
from panelopt.domain.calibration import Calibration
from panelopt.domain.certificate import Certificate
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.name_table import NameTable
from panelopt.domain.problem_record import Problem
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.domain.sweep_record import CellRow, SweepSpec
from panelopt.io.calibration_files import read_calibration
from panelopt.io.certificate_json import read_certificate
from panelopt.io.cytometer_files import read_cytometer
from panelopt.io.fluorochrome_files import FluorochromeFile, read_fluorochromes
from panelopt.io.name_tables import AliasFile, read_name_table
from panelopt.io.panel_csv import read_panel_rows
from panelopt.io.problem_toml import read_problem
from panelopt.io.result_json import read_record, read_result
from panelopt.io.signature_files import read_signatures
from panelopt.io.sweep_folder import SweepFolder
from panelopt.io.sweep_spec import read_sweep
from panelopt.optics.measured import SignatureSet

FOLDER = Path(__file__).parent / "data" / "formats"


@dataclass(frozen=True)
class Format:
    """A format that is read back.

    Attributes:
        file: Name of its frozen files.
        read: Reader, from a path.
        model: Class whose field ``schema_version`` says which versions there are; None where files name none.
    """

    file: str
    read: Callable[[Path], object]
    model: type[BaseModel] | None


def _catalog(path: Path) -> object:
    catalog, _ = read_catalog(path.parent)
    return catalog.model_copy(update={"origin": ""})  # the folder it lies in


def _cell_row(path: Path) -> CellRow | None:
    with tempfile.TemporaryDirectory() as folder:
        cells = Path(folder) / "cells"
        cells.mkdir()
        key = CellRow.model_validate_json(path.read_bytes()).cell
        shutil.copyfile(path, cells / f"{key}.json")
        return SweepFolder(Path(folder)).row(key)


FORMATS = (
    Format("problem.toml", read_problem, Problem),
    Format("cytometer.toml", read_cytometer, Cytometer),
    Format("fluorochromes.toml", read_fluorochromes, FluorochromeFile),
    Format("signatures.toml", read_signatures, SignatureSet),
    Format("calibration.toml", read_calibration, Calibration),
    Format("names.toml", read_name_table, AliasFile),
    Format("import-map.toml", read_map, ImportMap),
    Format("catalog/catalog.toml", _catalog, Manifest),
    Format("sweep.toml", read_sweep, SweepSpec),
    Format("result.json", read_result, Result),
    Format("sort-plan.json", lambda path: read_record(path, SortPlan), SortPlan),
    Format("alternatives.json", lambda path: read_record(path, Alternatives), Alternatives),
    Format("certificate.json", read_certificate, Certificate),
    Format("sweep-row.json", _cell_row, None),  # rows of other versions of panelopt are not looked for: see the key
    Format("panel.csv", read_panel_rows, None),
)


def plain(read: Any) -> Any:
    """Return what was read as plain Python objects, as JSON has them."""
    if isinstance(read, BaseModel):
        return read.model_dump(mode="json", by_alias=True)
    if isinstance(read, NameTable):
        return {name: list(aliases) for name, aliases in read.aliases.items()}
    if is_dataclass(read) and not isinstance(read, type):
        return {key: value for key, value in asdict(read).items() if key != "where"}
    return [plain(item) for item in read]
