"""Writes constraints/tested.txt: the exact versions, installed here, of everything that panelopt needs.

Run it after all tests have passed in this environment.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

from list_licences import ROOT, needed

PAGE = ROOT / "constraints" / "tested.txt"

HEAD = "# Versions that the tests passed with; written by tools/record_versions.py.\n"

if __name__ == "__main__":
    PAGE.write_text(HEAD + "".join(f"{name}=={version(name)}\n" for name in sorted(needed())), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
