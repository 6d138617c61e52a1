"""Inputs of all cells of a sweep, read once: each cell is a pure function of them and its own name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from panelopt import __version__, registry
from panelopt.catalogs import find_catalogs
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.reagents import Catalog, Fluorochrome
from panelopt.domain.sweep_record import Fingerprint, SweepCell, SweepSpec, cells_of
from panelopt.errors import Finding, PaneloptError
from panelopt.questions.question import Options, Question, check_dyes
from panelopt.registry.data_places import CATALOG_DATA, data_folder

Products = tuple[tuple[Catalog, ...], tuple[Finding, ...]]
"""Catalogs as read for the markers of one problem, and remarks on them."""

Choice = tuple[tuple[str, ...], str | None]
"""Names of catalogs and of an inventory."""

Name = TypeVar("Name")
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class SweepInputs:
    """Inputs of the cells, each part once.

    Attributes:
        problems, cytometers: By the names of the specification.
        products: Catalogs by problem and choice.
        fluorochromes, autofluorescence: Dyes with known optics, and the cells' own light.
    """

    problems: dict[str, registry.FoundProblem]
    cytometers: dict[str, Cytometer]
    products: dict[tuple[str, Choice], Products]
    fluorochromes: Sequence[Fluorochrome]
    autofluorescence: Fluorochrome

    def question(self, cell: SweepCell) -> Question:
        """Return the question of a cell."""
        catalogs, remarks = self.products[cell.problem, (cell.catalogs, cell.inventory)]
        found = self.problems[cell.problem]
        return Question(
            problem=found.problem,
            cytometer=self.cytometers[cell.cytometer],
            catalogs=catalogs,
            fluorochromes=self.fluorochromes,
            autofluorescence=self.autofluorescence,
            problem_sha256=found.sha256,
            warnings=remarks,
        )


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell with the hash of all its inputs.

    Attributes:
        cell: The cell.
        fingerprint: Hashes of its parts.
        key: Hash of both.
        fault: Why it cannot be run, if an input is wrong.
    """

    cell: SweepCell
    fingerprint: Fingerprint
    key: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """All cells of a grid, and their inputs.

    Attributes:
        cells: In the order of the table.
        inputs: What they are made of.
        faults: Inputs that are wrong; cells with them fail.
    """

    cells: tuple[PlannedCell, ...]
    inputs: SweepInputs
    faults: tuple[PaneloptError, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads each part once, and remembers its faults."""

    base: Path
    faults: dict[object, PaneloptError] = field(default_factory=dict)

    def read(self, names: Iterable[Name], kind: str, reader: Callable[[Name], Thing]) -> dict[Name, Thing]:
        found: dict[Name, Thing] = {}
        for name in names:
            try:
                found[name] = reader(name)
            except PaneloptError as error:
                self.faults[kind, name] = error
        return found

    def problem(self, name: str) -> registry.FoundProblem:
        found = registry.find_problem(name, self.base)
        check_dyes(found.problem)
        return found

    def cytometer(self, name: str) -> tuple[Cytometer, str]:
        path = registry.cytometer_file(name, self.base)
        return registry.find_cytometer(name, self.base), _file_hash(path)

    def products(self, names: Sequence[str], inventory: str | None, found: registry.FoundProblem) -> Products:
        markers = frozenset(marker.name for marker in found.problem.marker)
        return find_catalogs(names, inventory, markers, self.base)


def plan(spec: SweepSpec, base: Path) -> SweepPlan:
    """Read all inputs of a grid, and hash them.

    Args:
        spec: The grid.
        base: Folder that paths in it are relative to.

    Returns:
        The cells; those with a wrong input carry the fault.
    """
    reader = _Reader(base)
    problems = reader.read(spec.problems, "problem", reader.problem)
    instruments = reader.read(spec.cytometers, "cytometer", reader.cytometer)
    inventories = tuple(None if name == "none" else name for name in spec.inventories)
    asked = [(p, (names, inventory)) for p in problems for names in spec.catalogs for inventory in inventories]
    products = reader.read(asked, "catalogs", lambda key: reader.products(*key[1], problems[key[0]]))
    inputs = SweepInputs(
        problems=problems,
        cytometers={name: cytometer for name, (cytometer, _) in instruments.items()},
        products=products,
        fluorochromes=registry.fluorochromes(),
        autofluorescence=registry.autofluorescence(),
    )
    hashes = {name: digest for name, (_, digest) in instruments.items()}
    catalog_hashes = {key: _catalogs_hash(catalogs) for key, (catalogs, _) in products.items()}
    dyes = _dyes_hash(inputs)
    planned = []
    for cell in cells_of(spec, datetime.now().astimezone().date()):
        choice = (cell.problem, (cell.catalogs, cell.inventory))
        parts = (("problem", cell.problem), ("cytometer", cell.cytometer), ("catalogs", choice))
        fingerprint = Fingerprint(
            panelopt_version=__version__,
            problem_sha256=problems[cell.problem].sha256 if cell.problem in problems else "",
            cytometer_sha256=hashes.get(cell.cytometer, ""),
            catalogs_sha256=catalog_hashes.get(choice, ""),
            dyes_sha256=dyes,
        )
        wrong = [str(reader.faults[part]) for part in parts if part in reader.faults]
        planned.append(PlannedCell(cell, fingerprint, _key(cell, fingerprint), "; ".join(wrong)))
    return SweepPlan(tuple(planned), inputs, _different(reader.faults.values()))


def options_of(cell: SweepCell) -> Options:
    """Return the options of a cell, with one thread, so that cells run side by side with the same results."""
    return Options(workers=1, **cell.options.model_dump())


def _different(faults: Iterable[PaneloptError]) -> tuple[PaneloptError, ...]:
    return tuple({str(fault): fault for fault in faults}.values())


def _key(cell: SweepCell, fingerprint: Fingerprint) -> str:
    document = {"cell": cell.model_dump(mode="json"), "inputs": fingerprint.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _catalogs_hash(catalogs: Sequence[Catalog]) -> str:
    # the location of a catalog does not count; the data file counts by its hash
    facts = [catalog.model_dump(mode="json", exclude={"conjugates", "origin"}) for catalog in catalogs]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _dyes_hash(inputs: SweepInputs) -> str:
    """Return the hash of all optics and of all names of dyes and markers."""
    digest = hashlib.sha256()
    for dye in (*inputs.fluorochromes, inputs.autofluorescence):
        digest.update(dye.model_dump_json().encode())
    for path in sorted(data_folder(CATALOG_DATA, "aliases").glob("*.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
