"""Shipped problems, and local problem files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from panelopt.domain.problem_record import Problem
from panelopt.frozen import dataclass
from panelopt.io.problem_toml import parse_problem, read_problem
from panelopt.registry.data_places import HERE, PROBLEM_DATA, known_name, own_file, stems
from panelopt.registry.dye_sources import fluorochrome_names
from panelopt.registry.marker_aliases import marker_names
from panelopt.registry.parsed_files import parsed_file, parsed_files


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """A problem with the file it came from."""

    problem: Problem
    path: Path
    sha256: str


def unknown_markers(problem: Problem) -> dict[str, str]:
    """Return each marker whose name the shipped table does not know, with a hint at the closest one; may be empty."""
    table = marker_names()
    stained = (marker.name for marker in problem.marker if marker.role not in ("viability", "forbidden"))
    return {name: table.suggest(name) for name in stained if table.resolve(name) is None}


def problem_names() -> tuple[str, ...]:
    """Return the names of the shipped problems."""
    return tuple(sorted(stems(PROBLEM_DATA)))


def shipped_problems() -> tuple[Problem, ...]:
    """Return the shipped problems by name.

    Raises:
        InputError: if one of them is invalid.
    """
    paths = [path for _, path in sorted(stems(PROBLEM_DATA).items())]
    markers, dyes = marker_names(), fluorochrome_names()
    parsed = zip(paths, parsed_files(paths), strict=True)
    return tuple(parse_problem(data, str(path), markers, dyes) for path, data in parsed)


def find_problem(name: str, beside: Path | None = HERE) -> FoundProblem:
    """Read a problem.

    Args:
        name: Path, or name of a shipped problem.
        beside: Folder whose files take precedence over shipped names; None = names only.

    Raises:
        InputError: if it is unknown or ambiguous, or its file is invalid.
    """
    if (path := own_file(name, beside)) is not None:
        problem = read_problem(path, marker_names(), fluorochrome_names())
    else:
        shipped = stems(PROBLEM_DATA)
        path = shipped[known_name(name, shipped, "problem")]
        problem = parse_problem(parsed_file(path), str(path), marker_names(), fluorochrome_names())
    return FoundProblem(problem, path, hashlib.sha256(path.read_bytes()).hexdigest())
