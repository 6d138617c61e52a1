"""The rules of accessibility of axe-core, for pages open in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_SCRIPT = """
const done = arguments[0];
axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map(v =>
  [v.impact, v.id, v.nodes.slice(0, 3).map(n => [n.html.slice(0, 200), n.failureSummary])])));
"""


def violations(driver: Any) -> list[Any]:
    """Return the rules that the open page breaks, with impact and up to three places; skip without axe-core."""
    bundled = Path(pytest.importorskip("axe_core_python").__file__).parent / "axe.min.js"
    driver.set_script_timeout(300)
    driver.execute_script(bundled.read_text(encoding="utf-8"))
    return list(driver.execute_async_script(_SCRIPT))
