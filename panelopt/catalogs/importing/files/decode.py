"""Bytes to text: UTF-8 first, then marks of other encodings, then what the content makes likely; never lossy."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from panelopt.errors import UsageError, input_error

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = ("cp1252", "mac_roman", "cp850", "cp1250")
_OTHERS = ["cp1251", "cp1253", "cp932", "gb18030", "big5", "cp949"]
_SIGNS = frozenset(
    "\u00ae\u2122\u00a9\u00b5\u03bc\u00b0\u20ac\u00a3\u00b1\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u00b7\u00d7\u00a0"
)
_SAMPLE = 200_000
_LIKELY = 0.6
"""Share of special characters that must make sense, model value."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding it was read in, and what was assumed.

    Bytes that are not of a UTF-8 file stay in the text as lone surrogates (``surrogateescape``).
    """

    text: str
    encoding: str
    remark: str = ""


def decode(data: bytes, where: str, encoding: str = "") -> Decoded:
    """Return the text of a file.

    Args:
        data: The whole file.
        where: File name for messages.
        encoding: Encoding that the user states; empty to find out.

    Raises:
        InputError: if the bytes are of no known encoding, or not of the stated one (with line and byte), which never
            happens for UTF-8: there the broken rows are rejected later.
        UsageError: if the stated encoding does not exist.
    """
    if encoding:
        name = _known(encoding)
        return _utf8(data, "utf-8-sig") if name.startswith("utf-8") else Decoded(_strict(data, name, where), encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _utf8(data, name) if name == "utf-8-sig" else Decoded(_strict(data, name, where), name)
    if wide := _wide(data):
        return Decoded(_strict(data, wide, where), wide, f"encoding assumed: {wide} (every other byte is zero)")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    found = _utf8(data, "utf-8")
    special = sum(ord(c) > 127 for c in found.text)
    broken = sum("\udc80" <= c <= "\udcff" for c in found.text)
    if special - broken >= broken:
        return found
    return _legacy(data, where)


def _utf8(data: bytes, name: str) -> Decoded:
    text = data.decode(name, errors="surrogateescape")
    broken = sum("\udc80" <= c <= "\udcff" for c in text)
    remark = f"the file is UTF-8 except for {broken} bytes; their rows are rejected" if broken else ""
    return Decoded(text, "utf-8", remark)


def _legacy(data: bytes, where: str) -> Decoded:
    sample = data[:_SAMPLE]
    likely = [(_sense(sample, name), -rank, name) for rank, name in enumerate(_WESTERN) if _fits(data, name)]
    if likely and max(likely)[0] >= _LIKELY:
        name = max(likely)[2]
    else:
        from charset_normalizer import from_bytes

        best = from_bytes(sample, cp_isolation=_OTHERS).best()
        name = best.encoding if best is not None else ""
        if not name or not _fits(data, name):
            line, byte = _place(data, next(i for i, value in enumerate(data) if value > 127))
            message = f"byte {byte} is not UTF-8, and no other encoding makes sense"
            hint = "Name it with --encoding, e.g. cp1252, or save the file as UTF-8."
            raise input_error("encoding", message, where=f"{where}:{line}", hint=hint)
    return Decoded(data.decode(name), name, f"encoding assumed: {name} (not UTF-8, and no mark says which)")


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _sense(sample: bytes, encoding: str) -> float:
    """Return the share of special characters that stand where such characters stand in Western lists."""
    text = sample.decode(encoding, errors="replace")
    places = [i for i, c in enumerate(text) if ord(c) > 127]
    return sum(_makes_sense(text, i) for i in places) / max(1, len(places))


def _makes_sense(text: str, i: int) -> bool:
    character, before, after = text[i], text[i - 1 : i], text[i + 1 : i + 2]
    if character in _SIGNS:
        # a trade-mark sign ends a word
        return not (character in "\u00ae\u2122" and (not before.isalnum() or after.isalpha()))
    if not character.isalpha() or character in "\u00aa\u00ba":
        return False
    beside = [letter for letter in (before, after) if letter.isascii() and letter.isalpha()]  # Western words have such
    return bool(beside) and (character.islower() or not before.islower())


def _wide(data: bytes) -> str:
    head = data[:4096]
    zeros = [head[start::2].count(0) / max(1, len(head) // 2) for start in (0, 1)]
    if zeros[1] > 0.5 and zeros[0] < 0.1:
        return "utf-16-le"
    return "utf-16-be" if zeros[0] > 0.5 and zeros[1] < 0.1 else ""


def _strict(data: bytes, encoding: str, where: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line, byte = _place(data, error.start)
        message = f"byte {byte} is not {encoding}"
        hint = "Name the encoding with --encoding, or save the file as UTF-8."
        raise input_error("encoding", message, where=f"{where}:{line}", hint=hint) from None
    return text.removeprefix("\ufeff")


def _place(data: bytes, position: int) -> tuple[int, int]:
    before = data[:position]
    return before.count(b"\n") + 1, position - before.rfind(b"\n")


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)  # refuses codecs that do not make text of bytes
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError):
        hint = "Use a name such as utf-8, cp1252, mac_roman, utf-16 or shift_jis."
        raise UsageError(f"there is no encoding called {encoding!r}", hint=hint) from None
