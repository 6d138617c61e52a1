"""One run of a question: designed, judged again, verified, and compared with all earlier runs of it."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panelopt import api
from panelopt.certificates.verify_certificate import VerifyOptions
from panelopt.domain.certificate import Certificate
from panelopt.domain.result import Result, SolveStatus
from panelopt.domain.verification_result import CheckVerdict
from panelopt.errors import PaneloptError
from panelopt.io.certificate_json import read_certificate
from panelopt.io.panel_csv import panel_csv
from panelopt.io.panel_files import read_panel
from panelopt.io.result_json import read_result, result_json
from panelopt.questions.question import Options, Question
from panelopt.report.html import report_html
from panelopt.report.xlsx import report_xlsx
from tests.endurance.ledger import Claims
from tests.endurance.questions import random_question, with_effort

SAME = 1e-6
"""Scores that differ by less are equal (log10)."""

REPROOF_S = 300.0
"""Time for proving a limit again of which the result says that it is closed."""

GLANCE_S = 5.0
"""The same where the limit is open anyway."""

REPORT_EVERY = 7
"""Every so many runs a report is made as well."""


@dataclass(slots=True)
class Trials:
    """Runs of random questions.

    Attributes:
        claims: What was said of each question.
    """

    claims: dict[int, Claims] = field(default_factory=lambda: defaultdict(Claims))

    def run(self, number: int, repeat: int) -> dict[str, Any]:
        """Run a question; return what happened, with the list ``faults``."""
        try:
            question, demands = random_question(number)
            options = with_effort(demands, number, repeat)
            began = time.perf_counter()
            result, certificate = api.design_certified(question, options)
        except PaneloptError as error:  # e.g. no product is left
            return {"question": number, "repeat": repeat, "status": "refused", "message": str(error), "faults": []}
        seconds = time.perf_counter() - began
        with tempfile.TemporaryDirectory() as folder:
            faults, verification = self._faults(number, question, options, result, certificate, Path(folder))
            if (number + repeat) % REPORT_EVERY == 0:
                faults += report_faults(result, Path(folder))
        return {
            "question": number,
            "repeat": repeat,
            "problem": result.problem,
            "cytometer": result.cytometer,
            "status": result.status.value,
            "verification": verification,
            "time_limit_s": options.time_limit_s,
            "seconds": round(seconds, 3),
            "gap": [result.gap.worst_log_ratio, result.gap.sum_log_ratio],
            "clauses": len(certificate.rows) + len(certificate.lowered),
            "faults": faults,
        }

    def _faults(
        self,
        number: int,
        question: Question,
        options: Options,
        result: Result,
        certificate: Certificate,
        folder: Path,
    ) -> tuple[list[str], str]:
        claims = self.claims[number]
        claims.add(result)
        faults = claims.contradictions()
        if result.panel:
            faults += score_faults(question, options, result, folder)
        verification, more = proof_faults(certificate, question, options, folder)
        return faults + more, verification


def score_faults(question: Question, options: Options, result: Result, folder: Path) -> list[str]:
    """Write the panel, read it and judge it again."""
    path = folder / "order.csv"
    path.write_text(panel_csv(result), encoding="utf-8")
    again = api.score(question, read_panel(path), options)
    if again.status is not SolveStatus.FEASIBLE or again.objective is None or result.objective is None:
        return [f"the panel breaks a rule: {[conflict.demand for conflict in again.conflicts]}"]
    pairs = zip(result.objective.model_dump().items(), again.objective.model_dump().values(), strict=True)
    return [
        f"{name}: {value} in the result, {other} by the score"
        for (name, value), other in pairs
        if not (value == other or (isinstance(value, float) and other is not None and abs(value - other) <= SAME))
    ]


def proof_faults(certificate: Certificate, question: Question, options: Options, folder: Path) -> tuple[str, list[str]]:
    """Write the certificate, read it and check it; a proof that is claimed must be found again."""
    path = folder / "certificate.json.gz"
    api.write_certified(certificate, path)
    claimed = certificate.status in (SolveStatus.OPTIMAL, SolveStatus.INFEASIBLE)
    limits = VerifyOptions(time_limit_s=REPROOF_S if claimed else GLANCE_S)
    found = api.verify(read_certificate(path), question, limits, options)
    faults = [f"{check.name}: {wrong}" for check in found.checks for wrong in check.wrong]
    if claimed:
        faults += [f"{check.name}: {check.text}" for check in found.checks if check.verdict is CheckVerdict.OPEN]
    return found.status, faults


def report_faults(result: Result, folder: Path) -> list[str]:
    """Make a report as HTML and XLSX of the stored result."""
    path = folder / "result.json"
    path.write_text(result_json(result), encoding="utf-8")
    faults = [] if read_result(path) == result else ["the result is another one after it was stored"]
    report = api.report(path)
    sizes = {"html": len(report_html(report)), "xlsx": len(report_xlsx(report))}
    return faults + [f"the {name} report has {size} bytes" for name, size in sizes.items() if size < 1000]
