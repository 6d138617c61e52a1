"""Hashes of inputs: the same for the same content, another one for any other."""

from __future__ import annotations

from pathlib import Path

from panelopt import api
from panelopt.io.cytometer_files import cytometer_toml, read_cytometer
from panelopt.optics.measured import MeasuredSignature, SignatureSet
from panelopt.questions.hashes import cytometer_sha256, fluorochromes_sha256, signatures_sha256
from tests import builders
from tests.reporting import examples as reporting


def test_the_hash_of_a_cytometer_is_that_of_its_content(tmp_path: Path) -> None:
    machine = builders.cytometer()
    path = tmp_path / "mine.toml"
    path.write_text("# a remark\n" + cytometer_toml(machine), encoding="utf-8")
    assert cytometer_sha256(read_cytometer(path)) == cytometer_sha256(machine)
    other = machine.model_copy(update={"unmixing": "spectral"})
    assert cytometer_sha256(other) != cytometer_sha256(machine)


def test_the_hash_of_dyes_holds_their_own_light_too() -> None:
    dyes, light = builders.fluorochromes(), builders.autofluorescence()
    brighter = dyes[0].model_copy(
        update={"brightness": dyes[1].brightness.model_copy(update={"photoelectrons_per_antibody": 0.123})}
    )
    hashes = {
        fluorochromes_sha256(dyes, light),
        fluorochromes_sha256((brighter, *dyes[1:]), light),
        fluorochromes_sha256(dyes[1:], light),
        fluorochromes_sha256(dyes, dyes[0]),
    }
    assert len(hashes) == 4


def test_the_hash_of_signatures_is_that_of_what_is_used() -> None:
    def measured(*values: float) -> SignatureSet:
        entries = tuple(MeasuredSignature(fluorochrome=name, values=values) for name in ("PE", "FITC"))
        return SignatureSet(cytometer="x", detector=("a", "b"), signature=entries)

    one = measured(1.0, 0.5)
    assert signatures_sha256({}) == ""
    both = {
        signatures_sha256({"PE": (one, 0), "FITC": (one, 1)}),
        signatures_sha256({"FITC": (one, 1), "PE": (one, 0)}),
    }
    assert len(both) == 1
    assert signatures_sha256({"PE": (one, 0)}) not in {*both, signatures_sha256({"PE": (measured(1.0, 0.4), 0)})}


def test_results_keep_what_the_call_demanded() -> None:
    question = reporting.question(builders.problem(), builders.cytometer())
    options = api.Options(time_limit_s=60.0, workers=1, max_colours=2, require_goal=True)
    result = api.design(question, options)
    assert result.demands == options.demands
    assert result.demands.max_colours == 2
    assert result.cytometer_sha256 == cytometer_sha256(question.cytometer)
    assert result.signatures_sha256 == ""
