"""Files as large as can be are read or refused, within time and memory."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.pool import Pool

import pytest

from tests.fuzz.giants import GIANTS, trouble_of
from tests.fuzz.run import prepare

LONGEST_S = 600.0
"""By then a process that has no answer has ended: a library crashed."""


@pytest.fixture(scope="module")
def process() -> Iterator[Pool]:
    """A process that may take 1 GB more than it has."""
    with multiprocessing.get_context("spawn").Pool(1, prepare, maxtasksperchild=10) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize("name", GIANTS)
def test_large_files_take_little_time_and_memory(process: Pool, name: str) -> None:
    assert process.apply_async(trouble_of, (name,)).get(timeout=LONGEST_S) == ""
