"""Columns of texts as distinct words and their numbers, put together from blocks of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MAX_WORDS = (1 << 16) - 1
"""Words of a column whose numbers have two bytes."""

MAX_WORD_BYTES = 4_000_000
"""Bytes of all its words."""

Codes = npt.NDArray[np.int32] | npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A column of texts: words, and the index of the word of each row; where there are many, some may be equal."""

    word: pa.StringArray
    code: Codes

    @classmethod
    def of(cls, texts: Sequence[str], code: Codes) -> Words:
        """Return a column of the texts that ``code`` points to; equal texts become one word."""
        found = pa.array(texts, pa.string()).dictionary_encode()
        return cls(found.dictionary, found.indices.to_numpy()[code])

    def mapped(self, function: Callable[[str], str]) -> Words:
        """Return the column with another text in the place of each word."""
        return Words.of([function(word) for word in self.word.to_pylist()], self.code)

    def texts(self, rows: slice | npt.NDArray[np.int64] = slice(None)) -> pa.StringArray:
        """Return the texts of rows."""
        return pa.DictionaryArray.from_arrays(pa.array(self.code[rows]), self.word).cast(pa.string())

    def text_of(self, row: int) -> str:
        """Return the text of one row."""
        return str(self.word[int(self.code[row])])

    def is_empty(self) -> npt.NDArray[np.bool_]:
        """Return where the text is empty, shape (rows,)."""
        import pyarrow.compute

        return np.asarray(pyarrow.compute.equal(self.word, ""))[self.code]

    @property
    def is_short(self) -> bool:
        """Whether the words are so few that numbers of two bytes do."""
        return len(self.word) <= MAX_WORDS and self.word.nbytes < MAX_WORD_BYTES


class JoinedWords:
    """Puts a column together; while its words are few, each row takes two bytes."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._characters = 0
        self._codes = bytearray()  # one piece: among many small ones, what was freed could not be given back
        self._parts: list[Words] = []

    def add(self, words: Words) -> None:
        """Add the next rows."""
        if not self._parts:
            texts = words.word.to_pylist()
            numbers = list(map(self._number.get, texts))
            new = (
                [text for text, number in zip(texts, numbers, strict=True) if number is None] if None in numbers else []
            )
            self._characters += sum(map(len, new))
            if len(self._number) + len(new) <= MAX_WORDS and self._characters < MAX_WORD_BYTES:
                if new:
                    self._number |= {text: number for number, text in enumerate(new, len(self._number))}
                    numbers = list(map(self._number.get, texts))
                self._codes += np.array(numbers, dtype=np.uint16)[words.code].data
                return
            self._parts.append(self._numbered())
            self._codes, self._number = bytearray(), {}
        self._parts.append(words)

    def words(self) -> Words:
        """Return the column of all rows, of which nothing is kept."""
        if not self._parts:
            return self._numbered()
        parts, self._parts = self._parts, []
        starts = np.cumsum([0, *(len(part.word) for part in parts)])
        code = np.concatenate([part.code + start for part, start in zip(parts, starts, strict=False)], dtype=np.int32)
        return Words(pa.concat_arrays([part.word for part in parts]), code)

    def _numbered(self) -> Words:
        return Words(pa.array(list(self._number), pa.string()), np.frombuffer(self._codes, dtype=np.uint16))
