"""Cells of a sweep on a Dask cluster; needs the extra ``dask``."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from panelopt.errors import PaneloptError
from panelopt.sweeps.cell import CellAnswer, failed, solve_cell
from panelopt.sweeps.local_engine import LOST
from panelopt.sweeps.sweep_inputs import PlannedCell, SweepInputs

CONNECT_S = 30
"""Seconds to wait for the scheduler."""


class DaskEngine:
    """Workers of a Dask cluster.

    The scheduler moves cells of lost workers to others. All of the cluster needs this version of panelopt.

    Args:
        address: Address of the scheduler, such as ``tcp://host:8786``.

    Raises:
        PaneloptError: if Dask is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed  # noqa: F401  # an extra
        except ImportError:
            raise PaneloptError("Dask is not installed", hint="Install it: pip install 'panelopt[dask]'") from None
        self.address = address

    def answers(self, inputs: SweepInputs, cells: Sequence[PlannedCell]) -> Generator[CellAnswer, None, None]:
        """Yield the answer of each cell when it finishes.

        Raises:
            PaneloptError: if the scheduler cannot be reached, or is lost.
        """
        from distributed import Client, as_completed

        try:
            client: Any = Client(self.address, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            hint = "Is it running, and does this machine reach it? The address looks like tcp://host:8786."
            message = f"the scheduler does not answer: {error}"
            raise PaneloptError(message, where=self.address, hint=hint) from None
        with client:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Sending large graph")  # once, whatever its size
                shared = client.submit(_unpacked, pickle.dumps(inputs), pure=False)
            futures = client.map(_solve, cells, shared=shared, pure=False)
            cell_of = dict(zip((future.key for future in futures), cells, strict=True))
            waiting: Any = as_completed(futures, loop=client.loop)  # type: ignore[no-untyped-call]
            del futures  # the cluster drops finished cells
            try:
                for future in waiting:
                    yield _answer(future, cell_of[future.key], self.address)
            finally:
                client.cancel(list(waiting.futures))


def _answer(future: Any, planned: PlannedCell, address: str) -> CellAnswer:
    from distributed.scheduler import KilledWorker

    try:
        answer = future.result()
    except KilledWorker:
        return failed(planned, LOST)
    except CancelledError:
        hint = "What has ended is kept: run the command again to go on."
        raise PaneloptError("the connection to the scheduler was lost", where=address, hint=hint) from None
    except Exception as error:  # noqa: BLE001  # failures before a cell starts, such as a missing package
        return failed(planned, f"the worker failed: {type(error).__name__}: {error}")
    return answer if isinstance(answer, CellAnswer) else failed(planned, "the worker gave something else")


def _unpacked(packed: bytes) -> SweepInputs:
    inputs = pickle.loads(packed)  # noqa: S301  # made by the process that runs the sweep
    if not isinstance(inputs, SweepInputs):
        raise TypeError("not the inputs of a sweep")
    return inputs


def _solve(planned: PlannedCell, shared: SweepInputs) -> CellAnswer:
    return solve_cell(shared, planned)
