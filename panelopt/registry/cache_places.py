"""Where things are kept that were worked out earlier."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "PANELOPT_CACHE"
"""Environment variable: folder of what is kept, in the place of the user's cache folder."""


def cache_folder(kind: str) -> Path:
    """Return the folder of one kind of thing; it may not exist yet."""
    if named := os.environ.get(CACHE_VARIABLE, "").strip():
        return Path(named) / kind
    import platformdirs

    return platformdirs.user_cache_path("panelopt") / kind
