"""Cytometers, fluorochromes and problems as text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, count, section, table, wrapped

if TYPE_CHECKING:
    from panelopt.domain.cytometer_record import Cytometer
    from panelopt.domain.listed import ListedCytometer, ListedProblem
    from panelopt.domain.problem_record import Level, Population, Problem
    from panelopt.domain.reagents import Fluorochrome


def cytometers_text(cytometers: Iterable[ListedCytometer], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per cytometer, and the origin of those that are not shipped."""
    listed = tuple(cytometers)
    rows = [
        (
            c.id,
            c.name,
            "sorter" if c.sorter else "analyser",
            "spectral" if not c.conventional else "",
            " ".join(f"{nm:g}" for nm in c.lasers_nm),
            str(c.detectors),
        )
        for c in listed
    ]
    shown = table(("Cytometer", "Name", "Kind", "Optics", "Lasers, nm", "Detectors"), rows, "LlLLlR", width)
    return blocks([shown, _origins(((c.id, c.origin) for c in listed), width)])


def _origins(names: Iterable[tuple[str, str]], width: int) -> str:
    """Return one line per non-empty origin, with its names."""
    found: dict[str, list[str]] = {}
    for name, origin in names:
        found.setdefault(origin, []).append(name)
    lines = (f"From {origin}: {', '.join(found[origin])}." for origin in sorted(filter(None, found)))
    return "\n".join(wrapped(line, "  ", width, first="") for line in lines)


def cytometer_text(cytometer: Cytometer, width: int = DEFAULT_WIDTH) -> str:
    """Return lasers and detectors of a cytometer."""
    lasers = [(f"{x.nm:g}", "-" if x.power_mw is None else f"{x.power_mw:g}", x.path) for x in cytometer.laser]
    detectors = [
        (d.name, d.path, f"{d.laser_nm:g}", f"{d.centre_nm:g}/{d.width_nm:g}", f"{d.low_nm:g}-{d.high_nm:g}")
        for d in cytometer.detector
    ]
    facts = [
        f"{'Sorter' if cytometer.sorter else 'Analyser'}, {cytometer.unmixing}",
        f"sorts {cytometer.sort_ways} ways" if cytometer.sort_ways else "",
        # the drop rate of the usual nozzle is in the nozzle table
        f"drop rate {cytometer.drop_rate_hz:,.0f} Hz" if cytometer.drop_rate_hz and not cytometer.nozzle else "",
        f"sort modes: {', '.join(cytometer.sort_modes.values())}" if cytometer.sort_modes else "",
    ]
    maker = f", {cytometer.maker}" if cytometer.maker else ""
    return blocks(
        [
            wrapped(f"{cytometer.id}: {cytometer.name}{maker}", width=width)
            + "\n"
            + wrapped("; ".join(filter(None, facts)) + ".", width=width),
            section("Lasers", table(("nm", "mW", "Path"), lasers, "rrl", width)),
            section("Detectors", table(("Detector", "Path", "Laser", "Filter", "Band, nm"), detectors, "llrrr", width)),
            _nozzles(cytometer, width),
            wrapped(f"Source: {cytometer.source}", width=width),
            wrapped(f"Nozzles: {cytometer.nozzle_source}", width=width) if cytometer.nozzle_source else "",
            wrapped(f"Sort modes: {cytometer.sort_modes_source}", width=width) if cytometer.sort_modes_source else "",
            wrapped(f"Note: {cytometer.note}", width=width) if cytometer.note else "",
        ]
    )


def _nozzles(cytometer: Cytometer, width: int) -> str:
    if not cytometer.nozzle:
        return ""
    usual = cytometer.usual_nozzle
    rows = [
        (
            f"{row.size_um:g}{' (usual)' if row == usual else ''}",
            *("-" if x is None else f"{x:,.6g}" for x in (row.pressure_psi, row.drop_rate_hz, row.max_event_rate_hz)),
            "-" if row.drop_volume_nl is None else f"{row.drop_volume_nl:g}",
            row.source or "-",
        )
        for row in cytometer.nozzles
    ]
    headers = ("µm", "psi", "Drops/s", "Max events/s", "Drop, nL", "Source")
    return section("Nozzles", table(headers, rows, "LRRrrl", width))


def dyes_text(dyes: Iterable[tuple[Fluorochrome, str]], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per fluorochrome, and the origin of those that are not shipped.

    Args:
        dyes: Each with its origin; empty if shipped.
        width: Columns of text at most.
    """
    listed = tuple(dyes)
    rows = [(d.name, d.family, *_optics_cells(d)) for d, _ in listed]
    shown = table(("Fluorochrome", "Family", "Laser, nm", "Peak, nm", "Brightness"), rows, "LlRRL", width)
    return blocks([shown, _origins(((d.name, origin) for d, origin in listed), width)])


def _optics_cells(dye: Fluorochrome) -> tuple[str, str, str]:
    """Return best laser, peak and origin of the brightness; of a dye without optics, what its light is known by."""
    if dye.brightness is None:
        return "-", "-", "signature only"
    return best_lines(dye), f"{dye.peak_nm:g}", dye.brightness.origin.replace("_", " ")


def with_origin(thing: Cytometer | Fluorochrome, origin: str, path: Path) -> dict[str, Any]:
    """Return a cytometer or fluorochrome with its origin and file as a JSON object."""
    return {**thing.model_dump(mode="json"), "origin": origin, "file": str(path)}


def best_lines(dye: Fluorochrome) -> str:
    """Return the laser line that excites a dye with optics best."""
    return str(max(dye.excitation, key=lambda line: (dye.excitation[line], -line)))


def dye_text(dye: Fluorochrome, width: int = DEFAULT_WIDTH) -> str:
    """Return the data on a fluorochrome and their sources."""
    excitation = [(str(line), f"{value:.3g}") for line, value in dye.excitation.items()]
    emission = [
        (f"{p.peak_nm:g}", f"{p.left_nm:g}", f"{p.right_nm:g}", f"{p.weight:.3g}", p.origin) for p in dye.emission
    ]
    bright = dye.brightness
    parts = f" ({dye.donor} to {dye.acceptor})" if dye.donor and dye.acceptor else ""
    about = f"{dye.name}: {dye.family}, {dye.kind.replace('_', ' ')}{parts}, stains: {dye.use.replace('_', ' ')}"
    brightness = (
        "Light: known by measured signatures alone (--signatures)"
        if bright is None
        else f"Brightness: {bright.photoelectrons_per_antibody:.3g} photoelectrons per antibody ({bright.origin})"
        + (f"; {bright.source}" if bright.source else "")
    )
    spectra = (
        section("Excitation, relative to its maximum", table(("Laser, nm", "Relative"), excitation, "rr", width)),
        section(
            "Emission: Gaussians with separate widths (s.d.) on each side",
            table(("Peak, nm", "Blue s.d.", "Red s.d.", "Weight", "Origin"), emission, "rrrrl", width),
        ),
    )
    return blocks(
        [
            "\n".join(
                wrapped(line, width=width)
                for line in (
                    about,
                    f"Also called: {', '.join(dye.aliases)}" if dye.aliases else "",
                    brightness,
                    f"Sensitive to: {', '.join(dye.fragile)}" if dye.fragile else "",
                    f"Note: {dye.note}" if dye.note else "",
                )
                if line
            ),
            *(spectra if dye.has_optics else ()),
            section("Sources", "\n".join(wrapped(s, "    ", width, first="  - ") for s in dye.sources)),
        ]
    )


def problems_text(problems: Iterable[ListedProblem], width: int = DEFAULT_WIDTH) -> str:
    """Return one line per problem."""
    rows = [(p.id, p.title, str(p.markers), str(p.targets or "-")) for p in problems]
    return table(("Problem", "Title", "Markers", "Targets"), rows, "LlRR", width) + "\n"


def problem_text(problem: Problem, width: int = DEFAULT_WIDTH) -> str:
    """Return populations, markers, goal and constraints of a problem."""
    populations = [
        (p.name, p.role, f"{100 * p.frequency:.3g}", f"{p.autofluorescence:g}", str(len(p.levels)))
        for p in problem.population
    ]
    head = ("Population", "Role", "Frequency %", "Autofluorescence", "Known levels")
    levels = "\n".join(wrapped(_levels(p), "      ", width, first="  ") for p in problem.population)
    markers = "\n".join(
        wrapped(f"{title}: {', '.join(names)}", "      ", width, first="  ")
        for title, names in _marker_groups(problem).items()
        if names
    )
    return blocks(
        [
            wrapped(f"{problem.id}: {problem.title}" if problem.title else problem.id, width=width),
            wrapped(problem.description, width=width) if problem.description else "",
            section("Populations", table(head, populations, "lLRRR", width) if populations else ""),
            section("Levels", levels),
            section("Markers", markers),
            section("Goal", wrapped(_goal(problem), "  ", width)),
            section("Uncertainty", wrapped(_uncertainty(problem), "  ", width)),
            section("Sources", "\n".join(wrapped(s, "    ", width, first="  - ") for s in problem.sources)),
        ]
    )


def _levels(population: Population) -> str:
    shown = (f"{marker} {_level(level)}" for marker, level in population.levels.items())
    return f"{population.name}: {', '.join(shown) or 'none known'}"


def _level(level: str | Level) -> str:
    return level if isinstance(level, str) else f"{count(level.abc)} (CV {level.cv:g})"


def _marker_groups(problem: Problem) -> dict[str, list[str]]:
    listed = {m.name: f"{m.name} {_level(m.level)}" if m.level is not None else m.name for m in problem.marker}
    groups: dict[str, list[str]] = {"Required": [listed[m.name] for m in problem.marker if m.required]}
    for role, title in (
        ("candidate", "Candidates"),
        ("dump", "Dump channel"),
        ("viability", "Viability"),
        ("forbidden", "Forbidden"),
    ):
        groups[title] = [listed[m.name] for m in problem.marker if m.role == role and not m.required]
    groups["Locked"] = [f"{x.marker} {x.fluorochrome}" for x in problem.locked]
    return groups


def _uncertainty(problem: Problem) -> str:
    """Return the 95 % factors, and how many levels and frequencies have their own range."""
    factors = problem.uncertainty.model_dump()
    breakdown = factors.pop("tandem_breakdown")
    shown = ", ".join(f"{name.replace('_', ' ')} {factor:g}" for name, factor in factors.items())
    levels = [problem.resolve(level) for population in problem.population for level in population.levels.values()]
    ranges = sum(level.low is not None or level.high is not None for level in levels)
    shares = sum(p.frequency_low is not None or p.frequency_high is not None for p in problem.population)
    return (
        f"95 % factors: {shown}; tandem breakdown up to {100 * breakdown:g} %. "
        f"With their own range: {ranges} levels, {shares} frequencies."
    )


def _goal(problem: Problem) -> str:
    goal, limits, sample = problem.goal, problem.limits, problem.sample
    facts = [
        f"purity {100 * goal.purity:g} %, yield at least {100 * goal.yield_min:g} %",
        f"at most {limits.max_colours} colours" if limits.max_colours else "",
        f"budget {limits.budget:g} {limits.currency}".rstrip() if limits.budget is not None else "",
        f"at most {goal.max_gates} gates per target" if goal.max_gates else "",
        f"{sample.state} cells, dissociation: {sample.dissociation}",
        f"{100 * sample.dead_fraction:g} % dead" if sample.dead_fraction else "",
    ]
    return "; ".join(filter(None, facts)) + "."
