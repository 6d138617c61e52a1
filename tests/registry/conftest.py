"""Plug-ins that are installed for one test."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

Register = Callable[..., Path]


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
