"""Fixtures of the tests of faults."""

from __future__ import annotations

import pytest

from tests.faults.commands import closed, run


@pytest.fixture(scope="session")
def permissions(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Permissions count for the commands that a test starts."""
    folder = tmp_path_factory.mktemp("closed")
    with closed(folder, mode=0o500):
        code, _ = run(folder, source="import os, sys\nsys.exit(os.access('.', os.W_OK))")
    if code:
        pytest.skip("this user may write everywhere, also without the rights of root")
