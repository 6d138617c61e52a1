"""Names of recorded channels: a detector, and which measure of its pulse was recorded (area, height or width)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

AREA, HEIGHT, WIDTH, PLAIN = "A", "H", "W", ""

_RANK = (AREA, PLAIN, HEIGHT, WIDTH)
_SUFFIX = re.compile(
    r"-(?P<short>[AHW])$"  # most instruments
    r"|[-_ ](?P<long>Area|Height|Width)$"
    r"|-(?P<guava>[AHW])L(?:in|og)$"
    r"| (?P<beckman>INT|PEAK|TOF)(?: LIN| LOG)?$"
)
_LONG = {"Area": AREA, "Height": HEIGHT, "Width": WIDTH, "INT": AREA, "PEAK": HEIGHT, "TOF": WIDTH}
_NO_DETECTOR = re.compile(r"fsc|ssc|fs\b|ss\b|als|time|event", re.IGNORECASE)


def split_channel(channel: str) -> tuple[str, str]:
    """Return the detector of a channel, and what was recorded: A, H, W, or nothing where the name does not say."""
    name = channel.strip()
    match = _SUFFIX.search(name)
    if match is None:
        return name, PLAIN
    kind = next(filter(None, match.groups()))
    return name[: match.start()], _LONG.get(kind, kind)


def detector_name(channel: str) -> str:
    """Return the name of a channel without the suffix for area, height or width."""
    return split_channel(channel)[0]


def common_kind(channels: Iterable[str]) -> str:
    """Return what was recorded of the most detectors; of equal ones area, then what has no suffix, height, width.

    Areas and heights are on different scales, so that a signature or a matrix must not mix them. A FACSCalibur, for
    example, records the height of every detector and the area of one or two.
    """
    kinds = {split_channel(channel) for channel in channels if not _NO_DETECTOR.match(channel.strip())}
    counts = Counter(kind for _, kind in kinds)
    return max(_RANK, key=lambda kind: (counts[kind], -_RANK.index(kind)))


def one_of_each(channels: Sequence[str], preferred: Iterable[str] = ()) -> tuple[int, ...]:
    """Return the places of the channels that stand for their detectors, in order.

    Of area, height and width of one detector one channel stays; channels without such a suffix all stay.

    Args:
        channels: Names of channels.
        preferred: Channels that go before others of the same detector; among others the kind of which there are most
            does, see :func:`common_kind`.
    """
    first, best = set(preferred), common_kind(channels)
    chosen: dict[str, int] = {}
    kept: list[int] = []

    def rank(place: int) -> tuple[bool, bool, int]:
        kind = split_channel(channels[place])[1]
        return channels[place] not in first, kind != best, _RANK.index(kind)

    for place in sorted(range(len(channels)), key=rank):
        name, kind = split_channel(channels[place])
        twin = chosen.setdefault(name, place) if kind else place
        if split_channel(channels[twin])[1] == kind:  # two channels of one name are a fault that others report
            kept.append(place)
    return tuple(sorted(kept))
