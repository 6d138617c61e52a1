"""The summary of a catalog import as text."""

from __future__ import annotations

from panelopt.domain.import_summary import ImportSummary, SpellingShare
from panelopt.report.text_tables import DEFAULT_WIDTH, blocks, percent, section, table, wrapped

_SHOWN = 8
"""Spellings listed; further ones are only counted."""

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def import_text(summary: ImportSummary, width: int = DEFAULT_WIDTH) -> str:
    """Return what was read, accepted and rejected, and which names are unknown."""
    counts = [
        ("in the list", f"{summary.rows:,}"),
        ("taken", f"{summary.conjugates:,}"),
        ("rejected", f"{summary.rejects:,}"),
    ]
    counts += [(f"  {reason}", f"{count:,}") for reason, count in summary.rejected.items()]
    remarks = [
        _share("Fluorochrome spellings", summary.fluorochromes),
        _share("Human CD marker spellings", summary.human_cd_markers),
        _counted(summary.markers_as_written, "conjugates keep their marker as written: it is not in the marker table."),
        _counted(summary.without_optics, "conjugates have a dye without known optics (`panelopt dye import`)."),
        _counted(summary.not_human, "conjugates do not react with human cells, according to their reactivity."),
        f"Prices of packs: {summary.priced:,}; of tests: {summary.price_per_test:,}.",
        f"Unused columns: {', '.join(summary.unused_columns)}." if summary.unused_columns else "",
    ]
    return blocks(
        [
            wrapped(f"{summary.catalog}: {_read(summary)}", width=width),
            section("Rows", table(("Rows", "Count"), counts, "LR", width)),
            "\n".join(wrapped(remark, "  ", width) for remark in remarks if remark),
        ]
    )


def _read(summary: ImportSummary) -> str:
    facts = [
        summary.source,
        summary.form,
        summary.encoding,
        _NAMES.get(summary.separator, summary.separator),
        f"sheet {summary.sheet}" if summary.sheet else "",
        f"header on line {summary.header_line}" if summary.header_line else "",
        f"{summary.title_lines} lines above it" if summary.title_lines else "",
    ]
    return ", ".join(filter(None, facts)) + "."


def _share(title: str, share: SpellingShare) -> str:
    if share.share is None:
        return ""
    more = f" and {len(share.unknown) - _SHOWN} more" if len(share.unknown) > _SHOWN else ""
    unknown = f"; unknown: {', '.join(share.unknown[:_SHOWN])}{more}" if share.unknown else ""
    return f"{title}: {share.known} of {share.spellings} known ({percent(share.share)} %){unknown}."


def _counted(number: int, text: str) -> str:
    return f"{number:,} {text}" if number else ""
