"""Problem files: TOML to :class:`~panelopt.domain.problem_record.Problem` and back; see ``docs/problems.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from panelopt.domain.name_table import NameTable
from panelopt.domain.problem_record import Problem
from panelopt.errors import Finding, InputError
from panelopt.io.documents import read_toml, validate
from panelopt.io.problem_checks import check_problem, level_entries, tables
from panelopt.io.schema_versions import current
from panelopt.io.toml_text import toml_lines

Rename = Callable[[str], str]


def read_problem(
    path: Path, marker_names: NameTable | None = None, fluorochrome_names: NameTable | None = None
) -> Problem:
    """Read a problem file.

    Args:
        path: TOML file.
        marker_names: Alias table for canonical marker names; unknown markers stay as written.
        fluorochrome_names: The same for the fluorochromes of locks and exclusions.

    Raises:
        InputError: with every fault in the file: key, value and remedy.
    """
    return parse_problem(read_toml(path), str(path), marker_names, fluorochrome_names)


def parse_problem(
    data: Mapping[str, Any],
    where: str,
    marker_names: NameTable | None = None,
    fluorochrome_names: NameTable | None = None,
) -> Problem:
    """Build a problem from file content; see :func:`read_problem`.

    Args:
        data: Content of the file.
        where: File name for messages.
        marker_names: Alias table of markers.
        fluorochrome_names: Alias table of fluorochromes.
    """
    content, findings = _canonical(current(Problem, data, where), where, marker_names, fluorochrome_names)
    findings += check_problem(content, where)
    try:
        problem = validate(Problem, content, where)
    except InputError as error:
        findings += _not_yet_reported(error.findings, content, where, bool(findings))
    if findings:
        raise InputError(findings)
    return problem


def _canonical(
    data: Mapping[str, Any], where: str, shared: NameTable | None, dyes: NameTable | None
) -> tuple[dict[str, Any], list[Finding]]:
    """Return a copy of ``data`` with canonical names, and findings about names."""
    findings: list[Finding] = []
    own = _own_names(data, where, shared, findings)

    def marker(name: str) -> str:
        return own.resolve(name) or (shared.resolve(name) if shared else None) or name

    def dye(name: str) -> str:
        return (dyes.resolve(name) if dyes else None) or name

    content = dict(data)
    for key in ("marker", "population", "locked"):
        if isinstance(data.get(key), list):
            content[key] = [dict(row) if isinstance(row, dict) else row for row in data[key]]
    for _, row in tables(content, "marker"):
        _rename(row, "name", marker)
    for i, row in tables(content, "population"):
        _spread_sources(row, f"{where}: population[{i}].level_sources", findings)
        for part in ("levels", "level_sources"):
            if isinstance(row.get(part), dict):
                row[part] = _renamed_keys(row[part], marker, f"{where}: population[{i}].{part}", findings)
    for _, row in tables(content, "locked"):
        _rename(row, "marker", marker)
        _rename(row, "fluorochrome", dye)
    limits, sample = data.get("limits"), data.get("sample")
    if isinstance(limits, dict) and isinstance(excluded := limits.get("exclude_fluorochromes"), list):
        names = [dye(name) if isinstance(name, str) else name for name in excluded]
        content["limits"] = {**limits, "exclude_fluorochromes": names}
    if isinstance(sample, dict) and isinstance(sample.get("enrichment"), dict):
        enrichment = dict(sample["enrichment"])
        _rename(enrichment, "marker", marker)
        content["sample"] = {**sample, "enrichment": enrichment}
    return content, findings


def _own_names(data: Mapping[str, Any], where: str, shared: NameTable | None, findings: list[Finding]) -> NameTable:
    """Return the names and aliases of the problem itself."""
    names: dict[str, tuple[str, ...]] = {}
    for i, row in tables(data, "marker"):
        if not isinstance(row.get("name"), str):
            continue
        name = (shared.resolve(row["name"]) if shared else None) or row["name"].strip()
        given = row.get("aliases")
        for alias in given if isinstance(given, list) else ():
            other = shared.resolve(alias) if shared and isinstance(alias, str) else None
            if other not in (None, name):
                message = f"{alias!r} is not an alias of {name}: the alias table lists it for {other}"
                hint = f"Call the marker {other}, or remove the alias."
                findings.append(Finding("foreign-alias", message, f"{where}: marker[{i}].aliases", hint))
            elif isinstance(alias, str):
                names[name] = (*names.get(name, ()), alias)
        names.setdefault(name, ())
    try:
        return NameTable(names)
    except InputError as error:
        findings += [Finding(f.code, f.message, f"{where}: marker", f.hint) for f in error.findings]
        return NameTable({})


def _spread_sources(row: dict[str, Any], where: str, findings: list[Finding]) -> None:
    """Expand ``sourced = ["CD45", "CD271"]`` to one entry per marker."""
    given = row.get("level_sources")
    if not isinstance(given, dict):
        return
    spread: dict[str, Any] = {}
    for key, value in given.items():
        grouped = isinstance(value, list) and all(isinstance(name, str) for name in value)
        for name, source in ((name, key) for name in value) if grouped else ((key, value),):
            if name in spread:
                findings.append(Finding("listed-twice", f"{name} has two level sources", where, "Keep one of them."))
            spread[name] = source
    row["level_sources"] = spread


def _renamed_keys(table: Mapping[str, Any], rename: Rename, where: str, findings: list[Finding]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    written: dict[str, str] = {}
    for key, value in table.items():
        name = rename(key)
        if name in renamed:
            message = f"{written[name]} and {key} are the same marker"
            findings.append(Finding("listed-twice", message, f"{where}.{key}", "Keep one of them."))
        renamed[name] = value
        written[name] = key
    return renamed


def _rename(row: dict[str, Any], key: str, rename: Rename) -> None:
    if isinstance(row.get(key), str):
        row[key] = rename(row[key])


def _not_yet_reported(
    findings: tuple[Finding, ...], content: Mapping[str, Any], where: str, checks_failed: bool
) -> Iterator[Finding]:
    """Yield the model's findings that the checks across tables have not reported."""
    whole = {where, f"{where}: marker", f"{where}: population"}
    levels = {f"{where}: {key}": value for key, value in level_entries(content)}
    for finding in findings:
        if checks_failed and finding.code == "value-error" and finding.where in whole:
            continue
        if finding.where in levels and (finding.code == "literal-error" or not isinstance(levels[finding.where], dict)):
            continue
        yield finding


def problem_toml(problem: Problem) -> str:
    """Return the problem as the text of a problem file; reading it gives an equal problem."""
    data = problem.model_dump(exclude_defaults=True)
    head: dict[str, Any] = {"schema_version": 1}
    head |= {key: value for key, value in data.items() if key in ("id", "title", "description", "sources")}
    blocks = ["\n".join(toml_lines(head))]
    parts = ("sample", "goal", "limits", "level_words", "uncertainty")
    blocks += [_block(f"[{key}]", data[key]) for key in parts if data.get(key)]
    blocks += [_block("[[marker]]", _with_role(row)) for row in data["marker"]]
    blocks += [_population(row) for row in data.get("population", ())]
    blocks += [_block("[[locked]]", row) for row in data.get("locked", ())]
    return "\n\n".join(blocks) + "\n"


def _with_role(row: Mapping[str, Any]) -> dict[str, Any]:
    if not row.get("required") or "role" in row:
        return dict(row)
    rest = {key: value for key, value in row.items() if key not in ("name", "required")}
    return {"name": row["name"], "role": "required", **rest}


def _population(row: Mapping[str, Any]) -> str:
    parts = [_block("[[population]]", {k: v for k, v in row.items() if k not in ("levels", "level_sources")})]
    if row.get("levels"):
        parts.append(_block("[population.levels]", row["levels"]))
    if row.get("level_sources"):
        by_source: dict[str, list[str]] = {}
        for marker, source in row["level_sources"].items():
            by_source.setdefault(source, []).append(marker)
        parts.append(_block("[population.level_sources]", by_source))
    return "\n\n".join(parts)


def _block(title: str, table: Mapping[str, Any]) -> str:
    return "\n".join([title, *toml_lines(table)])
