"""Fixtures for all tests."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from panelopt.answers.samples import robustness
from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.problem_record import Problem
from panelopt.domain.reagents import Catalog, Fluorochrome
from panelopt.domain.result import Result
from tests import builders

REPOSITORY = Path(__file__).resolve().parents[1]
settings.register_profile("tests", deadline=None)  # the clock on a busy machine says nothing
settings.load_profile("tests")

Register = Callable[..., Path]
"""Installs a distribution with an entry_points.txt."""

LONG = ("solver", "kernels", "faults", "robust", "bounds", "docs", "certificates", "sorting", "answers")
"""Folders whose tests take longest; they are run first, so that all processes end together."""

PACKAGES = ("panelopt", "panelopt_catalogs", "panelopt_problems")


def pytest_configure(config: pytest.Config) -> None:
    """With PANELOPT_INSTALLED set, end where a package or its data is not the installed one."""
    if os.environ.get("PANELOPT_INSTALLED"):
        site = Path(sysconfig.get_path("purelib")).resolve()
        wrong = [str(place) for place in _places() if not place.is_relative_to(site)]
        if wrong:
            raise pytest.UsageError(f"not the installed package, which lies in {site}: {', '.join(wrong)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first; skip what judges the source tree where an installed package is tested."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)
    if os.environ.get("PANELOPT_INSTALLED"):
        for item in items:
            if item.get_closest_marker("source"):
                item.add_marker(pytest.mark.skip(reason="judges the source tree, which is hidden"))


def pytest_report_header() -> str:
    """Say which package is tested."""
    return f"tested: {', '.join(map(str, _places()))}"


def _places() -> list[Path]:
    specs = map(importlib.util.find_spec, PACKAGES)
    return [Path(place).resolve() for spec in specs if spec for place in spec.submodule_search_locations or ()]


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def reference() -> Path:
    """Folder of the reference data, which is not part of the project; the test is skipped without it."""
    named = os.environ.get("PANELOPT_REFERENCE")
    folder = Path(named) if named else REPOSITORY / ".." / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}; name their folder with PANELOPT_REFERENCE")
    return folder.resolve()


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Cache folder of the tests: the user's own is left alone."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANELOPT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def few_samples() -> Iterator[None]:
    """Judge panels in 16 plausible samples instead of 256, for tests that do not look at those numbers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(robustness.__kwdefaults__, "samples", 16)
        yield


@pytest.fixture
def problem() -> Problem:
    """Two targets, two contaminants, four markers."""
    return builders.problem()


@pytest.fixture
def cytometer() -> Cytometer:
    """A conventional sorter with two lasers and five detectors."""
    return builders.cytometer()


@pytest.fixture
def fluorochromes() -> tuple[Fluorochrome, ...]:
    """Five dyes of simple shape."""
    return builders.fluorochromes()


@pytest.fixture
def catalog() -> Catalog:
    """Every marker of the problem on every dye."""
    return builders.catalog()


@pytest.fixture
def result() -> Result:
    """A complete result, made up."""
    return builders.result()


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    """Install a distribution with this entry_points.txt; return the folder that its packages would be in."""

    def install(distribution: str, entry_points: str | bytes, metadata: str | None = None) -> Path:
        site = tmp_path / f"site-{distribution}"
        info = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        if metadata is None:
            metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        if metadata:
            (info / "METADATA").write_text(metadata, encoding="utf-8")
        text = entry_points.encode() if isinstance(entry_points, str) else entry_points
        (info / "entry_points.txt").write_bytes(text)
        monkeypatch.syspath_prepend(str(site))
        importlib.invalidate_caches()
        return site

    return install
