"""How the documentation is built: ``make docs``."""

from __future__ import annotations

import panelopt

project = "panelopt"
author = "panelopt authors"
copyright = "panelopt authors"  # noqa: A001
version = release = panelopt.__version__

extensions = ["myst_parser"]
exclude_patterns = ["_build", "examples"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4
# links to files of the source tree that are no pages of the site
suppress_warnings = ["myst.xref_missing"]

html_theme = "furo"
html_title = f"panelopt {version}"
html_copy_source = False
html_show_sphinx = False
