"""What instruments write beside the standard: read as other readers do, or refused with the reason."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from pathlib import Path

import flowio
import numpy as np
import pytest

from panelopt.errors import InputError
from panelopt.io.fcs import read_fcs
from panelopt.io.fcs_text import parse_keywords
from tests.fcs_files import BEGIN, Fcs

RANDOM = np.random.default_rng(7)
NAMES = ("FITC-A", "PE-A", "code")
VALUES = np.column_stack([np.round(RANDOM.lognormal(6, 1, (200, 2))), np.repeat([0, 1], 100)])


def plain(**changes: object) -> Fcs:
    return Fcs(**({"names": NAMES, "values": VALUES} | changes))  # type: ignore[arg-type]


def ints(bits: int, order: str = "1,2,3,4", **changes: object) -> Fcs:
    more = {f"$P{n}R": str(1 << (bits - 1)) for n in (1, 2, 3)}
    return plain(kinds="III", bits=[bits] * 3, order=order, more=more, **changes)


KINDS = {
    "plain": plain(),
    "big-endian": plain(order="4,3,2,1"),
    "doubles": plain(kinds="DDD", order="4,3,2,1"),
    "one byte too many": plain(shift_end=1),
    "one byte too few": plain(shift_end=-1),
    "HEADER right, TEXT late": plain(shift_text=46),
    "HEADER right, TEXT early": plain(shift_text=-3000),
    "TEXT right, HEADER late": plain(shift_header=12),
    "TEXT right, HEADER early": plain(shift_header=-12),
    "HEADER empty": plain(shift_header=-(10**7)),
    "16 bits": ints(16),
    "24 bits": ints(24),
    "24 bits big-endian": ints(24, "4,3,2,1"),
    "32 bits": ints(32, "4,3,2,1"),
    "64 bits": ints(64),
    "widths differ": plain(kinds="III", bits=[32, 16, 8]),
    "types differ": plain(kinds="IFD", version="FCS3.2", more={"$P1DATATYPE": "I", "$P2DATATYPE": "F"}),
    "range NA": plain(more={"$P1R": "NA", "$P2R": "0"}),
    "gain NA": plain(more={"$P1G": "NA", "$P2G": "0"}),
    "floats with decades": plain(more={"$P1E": "4,1"}),
    "no $PnE": plain(more={"$P1E": None, "$P2E": "NA"}),
    "old version": plain(version="FCS2.0", more={"$BEGINDATA": None, "$ENDDATA": None, "$TOT": None}),
    "garbage as next data": plain(more={"$NEXTDATA": "77"}),
    "empty keyword": plain(labels=["CD4", "", None], more={"$OP": "", "$CYT": ""}),
    "empty keyword last": plain(more={"$OP": ""}),
    "backslash": plain(delimiter="\\", labels=["", "", ""]),
    "form feed": plain(delimiter="\x0c", tail=b""),
    "own keyword of a standard name": plain(more={"P2N": "wrong", "p1n": "wrong"}),
    "spaces": plain(more={"$TOT": " 200 ", "$BYTEORD": "1, 2, 3, 4", "$DATATYPE": "f"}),
}


def write(folder: Path, content: Fcs | bytes, name: str = "x.fcs") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.build())
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_liberties(tmp_path: Path, kind: str) -> None:
    content = KINDS[kind].build()
    if kind == "HEADER empty":
        content = content[:26] + b"       0       0" + content[42:]
    file = read_fcs(write(tmp_path, content))
    assert file.channels == NAMES
    assert file.events.tolist() == VALUES.tolist()
    assert file.keywords["mode"] == "L"
    # nothing is accepted that another reader understands in another way
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = flowio.FlowData(io.BytesIO(content)).as_array(preprocess=kind != "floats with decades")
    except Exception:  # noqa: BLE001  it refuses many of them
        return
    assert np.array_equal(other, file.events)


def test_logarithms_become_linear_and_gains_are_divided_out(tmp_path: Path) -> None:
    codes = np.array([[0, 512, 1023, 40, 7]] * 3)
    more = {f"$P{n}R": "1024" for n in range(1, 6)} | {"$P1E": "4,1", "$P2E": "4,0", "$P3E": "5,0.1", "$P4G": "4"}
    more |= {"$P5G": "9", "$TIMESTEP": "0.5"}
    names = ("FL1", "FL2", "FL3", "SSC", "Time")
    path = write(tmp_path, Fcs(names=names, values=codes, kinds="IIIII", bits=[16] * 5, order="4,3,2,1", more=more))
    file = read_fcs(path)
    expected = [1, 100, 0.1 * 10 ** (5 * 1023 / 1024), 10, 3.5]
    assert file.events[0] == pytest.approx(expected)
    assert np.array_equal(file.events, flowio.FlowData(str(path)).as_array())
    assert file.tops == pytest.approx([10 ** (4 * 1023 / 1024)] * 2 + [expected[2], 256, 512])


def test_bits_above_the_range_are_dropped(tmp_path: Path) -> None:
    values = np.array([[1024 + 5, 3], [2048 + 1023, 4]])
    path = write(tmp_path, Fcs(names=("a", "b"), values=values, kinds="II", bits=[16, 16], more={"$P1R": "1000"}))
    assert read_fcs(path).events.tolist() == [[5, 3], [1023, 4]]


@pytest.mark.parametrize("step", ["xxxxxxxx", "", "0", "-1", "nan"])
def test_a_clock_without_a_step_is_left_as_it_is(tmp_path: Path, step: str) -> None:
    content = Fcs(names=("Time", "b"), values=np.ones((3, 2)), more={"$TIMESTEP": step})
    assert read_fcs(write(tmp_path, content)).events.tolist() == [[1, 1]] * 3


def test_supplemental_text(tmp_path: Path) -> None:
    matrix = "2,FITC-A,PE-A,1,0.3,0.05,1"
    for supplement in (f"|$SPILLOVER|{matrix}|$TOT|7|", f"|$SPILLOVER|{matrix}"):
        file = read_fcs(write(tmp_path, plain(supplement=supplement)))
        assert file.keywords["spillover"] == matrix
        assert len(file.events) == 200


@pytest.mark.parametrize(
    ("segment", "keywords"),
    [
        ("|$A|1||b|$B|2|", {"a": "1|b", "b": "2"}),
        ("|$A||$B|2|", {"a": "", "b": "2"}),
        ("|$A|||x|$B|2|", {"a": "|x", "b": "2"}),
        ("|$A|x|||$B|2|", {"a": "x|", "b": "2"}),
        ("|$A||$B||$C||$D|4|", {"a": "", "b": "", "c": "", "d": "4"}),
        ("/$FIL/C://dir//x.fcs/B/ 2/\r\n", {"fil": "C:/dir/x.fcs", "b": " 2"}),
        ("|$A|1|$B|2", {"a": "1", "b": "2"}),
        ("|A|1|$A|2|a|3|", {"a": "2"}),
        ("|$A|cost in US$|", {"a": "cost in US$"}),
    ],
)
def test_doubled_delimiters_and_empty_values(segment: str, keywords: dict[str, str]) -> None:
    assert parse_keywords(segment.encode()) == keywords


def two_sets(first: Fcs, second: Fcs) -> bytes:
    start = len(first.build())
    linked = replace(first, more={**first.more, "$NEXTDATA": str(start)})
    return linked.build().ljust(start) + second.build()


def coarse(values: np.ndarray) -> Fcs:
    """As list-mode files of Beckman Coulter begin: FCS 2.0, 10 bits, logarithmic."""
    codes = np.round(np.log10(np.clip(values[:, :2], 1, None)) * 256)
    more = {"$P1R": "1024", "$P2R": "1024", "$P1E": "4,1", "$P2E": "4,1"}
    return Fcs(names=NAMES[:2], values=codes, version="FCS2.0", kinds="II", bits=[16, 16], more=more)


def test_of_two_data_sets_with_the_same_events_the_finer_is_read(tmp_path: Path) -> None:
    file = read_fcs(write(tmp_path, two_sets(coarse(VALUES), plain()), "x.lmd"))
    assert file.events.tolist() == VALUES.tolist()
    assert "2 data sets" in file.note


@pytest.mark.parametrize("events", [VALUES[::-1], VALUES[:150]])
def test_data_sets_with_different_events_are_refused(tmp_path: Path, events: np.ndarray) -> None:
    with pytest.raises(InputError, match=f"2 data sets with different events \\(200, {len(events)}\\)"):
        read_fcs(write(tmp_path, two_sets(coarse(VALUES), plain(values=events))))


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (plain(more={"$MODE": "C"}), "unknown-fcs", "histogram"),
        (plain(more={"$DATATYPE": "A"}), "unknown-fcs", "'A'"),
        (plain(order="4,3,2,1", more={"$BYTEORD": "3,4,1,2"}), "unknown-fcs", "3,4,1,2"),
        (plain(kinds="III", more={"$P2B": "10"}), "unknown-fcs", r"\$P2B"),
        (plain(more={"$PAR": "4"}), "corrupt-fcs", r"lacks the keyword \$P4B"),
        (plain(more={"$PAR": None}), "corrupt-fcs", r"\$PAR"),
        (plain(more={"$TOT": "205"}), "corrupt-fcs", "205 events need 2,460"),
        (plain(more={"$TOT": "many"}), "corrupt-fcs", "'many' events"),
        (plain(kinds="III", more={"$P2E": "4,1", "$P2R": "NA"}), "corrupt-fcs", r"\$P2R gives no range"),
        (plain(shift_header=12, shift_text=24), "corrupt-fcs", "states bytes"),
        (plain(shift_header=0, shift_text=12, tail=VALUES.astype("<f4").tobytes()), "corrupt-fcs", "nothing tells"),
    ],
)
def test_refused_with_the_reason(tmp_path: Path, content: Fcs, code: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        read_fcs(write(tmp_path, content))
    assert caught.value.findings[0].code == code
    assert caught.value.hint


def test_no_events(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no events"):
        read_fcs(write(tmp_path, plain(values=VALUES[:0])))


def test_a_header_that_promises_too_much_takes_no_memory(tmp_path: Path) -> None:
    content = plain(more={"$TOT": "99999999", "$ENDDATA": str(BEGIN + 12 * 99999999 - 1)})
    with pytest.raises(InputError, match="cut off or damaged"):
        read_fcs(write(tmp_path, content))


def test_a_range_that_floats_exceed_is_no_end_of_the_scale(tmp_path: Path) -> None:
    """Programs write 262144 for any data; a scale ends where numbers pile up."""
    spread = np.linspace(1, 4e6, 200)
    values = np.column_stack([spread, np.minimum(spread, 1e6), np.minimum(spread, 262143)])
    assert read_fcs(write(tmp_path, plain(values=values))).tops.tolist() == [np.inf, 1e6, 262144]
