"""Says with the words of the page what findings say with those of the command line."""

from __future__ import annotations

import re

_UNVERIFIED = "\u201cAlso products that no source shows\u201d"
_UNPRICED = "\u201cWith a budget: also products without a price\u201d"

_INSTEAD = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Use --allow-unverified\b", f"Tick {_UNVERIFIED}"),
        (r"--allow-unverified\b", f"tick {_UNVERIFIED}"),
        (r"Use --allow-unknown-price\b", f"Tick {_UNPRICED}"),
        (r"--allow-unknown-price admits products without one", f"tick {_UNPRICED}"),
        (r"Add --inventory PATH\.", "Upload your stock."),
        (r"A longer --time-limit\b", "A longer time limit"),
        (r"Allow more changes with --max-changes\.", "Allow more changes."),
        (r"Use --cytometer ([\w.-]+)", r"Choose \1 on the left"),
        (r"Name one with --catalog\.", "Tick one on the left."),
        (r" ?Spares are listed only with a `panelopt sort-plan` result \(--plan\)\.", ""),
        (r"`panelopt cytometer list( --sorters)?` shows (\w+ \w+)", r"The list on the left shows \2"),
        (r"; `panelopt catalog check` lists every fault", ""),
        (r"; `panelopt dye list` shows (them|all)", ""),
        (r" ?`panelopt dye list` shows (the names|all)\.", ""),
        (r"--exclude-dye\b", "Never these dyes"),
        (r"--vendor\b", "Only these vendors"),
        (r"--require\b", "Must be stained"),
        (r"--forbid\b", "Not to be stained"),
        (r"--lock (?=\S+=)", "lock "),
        (r" \(\)", ""),
        (r"^grid: (marker\[\d+\]: (?=without )|population: )?", ""),
        (r'Add level = "mid", or populations\.', "Fill in a level such as mid, or add a population."),
        (r"\bin the problem file\b", "in the problem (Edit on the left)"),
    )
)


def spoken(text: str) -> str:
    """Return a finding in the words of the page."""
    for pattern, words in _INSTEAD:
        text = pattern.sub(words, text)
    return text.strip()
