"""Files as large as can be are read or refused, within time and memory."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterator
from multiprocessing.pool import Pool
from pathlib import Path

import pytest

from tests.fuzz.giants import GIANTS, giant
from tests.fuzz.reader import outcome_of
from tests.fuzz.readers import READERS
from tests.fuzz.run import prepare


def trouble_of(name: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return outcome_of(READERS[GIANTS[name][0]], giant(name), Path(folder))


@pytest.fixture(scope="module")
def process() -> Iterator[Pool]:
    """A process that may take 1 GB more than it has."""
    with multiprocessing.get_context("spawn").Pool(1, prepare, maxtasksperchild=10) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize("name", GIANTS)
def test_large_files_take_little_time_and_memory(process: Pool, name: str) -> None:
    assert process.apply(trouble_of, (name,)) == ""
