"""Small domain objects for tests; all numbers are made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Brightness, Catalog, Conjugate, EmissionPeak, Fluorochrome
from panelopt.domain.result import Result
from panelopt.domain.sort_plan_record import SortPlan

DYES: dict[str, tuple[int, float]] = {
    "BV421": (405, 421.0),
    "BV605": (405, 605.0),
    "FITC": (488, 520.0),
    "PE": (488, 576.0),
    "PE-Cy7": (488, 780.0),
}
"""Best laser line and emission peak in nm, by dye."""

DETECTORS: dict[str, tuple[int, float, float]] = {
    "V450": (405, 450.0, 50.0),
    "V610": (405, 610.0, 20.0),
    "B530": (488, 530.0, 30.0),
    "B575": (488, 575.0, 26.0),
    "B780": (488, 780.0, 60.0),
}
"""Laser, centre and width of the band in nm, by detector."""

MARKERS = ("CD271", "CD146", "CD45", "CD31")

LEVELS: dict[str, tuple[str, float, tuple[str, str, str, str]]] = {
    "msc-pos": ("target", 0.01, ("bright", "bright", "-", "-")),
    "msc-neg": ("target", 0.01, ("bright", "-", "-", "-")),
    "leukocyte": ("contaminant", 0.93, ("-", "-", "bright", "mid")),
    "endothelial": ("contaminant", 0.05, ("-", "bright", "-", "very_bright")),
}
"""Role, frequency and level of each marker, by population."""


def problem(**changes: Any) -> Problem:
    """Return a problem with two targets, two contaminants and four markers."""
    data: dict[str, Any] = {
        "id": "tiny",
        "title": "Two targets in a tiny sample",
        "marker": [{"name": name} for name in MARKERS],
        "population": [
            {"name": name, "role": role, "frequency": share, "levels": dict(zip(MARKERS, levels, strict=True))}
            for name, (role, share, levels) in LEVELS.items()
        ],
    }
    return Problem.model_validate(data | changes)


def marker_list(levels: Mapping[str, str] | None = None, **changes: Any) -> Problem:
    """Return a problem without populations: markers with their expected levels."""
    shown = levels or dict.fromkeys(MARKERS, "mid")
    data: dict[str, Any] = {"id": "list", "marker": [{"name": n, "level": level} for n, level in shown.items()]}
    return Problem.model_validate(data | changes)


def cytometer(names: Iterable[str] = DETECTORS, **changes: Any) -> Cytometer:
    """Return a conventional sorter with a violet and a blue laser and the named detectors."""
    data: dict[str, Any] = {
        "id": "tiny-sorter",
        "name": "Tiny sorter",
        "source": "made up",
        "sorter": True,
        "unmixing": "compensation",
        "sort_ways": 4,
        "laser": [{"nm": 405, "power_mw": 50, "path": "violet"}, {"nm": 488, "power_mw": 50, "path": "blue"}],
        "detector": [
            {
                "name": name,
                "path": "violet" if laser == 405 else "blue",
                "laser_nm": laser,
                "centre_nm": c,
                "width_nm": w,
            }
            for name, (laser, c, w) in DETECTORS.items()
            if name in set(names)
        ],
    }
    return Cytometer.model_validate(data | changes)


def fluorochrome(name: str, line: int, peak_nm: float, brightness_pe: float = 1.0) -> Fluorochrome:
    """Return a dye with one symmetric emission peak of 15 nm standard deviation."""
    other = 488 if line == 405 else 405
    return Fluorochrome(
        name=name,
        family="test",
        kind="small_molecule",
        excitation={line: 1.0, other: 0.05},
        emission=(EmissionPeak(peak_nm=peak_nm, left_nm=15, right_nm=15, weight=1),),
        brightness=Brightness(photoelectrons_per_antibody=brightness_pe, origin="model"),
    )


def fluorochromes(names: Iterable[str] = DYES) -> tuple[Fluorochrome, ...]:
    """Return the named dyes of :data:`DYES`."""
    return tuple(fluorochrome(name, *DYES[name]) for name in names)


def autofluorescence() -> Fluorochrome:
    """Return a broad autofluorescence spectrum, strongest under the violet laser."""
    return Fluorochrome(
        name="autofluorescence",
        family="test",
        kind="endogenous",
        use="autofluorescence",
        excitation={405: 1.0, 488: 0.4},
        emission=(EmissionPeak(peak_nm=500, left_nm=50, right_nm=90, weight=1),),
        brightness=Brightness(photoelectrons_per_antibody=1, origin="model"),
    )


def conjugate(marker: str, dye: str, **changes: Any) -> Conjugate:
    """Return a product with a catalog number made of marker and dye."""
    data: dict[str, Any] = {
        "marker": marker,
        "fluorochrome": dye,
        "clone": f"clone-{marker}",
        "vendor": "Testa",
        "catalog_number": f"{marker}-{dye}",
        "price": 100.0,
        "currency": "EUR",
        "availability": "sourced",
    }
    return Conjugate.model_validate(data | changes)


def catalog(markers: Iterable[str] = MARKERS, dyes: Iterable[str] = DYES, **changes: Any) -> Catalog:
    """Return a catalog with every marker on every dye."""
    data: dict[str, Any] = {
        "name": "tiny-catalog",
        "vendor": "Testa",
        "version": "1",
        "conjugates": tuple(conjugate(marker, dye) for marker in markers for dye in list(dyes)),
    }
    return Catalog.model_validate(data | changes)


def write_catalog_folder(folder: Path, name: str, rows: Iterable[str] = ("CD45,FITC",)) -> Path:
    """Write a catalog folder with the columns marker and fluorochrome; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalog.toml").write_text(f'schema_version = 1\nname = "{name}"\n', encoding="utf-8")
    text = "\n".join(["marker,fluorochrome", *rows]) + "\n"
    (folder / "conjugates.csv").write_text(text, encoding="utf-8")
    return folder


def result(**changes: Any) -> Result:
    """Return a complete result with a marker slot, a dump slot and a viability slot."""
    data: dict[str, Any] = {
        "panelopt_version": "0.1.0",
        "problem": "tiny",
        "problem_sha256": "0" * 64,
        "cytometer": "tiny-sorter",
        "catalogs": [{"name": "tiny-catalog", "version": "1", "sha256": "ab" * 32, "rows": 20}],
        "status": "optimal",
        "objective": {
            "worst_log_ratio": 1.25,
            "sum_log_ratio": 9.5,
            "colours": 3,
            "price": 300.0,
            "currency": "EUR",
            "unknown_prices": 1,
        },
        "bound": {"worst_log_ratio": 1.26, "sum_log_ratio": 9.52},
        "best": {"worst_log_ratio": 1.25, "sum_log_ratio": 9.5},
        "gap": {"worst_log_ratio": 0.01, "sum_log_ratio": 0.02},
        "floor": 1.23,
        "panel": [
            _slot("PE", "B575", "CD271"),
            _slot("FITC", "B530", "CD45", "CD31"),
            _slot("BV421", "V450", "viability"),
        ],
        "targets": [
            {
                "name": "msc-pos",
                "frequency": 0.01,
                "yield": 0.9412,
                "purity": 0.9987,
                "purity_at_least": 0.951,
                "expected_cells": 12345.6,
                "gates": [
                    _gate(0, "PE", "above", 12345.0, None, "CD271"),
                    _gate(1, "FITC", "below", None, 88.0, "CD45", "CD31"),
                ],
            }
        ],
        "pairs": [
            _pair("msc-pos", "leukocyte", 1.25, "single", doublet=3.5),
            _pair("msc-pos", "endothelial", 2.5, "doublet", doublet=2.5),
            _pair("msc-pos", "msc-neg", 3.28, "cap", doublet=None),
        ],
        "channels": [
            {"fluorochrome": "PE", "detector": "B575", "noise": {"leukocyte": 41.0}, "ols_noise": {"leukocyte": 44.0}}
        ],
        "spectral": {
            "complexity_index": 1.9,
            "max_similarity": 0.41,
            "most_similar": ["FITC", "PE"],
            "hotspot_max": 1.4,
        },
        "solver": {"wall_s": 2.5, "seed": 7, "workers": 2, "time_limit_s": 60.0},
        "warnings": [
            {"code": "unknown-level", "message": "the level of CD31 is unknown in msc-pos", "where": "tiny.toml"}
        ],
    }
    return Result.model_validate(data | changes)


def empty_result(status: str, **changes: Any) -> Result:
    """Return a result without a panel."""
    data = {"panelopt_version": "0.1.0", "problem": "tiny", "cytometer": "tiny-sorter", "status": status}
    return Result.model_validate(data | changes)


def sort_plan(**changes: Any) -> SortPlan:
    """Return a sort plan of the panel of :func:`result`: one target, two plans, a missed goal."""
    shares = [{"population": "leukocyte", "share": 0.4, "doublets": 0.1}, {"population": "dead", "share": 0.1}]
    left = {"removes": 0.5, "yield_so_far": 1.0, "purity_so_far": 0.5, "shares": shares}
    tube = {
        "target": "msc-pos",
        "purity": 0.5,
        "sort_yield": 0.7,
        "overall_yield": 0.2,
        "survival": 0.8,
        "abort_rate_hz": 12.5,
        "passengers": 0.0,
        "gated": 0.02,
        "cells_deflected": 7000.0,
        "cells_recovered": 2100.0,
        "shares": shares,
    }
    miss = {"value": 0.5, "wanted": 0.95, "remedy": "Beads would do.", "limited_by": shares}
    sort = {
        "kind": "sort",
        "mode": "purity",
        "targets": ["msc-pos"],
        "events": 1e6,
        "event_rate_hz": 1e4,
        "hours": 0.03,
    }
    beads = {"marker": "CD271", "fold": 150.0, "recovery": 0.9, "source": "option"}
    data: dict[str, Any] = {
        "panelopt_version": "0.1.0",
        "problem": "tiny",
        "cytometer": "tiny-sorter",
        "panel": [slot.model_dump() for slot in result().panel],
        "goals": {"purity": 0.95, "yield_min": 0.8, "hours": 8.0},
        "sorter": {
            "mode": "purity",
            "drop_rate_hz": 34000.0,
            "nozzle_um": None,
            "mask_drops": 2.0,
            "ways": 2,
            "recovery": 0.3,
            "event_rate_hz": None,
            "origins": dict.fromkeys(
                ("drop_rate_hz", "nozzle_um", "mask_drops", "ways", "recovery", "event_rate_hz"), "model value"
            ),
        },
        "cells": 1e6,
        "targets": [
            {
                "name": "msc-pos",
                "tree": [
                    {"kind": "scatter"} | left,
                    {"kind": "singlets"} | left,
                    {"kind": "viability", "side": "below", "high": 2600.0, "slot": 2, "markers": ["viability"]}
                    | {"fluorochrome": "BV421", "detector": "V450"}
                    | left,
                    {"kind": "marker", "side": "above", "low": 20000.5, "slot": 0, "markers": ["CD271"]}
                    | {"fluorochrome": "PE", "detector": "B575", "low_signal": 41000.0, "signal_unit": "AU"}
                    | {"low_positive_kept": 0.975, "low_fmo_percentile": 99.87, "low_unstained_percentile": 99.999}
                    | {"fmo_p99": 5000.0, "unstained_p99": 400.0}
                    | left,
                ],
                "prediction": {"frequency": 0.01, "yield": 0.96, "purity": 0.5, "shares": shares},
                "without_enrichment": {"frequency": 0.001, "yield": 0.96, "purity": 0.1, "shares": shares},
            }
        ],
        "passes": [["msc-pos"]],
        "plans": [
            {
                "kind": "one-step",
                "stages": [sort | {"gates": "all", "pass_number": 1}],
                "tubes": [tube],
                "hours": 0.03,
                "misses": [{"goal": "purity", "target": "msc-pos"} | miss],
            },
            {
                "kind": "beads",
                "stages": [{"kind": "beads", "enrichment": beads, "events": 1e6}, sort | {"gates": "all"}],
                "tubes": [tube],
                "hours": 0.03,
            },
        ],
        "recommended": 1,
        "trade": [
            {"event_rate_hz": rate, "hours": 20 / rate * 16, "sort_yield": 0.8, "purity": 0.95, "cells_recovered": 2100}
            | {"chosen": rate == 5000}
            for rate in (5000.0, 10000.0)
        ],
        "borders": [
            {"upper": "msc-pos", "lower": "msc-neg", "slot": 1, "markers": ["CD146"], "fluorochrome": "BV421"}
            | {"value": 4140.0, "low": 4020.0, "high": 4310.0, "upper_share": 0.02, "lower_share": 0.03, "cells": 45.0}
        ],
        "cells_to_stain": 6700.0,
        "enrichment_fold_for_day": 1.0,
        "enrichment_marker": "CD271",
        "warnings": [{"code": "unknown-drop-rate", "message": "the drop rate is unknown", "where": "tiny-sorter"}],
    }
    return SortPlan.model_validate(data | changes)


def _slot(dye: str, detector: str, *markers: str) -> dict[str, Any]:
    one = len(markers) == 1
    role = "viability" if markers == ("viability",) else "marker" if one else "dump"
    return {
        "markers": markers,
        "clones": [f"clone-{marker}" for marker in markers],
        "fluorochrome": dye,
        "detector": detector,
        "laser_nm": DETECTORS[detector][0],
        "vendor": "Testa" if one else None,
        "catalog_number": f"{markers[0]}-{dye}" if one else None,
        "price": 100.0 if one else None,
        "role": role,
        "reagents": [
            {
                "marker": marker,
                "clone": f"clone-{marker}",
                "fluorochrome": dye,
                "vendor": "Testa",
                "catalog_number": f"{marker}-{dye}",
                "price": None if marker == "CD31" else 100.0,
                "currency": "EUR",
            }
            for marker in markers
        ],
    }


def _gate(slot: int, dye: str, side: str, low: float | None, high: float | None, *markers: str) -> dict[str, Any]:
    return {"slot": slot, "markers": markers, "fluorochrome": dye, "side": side, "low": low, "high": high}


def _pair(target: str, other: str, value: float, limit: str, doublet: float | None) -> dict[str, Any]:
    return {
        "target": target,
        "contaminant": other,
        "log_ratio": value,
        "single": value,
        "doublet": doublet,
        "rejection": 3.0,
        "limited_by": limit,
    }


def bench_lists() -> dict[str, Any]:
    """Return controls and order list of the panel of :func:`sort_plan`, as its fields."""
    tube = {"events": 5000.0, "volume_ul": 100.0, "tests": 1.0, "rules": ["every-dye"]}
    gate = {"markers": ["CD45", "CD31"], "fluorochrome": "FITC", "side": "below", "slot": 1, "reason": "made up"}
    changes = {"yield_without": 0.9, "purity_without": 0.4, "yield_change": -0.03, "purity_change": 0.0}
    reagent = {"marker": "CD271", "fluorochrome": "PE"}
    spare = {"detector": "B575", "vendor": "Other", "price": 120.0, "currency": "EUR", "product_count": 2}
    controls = {
        "tubes": [
            {"name": "unstained cells", "kind": "unstained", "carrier": "cells", "cells": 2e4, "share": 1.0} | tube,
            {"name": "CD271 PE alone", "kind": "single-stain", "carrier": "beads", "markers": ["CD271"]}
            | {"slot": 0, "fluorochrome": "PE", "stained": [0], "note": "ask whether the beads hold it"}
            | tube,
            {"name": "all but CD45+CD31 FITC", "kind": "fmo", "carrier": "cells", "markers": ["CD45", "CD31"]}
            | {"slot": 1, "fluorochrome": "FITC", "stained": [0, 2], "cells": 39_200.0, "share": 0.01}
            | tube,
        ],
        "fmo": [
            {"target": "msc-pos", "needed": True, "high": 88.0, "shift": 26.4, "spread_from": ["PE"], "misplaced": 0.07}
            | gate
            | changes,
            {"target": "msc-neg", "needed": False, "high": 88.0, "shift": 0.0} | gate | changes,
        ],
        "titrations": [
            reagent | {"amount": 5.0, "unit": "uL", "folds": [2.0, 1.0], "amounts": [10.0, 5.0]},
            {"marker": "CD45", "fluorochrome": "FITC", "folds": [2.0, 1.0]},
        ],
        "rules": [{"name": "every-dye", "text": "one for every dye", "source": "model rule"}],
        "cells": 59_200.0,
        "share_of_sample": 0.0592,
        "model_values": {"positive_events": 5000.0},
    }
    line = {"clone": "ME20.4", "vendor": "Testa", "price": 100.0, "currency": "EUR", "tests_per_pack": 10.0}
    order = {
        "lines": [
            {"slot": 0, "owned": True, "tests_sample": 1.0, "tests_controls": 2.0, "tests_titration": 3.0, "packs": 0}
            | {"tests_on_shelf": 7, "lots": [{"lot": "L-1", "expires": "2031-01-02", "tests_left": 7}]}
            | {"spares": [{"fluorochrome": "PE", "worst_change": 0.0, "sum_change": 0.0} | spare]}
            | reagent
            | line,
            {"slot": 1, "tests_controls": 1.0, "tests_titration": 3.0, "marker": "CD45", "fluorochrome": "FITC"}
            | {"availability": "unverified"}
            | {"spares": [{"fluorochrome": "BV421", "worst_change": -0.25, "sum_change": -1.5} | spare]},
        ],
        "vendors": [{"vendor": "Testa", "lines": 1, "packs": 2, "price": 200.0, "unknown_prices": 0, "shipping": 30.0}],
        "currency": "EUR",
        "cells_per_test": 1e6,
    }
    return {"controls": controls, "order": order}
