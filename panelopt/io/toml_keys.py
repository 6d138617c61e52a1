"""Guards the standard TOML parser against keys with very many parts, which would keep it busy for hours."""

from __future__ import annotations

import re

MAX_PARTS = 100
"""Maximum number of parts of a dotted key."""

_TEXT_OR_REMARK = re.compile(
    r"""
    \#[^\n]*+
    | \"{3}(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5}+)?
    | '{3}(?:[^']++|'(?!''))*+(?:'{3,5}+)?
    | "(?:[^"\\\n]++|\\.)*+"?
    | '[^'\n]*+'?
    """,
    re.VERBOSE | re.DOTALL,
)
_DOTTED = re.compile(r"[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++)*+")


def has_long_key(text: str) -> bool:
    """Whether a TOML document may have a dotted key of more than :data:`MAX_PARTS` parts, quoted or not."""
    if text.count(".") < MAX_PARTS:
        return False
    # treat a quoted part as a word; a string ends at its closing quote or at the end of the line
    bare = _TEXT_OR_REMARK.sub(lambda found: " " if found[0][0] == "#" else "q", text)
    return any(found[0].count(".") >= MAX_PARTS for found in _DOTTED.finditer(bare))
