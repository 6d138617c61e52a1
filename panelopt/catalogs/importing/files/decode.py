"""Bytes to text: UTF-8 first, then marks of other encodings, then what the content makes likely; never lossy."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, islice

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
_SPECIAL = re.compile(r"[^\x00-\x7f]")
_SAMPLE = 200_000
_LIKELY = 0.6
"""Share of special characters that must make sense, model value."""


Chunks = Callable[[], Iterable[bytes]]
"""Begins a pass over the bytes of a file."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text, and what was assumed.

    Attributes:
        name: Name for people and for :class:`ReadFacts`.
        codec: Name for Python.
        errors: ``surrogateescape`` for UTF-8: bytes that are not of it stay in the text as lone surrogates.
        remark: What was assumed; may be empty.
    """

    name: str
    codec: str
    errors: str = "strict"
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the encoding it was read in, and what was assumed."""

    text: str
    encoding: str
    remark: str = ""


def decode(data: bytes, where: str, encoding: str = "") -> Decoded:
    """Return the text of a file that is held as a whole; see :func:`encoding_of`."""
    found = encoding_of(lambda: (data,), where, encoding)
    text = data.decode(found.codec, found.errors)
    return Decoded(text.removeprefix("\ufeff"), found.name, found.remark)


def encoding_of(chunks: Chunks, where: str, stated: str = "") -> Encoding:
    """Return the encoding of a file.

    Args:
        chunks: Begins a pass over its bytes.
        where: File name for messages.
        stated: Encoding that the user states; empty to find out.

    Raises:
        InputError: if the bytes are of no known encoding, or not of the stated one (with line and byte), which never
            happens for UTF-8: there the broken rows are rejected later.
        UsageError: if the stated encoding does not exist.
    """
    if stated:
        codec = _known(stated)
        return _utf8(chunks) if codec.startswith("utf-8") else _strict(chunks, Encoding(stated, codec), where)
    head = next(iter(chunks()), b"")[:_SAMPLE]
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return _utf8(chunks) if codec == "utf-8-sig" else _strict(chunks, Encoding(codec, codec), where)
    if wide := _wide(head):
        remark = f"encoding assumed: {wide} (every other byte is zero)"
        return _strict(chunks, Encoding(wide, wide, remark=remark), where)
    if _fits(chunks, "utf-8"):
        return Encoding("utf-8", "utf-8")
    special, broken = _special(chunks)
    return _utf8(chunks) if special - broken >= broken else _legacy(chunks, where)


def _utf8(chunks: Chunks) -> Encoding:
    _, broken = _special(chunks)
    remark = f"the file is UTF-8 except for {broken} bytes; their rows are rejected" if broken else ""
    return Encoding("utf-8", "utf-8-sig", "surrogateescape", remark)


def _special(chunks: Chunks) -> tuple[int, int]:
    """Return how many characters beyond ASCII a file holds if it is UTF-8, and how many of them are broken bytes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    special = broken = 0
    for chunk in chain(chunks(), (b"",)):
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            signs = _SPECIAL.findall(text)
            special += len(signs)
            broken += sum("\udc80" <= c <= "\udcff" for c in signs)
    return special, broken


def _legacy(chunks: Chunks, where: str) -> Encoding:
    sample = _sample(chunks)
    likely = [(_sense(sample, name), -rank, name) for rank, name in enumerate(_WESTERN) if _fits(chunks, name)]
    if likely and max(likely)[0] >= _LIKELY:
        name = max(likely)[2]
    else:
        from charset_normalizer import from_bytes

        best = from_bytes(sample, cp_isolation=_OTHERS).best()
        name = best.encoding if best is not None else ""
        if not name or not _fits(chunks, name):
            line, byte = _first_fault(chunks, "ascii")
            message = f"byte {byte} is not UTF-8, and no other encoding makes sense"
            hint = "Name it with --encoding, e.g. cp1252, or save the file as UTF-8."
            raise input_error("encoding", message, where=f"{where}:{line}", hint=hint)
    return Encoding(name, name, remark=f"encoding assumed: {name} (not UTF-8, and no mark says which)")


def _sample(chunks: Chunks) -> bytes:
    """Return the beginning of a file; where it is all ASCII, the lines further down that are not."""
    head = next(iter(chunks()), b"")[:_SAMPLE]
    if not head.isascii():
        return head
    lines = (line for chunk in chunks() for line in chunk.splitlines(keepends=True) if not line.isascii())
    return b"".join(islice(lines, 2000))[:_SAMPLE]


def _fits(chunks: Chunks, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks():
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
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


def _strict(chunks: Chunks, encoding: Encoding, where: str) -> Encoding:
    """Return the encoding if all bytes are of it."""
    if not _fits(chunks, encoding.codec):
        line, byte = _first_fault(chunks, encoding.codec)
        message = f"byte {byte} is not {encoding.codec}"
        hint = "Name the encoding with --encoding, or save the file as UTF-8."
        raise input_error("encoding", message, where=f"{where}:{line}", hint=hint)
    return encoding


def _first_fault(chunks: Chunks, codec: str) -> tuple[int, int]:
    decoder = codecs.getincrementaldecoder(codec)()
    lines, behind = 0, b""
    for chunk in chain(chunks(), (b"",)):
        waiting = decoder.getstate()[0]
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            before = behind + chunk[: max(0, error.start - len(waiting))]
            return lines + before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        lines += chunk.count(b"\n")
        behind = chunk[chunk.rfind(b"\n") + 1 :] if b"\n" in chunk else behind + chunk
    return lines + 1, 1


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)  # refuses codecs that do not make text of bytes
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError):
        hint = "Use a name such as utf-8, cp1252, mac_roman, utf-16 or shift_jis."
        raise UsageError(f"there is no encoding called {encoding!r}", hint=hint) from None
