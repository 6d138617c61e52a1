"""A program of somebody else that uses everything in ``panelopt.api``: it is type-checked, never run."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

from panelopt import api
from panelopt.domain.alternatives_result import Alternatives, Explanation, Frontier
from panelopt.domain.certificate import Certificate
from panelopt.domain.design_comparison import DesignComparison
from panelopt.domain.result import Result
from panelopt.domain.robust_result import RobustResult
from panelopt.domain.simulation_result import Simulation
from panelopt.domain.sort_plan_record import SortPlan
from panelopt.domain.verification_result import Verification
from panelopt.errors import InputError
from panelopt.io.panel_files import read_panel
from panelopt.report.content import Report

QUESTION = "bm-cd271-cd146"


def asked() -> api.Question | None:
    """Load the question, and show what is wrong with it."""
    try:
        return api.load(QUESTION, cytometer="aria-fusion", catalogs=["msc-reagents"], inventory=None, signatures=())
    except InputError as error:
        for finding in error.findings:
            assert_type(finding.code, str)
            assert_type(finding.where + finding.message + finding.hint, str)
        return None


def designed(question: api.Question) -> int:
    """Design panels, and look around the best one."""
    options = api.Options(time_limit_s=10.0, seed=1, max_colours=8)
    result = api.design(question, options)
    assert_type(result, Result)
    assert_type(api.report_of(question, result), Report)
    assert_type(result.objective.worst_log_ratio if result.objective else None, float | None)
    assert_type([slot.fluorochrome for slot in result.panel], list[str])
    assert_type(api.alternatives(question, 3, differ=2, options=options), Alternatives)
    assert_type(api.frontier(question, by="colours", options=options), Frontier)
    assert_type(api.explain(question, options), Explanation)
    assert_type(api.robust(question, api.RobustOptions(), options), RobustResult)
    certified, certificate = api.design_certified(question, options)
    assert_type(certified, Result)
    assert_type(certificate, Certificate)
    api.write_certified(certificate, Path("proof.json"))
    assert_type(api.verify(certificate, question, api.VerifyOptions()), Verification)
    api.write_instance(question, Path("instance.npz"), options)
    return len(result.panel)


def judged(question: api.Question, path: Path) -> Report:
    """Judge a panel that is there, and plan with it."""
    rows = read_panel(path)
    assert_type(api.score(question, rows), Result)
    assert_type(api.improve(question, rows, 2), Result)
    assert_type(api.sort_plan(question, rows, api.SortOptions()), SortPlan)
    assert_type(api.simulate(question, rows, Path("events.fcs"), api.SimulateOptions()), Simulation)
    assert_type(api.compare(path, path), DesignComparison)
    return api.report(path, api.ReportFiles())
