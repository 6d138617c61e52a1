"""Answers do not depend on the processor: another kernel of the linear-algebra library rounds differently."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kernels
from benchmarks.kernels import Kernel, other_kernels
from panelopt import api
from panelopt.io.certificate_json import read_certificate
from tests.kernels import __main__ as program
from tests.kernels.__main__ import TESTS
from tests.kernels.answers import answers, certified_question

SAME = 1e-9
"""Largest relative difference of two numbers."""


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Return the places in which two JSON documents differ by more than rounding."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [text for key in one for text in differences(one[key], other[key], f"{where}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [text for i in range(len(one)) for text in differences(one[i], other[i], f"{where}/{i}")]
    if isinstance(one, float) and isinstance(other, float):
        same = math.isclose(one, other, rel_tol=SAME, abs_tol=SAME)
    else:
        same = one == other
    return [] if same else [f"{where}: {one} and {other}"]


def test_differences_are_found() -> None:
    assert differences({"a": [1.0, "x"]}, {"a": [1.0 + 1e-12, "x"]}) == []
    assert differences({"a": [1.0, "x"]}, {"a": [1.0 + 1e-6, "y"]}) == ["/a/0: 1.0 and 1.000001", "/a/1: x and y"]
    assert differences({"a": None}, {"b": None}) == [": {'a': None} and {'b': None}"]


def test_kernels_are_those_that_run_and_round_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    bits = {"default": "a", "SkylakeX": None, "Haswell": "a", "Nehalem": "b", "Sandybridge": "b", "ARMV8": "c"}
    monkeypatch.setattr(kernels, "_bits", lambda kernel: bits.get(kernel.name))
    assert [kernel.name for kernel in other_kernels(5)] == ["Nehalem", "ARMV8"]
    assert [kernel.name for kernel in other_kernels(1)] == ["Nehalem"]


def test_older_kernels_go_with_older_loops() -> None:
    features = ["X86_V3", "X86_V4", "AVX512_ICL"]
    assert kernels._disabled("SkylakeX", features) == []
    assert kernels._disabled("Haswell", features) == ["X86_V4", "AVX512_ICL"]
    assert kernels._disabled("Nehalem", features) == features


def test_what_is_run_again_exists(repository: Path) -> None:
    assert [name for name in TESTS if not (repository / name).exists()] == []


@pytest.mark.parametrize(("codes", "expected"), [([], 0), ([0, 0], 0), ([0, 1], 1)])
def test_each_kernel_runs_them_and_one_failure_fails_all(
    codes: list[int], expected: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Kernel(f"kernel-{number}", {"OPENBLAS_CORETYPE": "x"}) for number in range(len(codes))]
    done = iter(codes)
    monkeypatch.setattr(program, "other_kernels", lambda _: found)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], next(done)))
    assert program.main([]) == expected
    shown = [f"== {kernel.name}" for kernel in found] or ["no other kernel of the linear-algebra library runs"]
    assert all(line.startswith(start) for line, start in zip(capsys.readouterr().out.splitlines(), shown, strict=True))


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    found = other_kernels(1)
    if not found:
        pytest.skip("the linear-algebra library has no other kernel that this processor can run")
    return found[0]


def test_answers_are_the_same_and_a_certificate_from_there_is_verified_here(
    kernel: Kernel, tmp_path: Path, repository: Path
) -> None:
    command = [sys.executable, "-m", "tests.kernels.answers", str(tmp_path / "there.json")]
    run = subprocess.run(command, cwd=repository, env=kernel.environment, capture_output=True, text=True, check=True)
    assert differences(answers(tmp_path / "here.json"), json.loads(run.stdout)) == []
    certificate = read_certificate(tmp_path / "there.json")
    assert api.verify(certificate, certified_question()).status == "verified"
