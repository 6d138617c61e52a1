"""Uncertainty of the inputs of a question, by array."""

from __future__ import annotations

import numpy as np

from panelopt.instance.arrays import FloatArray, Instance
from panelopt.optics.measured import replace_signatures
from panelopt.optics.signatures import signature_matrix
from panelopt.questions.question import Question
from panelopt.scenarios import Spread, spread_of


def spread_for(question: Question, instance: Instance) -> Spread:
    """Return the spread of the arrays compiled from a question."""
    dyes = {dye.name: dye for dye in question.fluorochromes}
    measured = question.signatures
    known = {name for name, (found, place) in measured.items() if found.signature[place].photoelectrons_per_antibody}
    known |= {name for name, dye in dyes.items() if dye.brightness is not None and dye.brightness.origin == "measured"}
    return spread_of(
        question.problem,
        instance,
        brightness_known=np.array([name in known for name in instance.dye], dtype=bool),
        signature_known=np.array([name in measured for name in instance.dye], dtype=bool),
        broken=_donor_light(question, instance),
    )


def _donor_light(question: Question, instance: Instance) -> FloatArray:
    """Return (D, F) the light of each tandem's donor, pe per antibody; NaN if the donor is unknown."""
    dyes = {dye.name: dye for dye in question.fluorochromes}
    donors = sorted({dyes[name].donor for name in instance.dye if dyes[name].is_tandem} & dyes.keys())
    light = np.maximum(signature_matrix(question.cytometer, [dyes[name] for name in donors]), 0.0)
    light = replace_signatures(light, donors, list(instance.detector), question.signatures)
    result = np.full(instance.signal.shape, np.nan)
    for f, name in enumerate(instance.dye):
        if dyes[name].is_tandem and dyes[name].donor in donors:
            result[:, f] = light[:, donors.index(dyes[name].donor)]
    return result
