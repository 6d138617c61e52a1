"""Assigns markers to the columns of an event file, by title, name or the user's mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from panelopt.domain.name_table import NameTable
from panelopt.errors import Finding, did_you_mean
from panelopt.io.channel_names import detector_name, one_of_each
from panelopt.io.labelled_events import EventChannel
from panelopt.registry.dye_sources import fluorochrome_names
from panelopt.registry.marker_aliases import marker_names

MAX_MARKER = 100
"""Maximum length of a marker name."""

_NO_STAIN = re.compile(r"(fsc|ssc|time|width|event|trigger|index|cell.?id|__index_level)", re.IGNORECASE)
_PREFIX = re.compile(r"^(FJComp|Comp)-", re.IGNORECASE)
_SUFFIX = re.compile(r"[-_ .](A|H|W)$")
_BREAKS = re.compile(r"[\s_:|/;,-]+")


def marker_columns(
    channels: Sequence[EventChannel], mapping: Mapping[str, str], population: str, where: str
) -> tuple[dict[str, EventChannel], tuple[str, ...], list[Finding]]:
    """Return the column of each marker.

    Scatter, time and width are skipped, and so are channels without a title whose name is not a marker. Of area, height
    and width of one detector one is used: what the user maps, else what is compensated, else what was recorded of most
    detectors, area before height.

    Args:
        channels: Columns of the file.
        mapping: The user's marker by column (name or title); an empty marker drops the column.
        population: Label column.
        where: File name for messages.

    Returns:
        Column by marker; unused columns; and findings: unknown markers, two columns for one marker, mappings of missing
        columns.
    """
    names = marker_names()
    found: dict[str, EventChannel] = {}
    left_out: list[str] = []
    findings = _unknown_columns(channels, mapping, where)
    for channel in _one_of_each(channels, mapping):
        if channel.name == population or not channel.name:
            continue
        given = mapping.get(channel.name, mapping.get(channel.title) if channel.title else None)
        marker = given if given is not None else _marker_of(channel)
        if given == "" or (marker is None and (_NO_STAIN.match(channel.name) or not channel.title)):
            left_out.append(channel.name)
        elif marker is None:
            findings.append(_unknown_marker(channel, names, where))
        elif not marker.isprintable() or len(marker) > MAX_MARKER:
            message = f"column {channel.name}: not a marker name: {marker[:40]!r}"
            findings.append(Finding("marker-name", message, where, f"At most {MAX_MARKER} printable characters."))
        elif (name := names.resolve(marker) or marker) in found:
            message = f"columns {found[name].name} and {channel.name} both show {name}"
            hint = f'Drop one: --map "{channel.name}=".'
            findings.append(Finding("two-columns", message, where, hint))
        else:
            found[name] = channel
    return found, tuple(left_out), findings


def marker_in(text: str) -> str | None:
    """Return the marker in a label such as ``CD271 BV421`` or ``PE-Cy7 CD45``, or None.

    Apart from the marker, the label may contain only a known fluorochrome.
    """
    label = _SUFFIX.sub("", _PREFIX.sub("", text.strip()))
    if (whole := marker_names().resolve(label)) is not None:
        return whole
    dyes = fluorochrome_names()
    for match in _BREAKS.finditer(label):
        before, after = label[: match.start()], label[match.end() :]
        for marker, dye in ((before, after), (after, before)):
            if dyes.resolve(dye) is not None and (found := marker_names().resolve(marker)) is not None:
                return found
    return None


def _marker_of(channel: EventChannel) -> str | None:
    return (marker_in(channel.title) if channel.title else None) or marker_in(channel.name)


def _one_of_each(channels: Sequence[EventChannel], mapping: Mapping[str, str]) -> list[EventChannel]:
    """Channels that stand for their detectors, with the long name of the detector where they have none themselves."""
    mapped = {c.name for c in channels if mapping.get(c.name) or (c.title and mapping.get(c.title))}
    said = {detector_name(name) for name in mapped}
    preferred = mapped | {c.name for c in channels if c.compensated and detector_name(c.name) not in said}
    titles = {detector_name(channel.name): channel.title for channel in channels if channel.title}
    chosen = [channels[place] for place in one_of_each([channel.name for channel in channels], preferred)]
    return [replace(channel, title=channel.title or titles.get(detector_name(channel.name), "")) for channel in chosen]


def _unknown_columns(channels: Sequence[EventChannel], mapping: Mapping[str, str], where: str) -> list[Finding]:
    names = [text for channel in channels for text in (channel.name, channel.title) if text]
    return [
        Finding("unknown-column", f"--map names column {name}, which does not exist", where, did_you_mean(name, names))
        for name in mapping
        if name not in names
    ]


def _unknown_marker(channel: EventChannel, names: NameTable, where: str) -> Finding:
    shown = f"{channel.name} ({channel.title})" if channel.title != channel.name else channel.name
    more = f'--map "{channel.name}=MARKER", or --map "{channel.name}=" to drop it.'
    return Finding(
        "unknown-marker",
        f"column {shown} has no known marker",
        where,
        f"{names.suggest(channel.title)} Use {more}".strip(),
    )
