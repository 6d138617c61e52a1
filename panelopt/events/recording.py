"""How simulated events are laid out in a file, and where the gates lie in its units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panelopt.instance.arrays import BoolArray, FloatArray, Instance
from panelopt.io.fcs_write import FcsChannel, clean_name, matrix_text, unique_names
from panelopt.io.gating_ml import Compensation, Edge
from panelopt.scoring import PanelScore, ViewScore
from panelopt.simulation.event_model import EventModel
from panelopt.simulation.scatter import SCATTER, SINGLET_WIDTH_BELOW
from panelopt.simulation.simulated_events import Events
from panelopt.simulation.tubes import StainedTube
from panelopt.simulation.unmixer import Estimator, ordinary_estimator
from panelopt.simulation.windows import windows_of

TIME = "Time"
TRUTH = ("population", "partner", "is_doublet", "is_dead")
"""Parameters that say what an event truly is; `partner` is the population of the other cell of a doublet."""

TIMESTEP_S = 0.001

_WIDTH = SCATTER.index("FSC-W")

Table = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Layout of the files of one panel.

    Attributes:
        instance: The question.
        score: The panel.
        model: What is drawn.
        estimator: Compensation or unweighted unmixing.
        detectors, unmixed: Short names of the detectors, and of the unmixed channels of a spectral cytometer.
        names: Short names of all columns of a table.
        stored: Columns of a table that go into the files.
    """

    instance: Instance
    score: PanelScore
    model: EventModel
    estimator: Estimator
    detectors: tuple[str, ...]
    unmixed: tuple[str, ...]
    names: tuple[str, ...]
    stored: tuple[int, ...]

    @classmethod
    def of(cls, instance: Instance, score: PanelScore, model: EventModel, *, unmixed: bool) -> Recording:
        """Lay out the files of a panel.

        Args:
            instance: The question.
            score: The panel.
            model: What is drawn, on all detectors.
            unmixed: On a spectral cytometer, write the unmixed channels as well.
        """
        dyes = [f"{instance.dye[slot.dye]} unmixed" for slot in score.slots]
        own = () if instance.conventional else tuple(dyes)
        names = unique_names((TIME, *SCATTER, *TRUTH, *instance.detector, *own))
        fixed, count = 1 + len(SCATTER) + len(TRUTH), len(instance.detector)
        detectors, channels = names[fixed : fixed + count], names[fixed + count :]
        ordered = (TIME, *SCATTER, *detectors, *channels, *TRUTH)
        estimator = ordinary_estimator(instance, score.slots, score.light)
        kept = tuple(place for place, name in enumerate(ordered) if unmixed or name not in channels)
        return cls(instance, score, model, estimator, detectors, channels, ordered, kept)

    # ---- the files

    def channels(self, tube: StainedTube) -> tuple[FcsChannel, ...]:
        """Return the parameters of the file of a tube; what is stained on them is their long name."""
        labels: dict[str, list[str]] = {}
        for s in tube.slots:
            slot = self.score.slots[s]
            label = f"{'+'.join(self.instance.marker[m] for m in slot.markers)} {self.instance.dye[slot.dye]}"
            for name in (self.detectors[slot.detector], *self.unmixed[s : s + 1]):
                labels.setdefault(name, []).append(label)
        return tuple(
            FcsChannel(name, "; ".join(labels.get(name, ()))) for name in (self.names[place] for place in self.stored)
        )

    def keywords(self) -> Mapping[str, str]:
        """Return keywords that all files share: matrix, names of the populations, units."""
        found = {f"POPULATION_{code}": name for code, name in enumerate(self.instance.population, start=1)}
        found["TIMESTEP"] = repr(TIMESTEP_S)
        found["PANELOPT_UNIT"] = "detectors: photoelectrons; unmixed: antibodies"
        if (matrix := self.compensation) is not None:
            found["SPILLOVER"] = matrix_text(matrix.detectors, matrix.values)
        if not self.instance.conventional:
            found["PANELOPT_SIGNATURES"] = self._signatures()
        return found

    def table(self, events: Events) -> Table:
        """Return (n, columns) the events, rounded as a file rounds them; the file holds the columns :attr:`stored`."""
        dead = self.model.is_dead
        paired = events.partner >= 0
        is_dead = dead[events.population] | (paired & dead[np.maximum(events.partner, 0)])
        parts = [events.time_ms[:, None], events.scatter, events.detectors]
        if self.unmixed:
            parts.append(self.estimator.antibodies(events.detectors, 0.0))
        truth = (events.population + 1, events.partner + 1, paired, is_dead)
        return np.concatenate([*parts, np.column_stack(truth)], axis=1, dtype=np.float32, casting="unsafe")

    # ---- gates

    @property
    def compensation(self) -> Compensation | None:
        """Spillover: rows dyes, columns their detectors, 1 in the detector where a dye is read.

        None where nothing is compensated: on spectral cytometers, and in panels of a single dye.
        """
        if not self.instance.conventional or len(self.score.slots) == 1:
            return None
        mixing = self.score.light.mixing
        detectors = tuple(self.detectors[slot.detector] for slot in self.score.slots)
        rows = np.ascontiguousarray((mixing / np.diagonal(mixing)).T)
        return Compensation(tuple(f"Comp-{name}" for name in detectors), detectors, rows)

    def edges(self, view: ViewScore) -> tuple[Edge, ...]:
        """Return the gates of a target in the units of the file: compensated photoelectrons, or unmixed antibodies."""
        windows = windows_of(view)
        limits = zip(windows.slots, windows.low, windows.high, strict=True)
        if not self.instance.conventional:
            return tuple(Edge(self.unmixed[slot], float(low), float(high)) for slot, low, high in limits)
        matrix = self.compensation
        own = [self.detectors[slot.detector] for slot in self.score.slots]
        channels = own if matrix is None else matrix.dyes
        scale = np.diagonal(self.score.light.mixing)
        offset = self.estimator.offset(float(self.instance.autofluorescence_factor[view.view.target]))

        def placed(limit: float, slot: int) -> float:
            return float((limit + offset[slot]) * scale[slot])

        return tuple(
            Edge(channels[slot], placed(low, slot), placed(high, slot), compensated=matrix is not None)
            for slot, low, high in limits
        )

    def inside(self, table: Table, edges: tuple[Edge, ...]) -> BoolArray:
        """Return (n,) which events of a table lie inside all edges, as any program that reads the file would find."""
        found = np.ones(len(table), dtype=bool)
        compensated = self._compensated(table)
        for edge in edges:
            values = compensated[edge.channel] if edge.compensated else table[:, self.names.index(edge.channel)]
            found &= (values.astype(float) >= edge.low) & (values.astype(float) < edge.high)
        return found

    def _compensated(self, table: Table) -> dict[str, FloatArray]:
        matrix = self.compensation
        if matrix is None:
            return {}
        recorded = table[:, [self.names.index(name) for name in matrix.detectors]].astype(float)
        values = np.linalg.solve(matrix.values.T, recorded.T)
        return dict(zip(matrix.dyes, values, strict=True))

    def _signatures(self) -> str:
        """Return photoelectrons per antibody, one row a dye, as count of dyes, count of detectors, names and values."""
        dyes = [clean_name(self.instance.dye[slot.dye]) for slot in self.score.slots]
        mixing = self.score.light.mixing.T
        if len(mixing) > len(dyes):
            dyes.append("autofluorescence")
        values = (repr(float(value)) for value in mixing.ravel())
        return ",".join([str(len(dyes)), str(len(self.detectors)), *dyes, *self.detectors, *values])


SINGLETS = Edge(SCATTER[_WIDTH], -np.inf, SINGLET_WIDTH_BELOW)
"""The gate on single cells."""
