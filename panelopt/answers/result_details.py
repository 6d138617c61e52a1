"""Parts of a result beyond panel and tubes: noise, spectra, search effort, provenance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from panelopt.domain.cytometer_record import Cytometer
from panelopt.domain.result import Bound, Channel, ModelSize, Provenance, SolverStats, Spectral
from panelopt.instance.arrays import Instance, SlotIndex
from panelopt.optics.noise_terms import defaults_used
from panelopt.optics.spectral_similarity import cosine_similarity, hotspot_matrix
from panelopt.questions.question import Options, Question
from panelopt.scoring import PanelScore
from panelopt.scoring.rule_checks import panel_complexity
from panelopt.solver.machine import available_cores
from panelopt.solver.outcome import Outcome


def channels(cytometer: Cytometer, instance: Instance, score: PanelScore) -> Iterable[Channel]:
    """Yield the noise of each slot by population, antibodies; the worst over the targets."""
    for s, slot in enumerate(score.slots):
        worst = score.light.sd[:, :, s].max(axis=0)
        yield Channel(
            fluorochrome=instance.dye[slot.dye],
            detector=cytometer.detector[slot.detector].name,
            noise={name: float(worst[p]) for p, name in enumerate(instance.population)},
            ols_noise={name: float(score.light.ols_sd[p, s]) for p, name in enumerate(instance.population)},
        )


def spectral(instance: Instance, slots: Sequence[SlotIndex]) -> Spectral:
    """Return complexity index, largest similarity and largest hotspot of a panel."""
    dyes = [slot.dye for slot in slots]
    index = panel_complexity(instance, slots)
    signal = instance.signal[:, dyes]
    recorded = signal[[slot.detector for slot in slots]] if instance.conventional else signal
    hotspot = float(hotspot_matrix(recorded).max()) if recorded.shape[0] >= recorded.shape[1] else np.nan
    metrics: dict[str, object] = {
        "complexity_index": index if np.isfinite(index) else None,
        "hotspot_max": hotspot if np.isfinite(hotspot) else None,
    }
    if len(dyes) > 1:
        cosine = cosine_similarity(signal)
        np.fill_diagonal(cosine, -1.0)
        i, j = divmod(int(np.argmax(cosine)), len(dyes))
        metrics["max_similarity"] = float(cosine[i, j])
        metrics["most_similar"] = (instance.dye[dyes[i]], instance.dye[dyes[j]])
    return Spectral.model_validate(metrics)


def solver_stats(options: Options, found: Outcome) -> SolverStats:
    """Return the effort of the search, with its options."""
    return SolverStats(
        wall_s=found.wall_s,
        build_s=found.build_s,
        deterministic_time=found.deterministic_time,
        iterations=found.iterations,
        cuts=found.rows,
        seed=options.seed,
        workers=options.workers or available_cores(),
        time_limit_s=options.time_limit_s,
        tolerance=options.tolerance,
        interrupted=found.interrupted,
        memory_limit_mb=options.memory_limit_mb,
        out_of_memory=found.out_of_memory,
        hurried=found.hurried,
        model=ModelSize(variables=found.variables, constraints=found.constraints),
    )


def provenance(question: Question, instance: Instance, slots: Sequence[SlotIndex]) -> Provenance:
    """Return the sources of noise, brightness, levels and signatures."""
    dyes = {dye.name: dye for dye in question.fluorochromes}
    used = [instance.dye[slot.dye] for slot in slots]
    levels: dict[str, int] = {}
    for population in question.problem.population:
        for marker, level in population.levels.items():
            source = getattr(level, "source", "") or population.level_sources.get(marker, "") or "not stated"
            levels[source] = levels.get(source, 0) + 1
    measured = {dye: question.signatures[dye] for dye in used if dye in question.signatures}
    return Provenance(
        defaults_used=defaults_used(question.cytometer),
        brightness={dye: "measured" if (b := dyes[dye].brightness) is None else b.origin for dye in used},
        levels=dict(sorted(levels.items())),
        signatures={dye: source.origin_of(source.signature[index]) for dye, (source, index) in measured.items()},
    )


def gap_of(found: Outcome) -> Bound:
    """Return the bounds minus the best values; None if either is unknown."""

    def minus(bound: float | None, best: float | None) -> float | None:
        return None if bound is None or best is None else bound - best

    return Bound(
        worst_log_ratio=minus(found.bound_worst, found.best_worst),
        sum_log_ratio=minus(found.bound_total, found.best_total),
    )
