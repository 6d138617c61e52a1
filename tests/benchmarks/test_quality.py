"""Questions that are closed in a second, against what is known of them: no new result may contradict the registry."""

from __future__ import annotations

import pytest

from benchmarks import known
from panelopt import api
from panelopt.api.question import compiled
from panelopt.scoring import DEFAULT_TOLERANCE

FAST = (("bm-cd271-msca1-gmp", "aria-fusion"), ("cv-cd106", "aria-fusion"), ("ipsc-msc", "symphony-s6"))


@pytest.mark.parametrize("pair", FAST, ids=" on ".join)
def test_a_fast_question_reaches_and_does_not_pass_what_is_known(pair: tuple[str, str]) -> None:
    (earlier,) = (row for row in known.read() if row.key == pair)
    question = api.load(pair[0], cytometer=pair[1])
    options = api.Options(time_limit_s=120.0, workers=1)
    now = known.from_result(api.design(question, options), compiled(question, options).instance, "today")
    assert now.instance_sha256 == earlier.instance_sha256, (
        "the numbers of this question have changed: renew the registry by benchmarks/survey.py --update-best-known"
    )
    assert not known.contradictions(earlier, now)
    assert now.status == "optimal"
    assert now.best_worst is not None
    assert earlier.best_worst is not None
    assert now.best_worst >= earlier.best_worst - DEFAULT_TOLERANCE


def test_the_registry_contradicts_itself_nowhere() -> None:
    rows = known.read()
    assert len({row.key for row in rows}) == len(rows)
    assert not [text for row in rows for text in known.contradictions(row, row)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"best_worst": 2.0}, 1),
        ({"bound_worst": 0.5}, 1),
        ({"best_sum": 12.0}, 1),
        ({"best_worst": 1.2, "best_sum": 10.4}, 0),
        ({"best_worst": 2.0, "instance_sha256": "other"}, 0),
    ],
)
def test_a_value_above_an_earlier_limit_is_found(change: dict[str, object], found: int) -> None:
    values = {
        "problem": "p", "cytometer": "c", "catalog_sha256": "", "instance_sha256": "same", "best_worst": 1.0,
        "bound_worst": 1.3, "floor": 0.98, "best_sum": 10.0, "bound_sum": 10.5, "status": "feasible",
        "colours": 3, "seconds": 1.0, "version": "0", "date": "d",
    }
    earlier, now = known.Known(**values), known.Known(**{**values, **change})  # type: ignore[arg-type]
    assert len(known.contradictions(earlier, now)) == found
    assert len(known.contradictions(now, earlier)) == found
