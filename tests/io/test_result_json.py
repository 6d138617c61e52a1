"""Result JSON: plain, complete, valid by the shipped schema, and readable again."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from panelopt.domain.result import Result
from panelopt.errors import InputError
from panelopt.io.result_json import read_result, result_json, schema_json
from tests import builders, strategies

SHIPPED = resources.files("panelopt.schemas") / "result.schema.json"


def valid(text: str) -> None:
    schema = json.loads(SHIPPED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))


def test_shipped_schema_is_that_of_the_model() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == schema_json(), "run `make schema`"


@pytest.mark.parametrize("status", ["infeasible", "unknown"])
def test_results_without_panel_validate(status: str) -> None:
    valid(result_json(builders.empty_result(status)))


def test_result_validates_and_has_the_documented_keys(result: Result) -> None:
    text = result_json(result)
    valid(text)
    document = json.loads(text)
    assert document["targets"][0]["yield"] == 0.9412
    assert "gate_yield" not in text
    assert document["panel"][1]["vendor"] is None
    assert document["status"] == "optimal"
    assert document["pairs"][2]["doublet"] is None


def test_schema_refuses_what_is_no_result(result: Result) -> None:
    document = json.loads(result_json(result))
    document["status"] = "perfect"
    with pytest.raises(jsonschema.ValidationError):
        valid(json.dumps(document))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(strategies.results())
def test_what_was_written_is_read_again(tmp_path: Path, result: Result) -> None:
    path = tmp_path / "result.json"
    path.write_text(result_json(result), encoding="utf-8")
    assert read_result(path) == result


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "json-syntax"),
        ("[" * 100_000, "json-syntax"),
        ("[1]", "not-a-result"),
        ('{"status": "optimal"}', "missing"),
    ],
)
def test_faulty_files_are_explained(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_result(path)
    assert caught.value.findings[0].code == code
    assert "result.json" in caught.value.where


def test_not_a_number_is_refused(tmp_path: Path, result: Result) -> None:
    path = tmp_path / "result.json"
    path.write_text(result_json(result).replace("0.9412", "NaN"), encoding="utf-8")
    with pytest.raises(InputError, match="finite"):
        read_result(path)
    broken = result.model_copy(update={"floor": float("nan")})
    with pytest.raises(ValueError, match="Out of range"):
        result_json(broken)
