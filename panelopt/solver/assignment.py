"""Rows assigned to columns at the least cost; scipy does the same, but importing it takes longer than most searches.

Shortest augmenting paths: D. F. Crouse, IEEE Trans. Aerosp. Electron. Syst. 52:1679, 2016,
doi:10.1109/TAES.2016.140952.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import FloatArray

IntArray = npt.NDArray[np.intp]


def least_assignment(cost: FloatArray) -> IntArray:
    """Return (n,) a column for each row, none taken twice, of the least total cost.

    Args:
        cost: (n, m) finite costs, n at most m.
    """
    rows, columns = cost.shape
    of_row, of_column = np.zeros(rows), np.zeros(columns)  # prices: no cost is below the sum of its two
    column_of, row_of = np.full(rows, -1), np.full(columns, -1)
    for row in range(rows):
        length, before = np.full(columns, np.inf), np.full(columns, row)
        seen = np.zeros(columns, dtype=bool)
        at, shortest = row, 0.0
        while True:
            offer = shortest + cost[at] - of_row[at] - of_column
            shorter = ~seen & (offer < length)
            length[shorter], before[shorter] = offer[shorter], at
            last = int(np.where(seen, np.inf, length).argmin())
            shortest, at = float(length[last]), int(row_of[last])
            if at < 0:
                break
            seen[last] = True
        of_row[row] += shortest
        of_row[row_of[seen]] += shortest - length[seen]
        of_column[seen] -= shortest - length[seen]
        while last >= 0:
            at = int(before[last])
            row_of[last], column_of[at], last = at, last, int(column_of[at])
    return column_of
