"""Designs with a certificate."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from panelopt.answers.design_panel import result_of, search_settings
from panelopt.certificates.certificate_inputs import asked_question
from panelopt.domain.certificate import Certificate
from panelopt.domain.instance_numbers import MAX_VALUE
from panelopt.domain.result import Result
from panelopt.errors import PaneloptError
from panelopt.io.certificate_json import write_certificate
from panelopt.optics.overflow import refuse_overflow
from panelopt.questions.question import Options, Question, compiled, named
from panelopt.solver.certificates.certify import certificate_of
from panelopt.solver.listener import SolveListener
from panelopt.solver.search import Search
from panelopt.solver.search_cache import SearchCache


@refuse_overflow
def design_certified(
    question: Question,
    options: Options | None = None,
    listener: SolveListener | None = None,
    cache: SearchCache | None = None,
) -> tuple[Result, Certificate]:
    """Choose the best panel, prove how good it is, and return what others need to check the proof.

    Args, errors: as :func:`panelopt.answers.design_panel.design`.

    Raises:
        PaneloptError: if the search was stopped before it began, or has numbers that no certificate can hold.
    """
    began = time.perf_counter()
    options = on_a_day(named(question, options or Options()))
    arrays = compiled(question, options)
    search = Search(arrays.instance, search_settings(options), listener, cache=cache, began=began)
    outcome = search.run()
    result = result_of(question, options, arrays, outcome)
    if not search.has_model and outcome.status != "infeasible":
        raise PaneloptError("the search was stopped before there was anything to certify")
    try:
        return result, certificate_of(search, asked_question(question, options))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        message = f"a certificate cannot hold this question: {place or 'a number'} is out of range"
        raise PaneloptError(message, hint=f"Numbers may be at most {MAX_VALUE:g}.") from None


def write_certified(certificate: Certificate, path: Path) -> None:
    """Write a certificate as JSON, compressed where the name ends in ``.gz``."""
    write_certificate(certificate, path)


def on_a_day(options: Options) -> Options:
    """Return options with the day on which lots must not have expired."""
    return replace(options, today=options.today or datetime.now().astimezone().date())
