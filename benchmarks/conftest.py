"""What several benchmarks share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.registry import all_specs
from benchmarks.subject import Subject


@pytest.fixture(scope="session", autouse=True)
def _cache_of_catalogs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep compiled catalogs out of the user's folder."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANELOPT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session", params=["uc_cd106@aria_fusion", "uc_cd106@symphony_s6"])
def subject(request: pytest.FixtureRequest) -> Subject:
    """A question on a conventional sorter, and on a spectral one."""
    (shipped,) = (spec for spec in all_specs() if spec.name == "shipped")
    return shipped.sizes[request.param]()


@pytest.fixture
def random() -> np.random.Generator:
    """Random numbers of a fixed seed."""
    return np.random.default_rng(0)
