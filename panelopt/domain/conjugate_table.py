"""Conjugates by column, so that long lists are filtered without an object per row.

NumPy is loaded where columns are made: a search of a short list does without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, overload, runtime_checkable

from panelopt.domain.reagents import Conjugate
from panelopt.frozen import dataclass

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Codes: TypeAlias = "npt.NDArray[np.int32] | npt.NDArray[np.uint16]"
RowIndex: TypeAlias = "npt.NDArray[np.int64]"
"""Rows of a table."""

Tests: TypeAlias = Sequence[tuple[str, Callable[[Any], object]]]
"""Fields of :class:`Conjugate`, each with what tells whether a value is accepted."""


@dataclass(frozen=True, slots=True)
class ConjugateColumn:
    """One field of many conjugates, each distinct value stored once.

    Attributes:
        values: Distinct values; not all of them need occur.
        code: Index of each conjugate's value, shape (rows,).
    """

    values: Sequence[Any]
    code: Codes

    def at(self, rows: RowIndex) -> ConjugateColumn:
        """Return the field of some conjugates."""
        return ConjugateColumn(self.values, self.code[rows])

    def where(self, accepts: Callable[[Any], object]) -> npt.NDArray[np.bool_]:
        """Return which conjugates have an accepted value, shape (rows,); each value is tested once."""
        import numpy as np

        accepted: npt.NDArray[np.bool_] = np.array([bool(accepts(value)) for value in self.values], dtype=bool)
        return accepted[self.code]

    def numbers(self, number: Callable[[Any], float]) -> npt.NDArray[np.float64]:
        """Return a number computed from each conjugate's value, shape (rows,); each value is computed once."""
        import numpy as np

        numbers: npt.NDArray[np.float64] = np.array([number(value) for value in self.values], dtype=np.float64)
        return numbers[self.code]


@runtime_checkable
class ConjugateTable(Protocol):
    """Conjugates with access by column; row numbers are those of the sequence."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, index: int) -> Conjugate: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Conjugate]: ...

    def column(self, field: str) -> ConjugateColumn:
        """Return a field of :class:`Conjugate` other than the price."""

    def is_empty(self, field: str) -> npt.NDArray[np.bool_]:
        """Return which conjugates have an empty text in a field, shape (rows,); quick where nearly all texts differ."""

    def price(self) -> npt.NDArray[np.float64]:
        """Return the prices, NaN where unknown, shape (rows,)."""

    def in_order(self, rows: RowIndex) -> RowIndex:
        """Return some rows, given in ascending order; those of one marker and fluorochrome by product id and lot."""

    def fitting(self, tests: Tests) -> Sequence[int] | RowIndex:
        """Return the rows that pass all tests; each distinct value is tested once where rows are many."""

    def values_of(self, field: str, rows: Sequence[int] | RowIndex | None = None) -> set[Any]:
        """Return the distinct values that some rows have in a field other than the price; None = all rows."""

    def take(self, rows: Sequence[int] | RowIndex) -> list[Conjugate]:
        """Return some of the conjugates."""

    def cells(self, field: str, rows: RowIndex) -> list[Any]:
        """Return a field of some conjugates, without making them."""


class ListedConjugates(tuple[Conjugate, ...]):
    """Conjugates held as objects, as a :class:`ConjugateTable`."""

    def column(self, field: str) -> ConjugateColumn:
        """Return a field; see :class:`ConjugateTable`."""
        columns: dict[str, ConjugateColumn] = vars(self)
        if field not in columns:
            columns[field] = self._column(field)
        return columns[field]

    def _column(self, field: str) -> ConjugateColumn:
        import numpy as np

        index: dict[Any, int] = {}
        code = [index.setdefault(getattr(conjugate, field), len(index)) for conjugate in self]
        return ConjugateColumn(tuple(index), np.array(code, dtype=np.int32))

    def is_empty(self, field: str) -> npt.NDArray[np.bool_]:
        """Return which conjugates have an empty text in a field; see :class:`ConjugateTable`."""
        import numpy as np

        return np.array([not getattr(conjugate, field) for conjugate in self], dtype=bool)

    def price(self) -> npt.NDArray[np.float64]:
        """Return the prices; see :class:`ConjugateTable`."""
        import numpy as np

        return np.array([conjugate.price for conjugate in self], dtype=np.float64)

    def in_order(self, rows: RowIndex) -> RowIndex:
        """Return some rows by product id; see :class:`ConjugateTable`."""
        import numpy as np

        return np.array(sorted(rows.tolist(), key=self._place), dtype=np.int64)

    def fitting(self, tests: Tests) -> Sequence[int]:
        """Return the rows that pass all tests; see :class:`ConjugateTable`."""
        return [row for row, one in enumerate(self) if all(accepts(getattr(one, field)) for field, accepts in tests)]

    def values_of(self, field: str, rows: Iterable[int] | None = None) -> set[Any]:
        """Return the distinct values of some rows; see :class:`ConjugateTable`."""
        return {getattr(conjugate, field) for conjugate in (self if rows is None else self.take(rows))}

    def take(self, rows: Iterable[int]) -> list[Conjugate]:
        """Return some of the conjugates; see :class:`ConjugateTable`."""
        return [self[row] for row in rows]

    def cells(self, field: str, rows: RowIndex) -> list[Any]:
        """Return a field of some conjugates; see :class:`ConjugateTable`."""
        return [getattr(self[row], field) for row in rows.tolist()]

    def _place(self, row: int) -> tuple[object, ...]:
        return (self[row].product_id, self[row].lot)


def table_of(conjugates: Sequence[Conjugate]) -> ConjugateTable:
    """Return conjugates as a table; a table is returned unchanged."""
    return conjugates if isinstance(conjugates, ConjugateTable) else ListedConjugates(conjugates)
