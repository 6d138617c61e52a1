"""Finds the inputs of a report, by the names in the result or from the given files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from panelopt import registry
from panelopt.catalogs import catalog_sources, find_catalogs
from panelopt.domain.alternatives_result import Alternatives
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Catalog
from panelopt.domain.result import Result
from panelopt.domain.robust_result import RobustResult
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.errors import Finding, InputError
from panelopt.io.documents import read_bytes
from panelopt.io.result_json import MAX_JSON_BYTES, read_record, record_kind
from panelopt.optics.measured import SignatureSet
from panelopt.questions.hashes import cytometer_sha256
from panelopt.questions.question import Question
from panelopt.registry.data_places import HERE
from panelopt.report.content import InputFile, Section

AS_READ = "hash of the content as read"

_Measured = dict[str, tuple[SignatureSet, int]]


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Files given in the call; missing ones are looked up by the names in the result.

    Attributes:
        problem, cytometer: Name or file.
        catalogs: Names or folders.
        inventory: Folder of your stock.
        signatures: Files of measured signatures.
        plan: JSON of ``sort-plan``; None = plan the sort anew.
        alternatives: JSON of ``alternatives``.
    """

    problem: str | None = None
    cytometer: str | None = None
    catalogs: tuple[str, ...] = ()
    inventory: str | None = None
    signatures: tuple[str, ...] = ()
    plan: Path | None = None
    alternatives: Path | None = None


@dataclass(slots=True)
class Inputs:
    """What was found, and what is missing."""

    result: Result
    problem: Problem | None = None
    cytometer: Cytometer | None = None
    catalogs: tuple[Catalog, ...] = ()
    signatures: _Measured = field(default_factory=dict)
    plan: SortPlan | None = None
    alternatives: Alternatives | None = None
    robust: RobustResult | None = None
    files: list[InputFile] = field(default_factory=list)
    missing: dict[Section, str] = field(default_factory=dict)
    notices: dict[Section, str] = field(default_factory=dict)

    def question(self) -> Question | None:
        """Return the question of the result; None if problem or cytometer are unknown."""
        if self.problem is None or self.cytometer is None:
            return None
        return Question(
            problem=self.problem,
            cytometer=self.cytometer,
            catalogs=self.catalogs,
            fluorochromes=registry.fluorochromes(),
            autofluorescence=registry.autofluorescence(),
            problem_sha256=self.result.problem_sha256,
            signatures=self.signatures,
        )


def read_inputs(path: Path, files: ReportFiles) -> Inputs:
    """Read a result and its inputs.

    Args:
        path: JSON of ``design``, ``score``, ``improve`` or ``robust``.
        files: Files given in the call.

    Raises:
        InputError: if the result or a given file is missing or invalid. Inputs named only in the result may be missing;
            ``missing`` lists them.
    """
    inputs = _read_design(path)
    _check_result(inputs.result, str(path))
    inputs.files.append(InputFile("result", str(path), found=_sha256(path, MAX_JSON_BYTES)))
    _find_problem(inputs, files)
    _find_cytometer(inputs, files)
    _find_catalogs(inputs, files)
    _find_signatures(inputs, files)
    _read_answers(inputs, files)
    return inputs


def _read_design(path: Path) -> Inputs:
    """Read a result; of a robust design, the chosen panel with its scenarios."""
    if record_kind(path) != RobustResult.model_fields["kind"].default:
        return Inputs(read_record(path, Result))
    found = read_record(path, RobustResult)
    return Inputs(found.candidates[0].result if found.candidates else found.nominal, robust=found)


def _check_result(result: Result, where: str) -> None:
    """Reject a result with inconsistent parts, which was edited by hand."""
    slots = len(result.panel)
    findings = [
        Finding("bad-value", f"the panel has no slot {gate.slot}", f"{where}: targets[{t}].gates[{g}].slot")
        for t, target in enumerate(result.targets)
        for g, gate in enumerate(target.gates)
        if not 0 <= gate.slot < slots
    ]
    for number, slot in enumerate(result.panel):
        if not slot.markers or (slot.reagents and len(slot.reagents) != len(slot.markers)):
            text = f"the slot has {len(slot.markers)} markers and {len(slot.reagents)} reagents"
            findings.append(Finding("bad-value", text, f"{where}: panel[{number}]"))
    dyes = [slot.fluorochrome for slot in result.panel]
    findings += [
        Finding("bad-value", f"two slots have the fluorochrome {dye}", f"{where}: panel")
        for dye in sorted({dye for dye in dyes if dyes.count(dye) > 1})
    ]
    if findings:
        raise InputError(findings)


def _check_plan(plan: SortPlan, where: str) -> None:
    """Reject a plan with inconsistent parts."""
    dyes = {slot.fluorochrome for slot in plan.panel}
    findings = [
        Finding("bad-value", "the panel has no such gate", f"{where}: targets[{t}].tree[{s}]")
        for t, target in enumerate(plan.targets)
        for s, step in enumerate(target.tree)
        if step.slot is not None and step.fluorochrome not in dyes
    ]
    if not 0 <= plan.recommended < len(plan.plans):
        findings.append(Finding("bad-value", f"there is no plan {plan.recommended}", f"{where}: recommended"))
    stated = {name for name, value in plan.sorter if value is not None} - {"mode", "origins"}
    missing = sorted(stated - set(plan.sorter.origins))
    if missing:
        text = f"the origin of {', '.join(missing)} is not stated"
        findings.append(Finding("missing-value", text, f"{where}: sorter.origins"))
    if findings:
        raise InputError(findings)


def _find_problem(inputs: Inputs, files: ReportFiles) -> None:
    name, recorded = files.problem or inputs.result.problem, inputs.result.problem_sha256
    # results may come from anyone: the names in them refer only to shipped data, never to local files
    if files.problem is None and name not in registry.problem_names():
        inputs.missing["problem"] = f"{name} is not a shipped problem. Give its file with --problem."
        inputs.files.append(InputFile("problem", name, recorded))
        return
    found = registry.find_problem(name, HERE if files.problem else None)
    inputs.problem = found.problem
    inputs.files.append(InputFile("problem", name, recorded, found.sha256))
    if recorded and recorded != found.sha256:
        inputs.notices["problem"] = (
            f"The problem file {name} is not the one used for the result (the hash differs), so the numbers computed "
            "from it below may differ from the result."
        )
    if found.problem.id != inputs.result.problem:
        inputs.notices["problem"] = f"The file {name} contains problem {found.problem.id}, not that of the result."


def _find_cytometer(inputs: Inputs, files: ReportFiles) -> None:
    name = files.cytometer or inputs.result.cytometer
    if files.cytometer is None and name not in registry.cytometer_names():
        inputs.missing["cytometer"] = f"{name} is not a shipped cytometer. Give its file with --cytometer."
        inputs.files.append(InputFile("cytometer", name))
        return
    inputs.cytometer = registry.find_cytometer(name, HERE if files.cytometer else None)
    recorded, found = inputs.result.cytometer_sha256, cytometer_sha256(inputs.cytometer)
    inputs.files.append(InputFile("cytometer", name, recorded, found, AS_READ))
    if recorded not in ("", found):
        inputs.notices["cytometer"] = "The cytometer has changed since the result was made (the hash differs)."
    if inputs.cytometer.id != inputs.result.cytometer:
        made_for, given = inputs.result.cytometer, inputs.cytometer.id
        inputs.notices["cytometer"] = f"The result is for the cytometer {made_for}, but the report uses {given}."


def _find_catalogs(inputs: Inputs, files: ReportFiles) -> None:
    used = {use.name: use for use in inputs.result.catalogs}
    known = {source.name for source in catalog_sources()[0]}
    wanted = files.catalogs or tuple(name for name in used if name in known)
    markers = frozenset(m.name for m in inputs.problem.marker) if inputs.problem else None
    if inputs.problem is not None and (wanted or files.inventory):
        inputs.catalogs = _readable(inputs, wanted, files, markers)
    found = {catalog.name: catalog for catalog in inputs.catalogs}
    for name in dict.fromkeys([*used, *found]):
        recorded = used[name].sha256 if name in used else ""
        inputs.files.append(InputFile("catalog", name, recorded, found[name].sha256 if name in found else ""))
    lost = [name for name in used if name not in found]
    changed = [name for name in used if name in found and used[name].sha256 not in ("", found[name].sha256)]
    texts = []
    if lost and inputs.problem is not None:
        texts.append(f"Not found: {', '.join(lost)}. Give their folders with --catalog or --inventory.")
    if changed:
        texts.append(f"Changed since the result was made (the hash differs): {', '.join(changed)}.")
    if texts:
        inputs.notices["catalogs"] = " ".join(texts)


def _readable(
    inputs: Inputs, wanted: Sequence[str], files: ReportFiles, markers: frozenset[str] | None
) -> tuple[Catalog, ...]:
    try:
        return find_catalogs(wanted, files.inventory, markers, HERE if files.catalogs else None)[0]
    except InputError as error:
        if files.catalogs or files.inventory:
            raise
        inputs.notices["catalogs"] = f"The catalogs could not be read: {error}."
        return ()


def _find_signatures(inputs: Inputs, files: ReportFiles) -> None:
    if files.signatures and inputs.cytometer is not None:
        inputs.signatures = registry.find_signatures(files.signatures, inputs.cytometer)[0]
        for name in files.signatures:
            found = _sha256(Path(name), MAX_JSON_BYTES)
            inputs.files.append(InputFile("signatures", name, found=found))
    measured = sorted(set(inputs.result.provenance.signatures) - set(inputs.signatures))
    if measured:
        inputs.notices["optics"] = (
            f"The result used measured signatures of {', '.join(measured)}; the pictures and numbers below are "
            "computed from spectra. Give the signature files with --signatures."
        )


def _read_answers(inputs: Inputs, files: ReportFiles) -> None:
    if files.plan is not None:
        inputs.plan = read_record(files.plan, SortPlan)
        _check_plan(inputs.plan, str(files.plan))
        inputs.files.append(InputFile("sort plan", str(files.plan), found=_sha256(files.plan, MAX_JSON_BYTES)))
        if stains(inputs.plan) != stains(inputs.result):
            inputs.notices["plan"] = f"The plan in {files.plan} is for another panel."
    if files.alternatives is not None:
        inputs.alternatives = read_record(files.alternatives, Alternatives)
        found = _sha256(files.alternatives, MAX_JSON_BYTES)
        inputs.files.append(InputFile("alternatives", str(files.alternatives), found=found))
        if any(other.result.problem != inputs.result.problem for other in inputs.alternatives.alternatives):
            inputs.notices["alternatives"] = f"{files.alternatives} is for another problem."


def stains(design: Result | SortPlan) -> set[tuple[str, str, str]]:
    """Return marker, fluorochrome and detector of each reagent of a design."""
    return {(marker, slot.fluorochrome, slot.detector) for slot in design.panel for marker in slot.markers}


def _sha256(path: Path, max_bytes: int) -> str:
    return hashlib.sha256(read_bytes(path, max_bytes)).hexdigest()
