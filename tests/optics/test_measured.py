"""Measured signatures in the place of computed ones: direction, length, detectors."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from panelopt.errors import InputError
from panelopt.optics.measured import MeasuredSignature, SignatureSet, replace_signatures, signature_findings

DETECTORS = ("V450", "V610", "B530")
COMPUTED = np.array([[3.0, 1.0], [1.0, 0.0], [0.0, 1.0]])


def signatures(values: tuple[float, ...], detectors: tuple[str, ...] = DETECTORS, **changes: object) -> SignatureSet:
    entry = {"fluorochrome": "BV421", "values": values, "photoelectrons_per_antibody": changes.pop("pe", None)}
    return SignatureSet.model_validate({"cytometer": "x", "detector": detectors, "signature": [entry], **changes})


def test_direction_is_measured_and_brightness_stays_that_of_the_dye() -> None:
    found = replace_signatures(COMPUTED, ["BV421", "FITC"], DETECTORS, {"BV421": (signatures((1.0, 0.5, 0.5)), 0)})
    assert found[:, 0] == pytest.approx([2.0, 1.0, 1.0])
    assert found[:, 1] == pytest.approx(COMPUTED[:, 1])
    assert COMPUTED[0, 0] == 3.0


def test_photoelectrons_per_antibody_set_the_length() -> None:
    found = replace_signatures(COMPUTED, ["BV421", "FITC"], DETECTORS, {"BV421": (signatures((2.0, 1, 1), pe=0.8), 0)})
    assert found[:, 0] == pytest.approx([0.4, 0.2, 0.2])


def test_units_per_pe_turn_units_into_photoelectrons() -> None:
    measured = signatures((8.0, 1.0, 1.0), units_per_pe={"V450": 4.0, "V610": 1.0, "B530": 1.0})
    found = replace_signatures(COMPUTED, ["BV421"], DETECTORS, {"BV421": (measured, 0)})
    assert found[:, 0] == pytest.approx([2.0, 1.0, 1.0])


def test_noise_below_zero_counts_as_nothing() -> None:
    found = replace_signatures(COMPUTED, ["BV421"], DETECTORS, {"BV421": (signatures((1.0, -0.1, 0.0)), 0)})
    assert found[:, 0] == pytest.approx([4.0, 0.0, 0.0])


def test_other_detectors_keep_their_computed_share() -> None:
    measured = signatures((1.0, 1.0), ("V450", "V610"), pe=8.0)
    computed = np.array([[3.0], [1.0], [2.0]])
    found = replace_signatures(computed, ["BV421"], DETECTORS, {"BV421": (measured, 0)})
    assert found[:, 0] == pytest.approx([4.0, 4.0, 4.0])


def test_brightness_that_nothing_tells_is_an_error() -> None:
    measured = signatures((1.0,), ("B530",))
    with pytest.raises(InputError, match="no modelled brightness"):
        replace_signatures(COMPUTED, ["BV421"], DETECTORS, {"BV421": (measured, 0)})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": (1.0, 0.5)}, "2 values, but 3 detectors"),
        ({"values": (0.0, -1.0, 0.0)}, "no detector shows light"),
        ({"values": (1.0, 0.0, 0.0), "units_per_pe": 0.0}, "greater than 0"),
        ({"values": (1.0, 0.0, 0.0), "detectors": ("V450", "V450", "B530")}, "listed twice"),
    ],
)
def test_wrong_sets_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        signatures(**changes)  # type: ignore[arg-type]


def test_a_dye_counts_once() -> None:
    entry = MeasuredSignature(fluorochrome="BV421", values=(1.0,))
    other = MeasuredSignature(fluorochrome="bv421", values=(1.0,))
    with pytest.raises(ValidationError, match="listed twice"):
        SignatureSet(cytometer="x", detector=("V450",), signature=(entry, other))


def test_wrong_instrument_and_detectors_are_all_named() -> None:
    measured = signatures((1.0, 0.0, 0.0), ("V45", "V610", "B530"), units_per_pe={"V45": 2.0, "V610": 1.0})
    found = signature_findings(measured, DETECTORS, "mine", "s.toml")
    assert [finding.code for finding in found] == ["other-cytometer", "unknown-detector", "missing-detector"]
    assert "Did you mean V450?" in found[1].hint
