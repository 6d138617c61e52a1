"""What a report gathers: the same numbers as the result, from inputs that are checked."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panelopt import api
from panelopt.domain.result import Result
from panelopt.errors import InputError, PaneloptError
from panelopt.io.result_json import read_result, record_json
from panelopt.report.content import Report, Section
from panelopt.report.html import comparison_html, report_html
from panelopt.report.xlsx import report_xlsx
from panelopt.reporting.cell_pool import EVEN
from panelopt.reporting.result_comparison import comparison
from tests import builders
from tests.reporting import examples as reporting


@pytest.fixture(scope="module")
def small() -> Report:
    return reporting.small_report()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return reporting.write_report_files(tmp_path_factory.mktemp("report"))


# ---- inputs


def test_named_files_are_used_and_hashed(files: tuple[Path, Path]) -> None:
    problem, result = files
    found = api.report(result, api.ReportFiles(problem=str(problem)))
    assert not found.missing
    assert found.title == "Two tubes"
    states = {file.kind: file.state for file in found.inputs}
    assert states.pop("result") == "not recorded"
    assert states == dict.fromkeys(("problem", "cytometer", "catalog", "optics of all dyes"), "equal")
    assert not found.notices


def test_what_is_not_found_is_said(files: tuple[Path, Path]) -> None:
    found = api.report(files[1])
    assert "two-tubes is not a shipped problem" in found.missing["problem"]
    assert found.optics is not None
    assert found.plan is None
    assert not found.limits
    assert not found.plots


def test_a_changed_problem_is_said(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(files[0].read_text("utf-8").replace("0.001", "0.002"), encoding="utf-8")
    document = json.loads(files[1].read_text("utf-8")) | {"problem_sha256": "1" * 64}
    result = tmp_path / "result.json"
    result.write_text(json.dumps(document), encoding="utf-8")
    found = api.report(result, api.ReportFiles(problem=str(other)))
    assert "the hash differs" in found.notices["problem"]
    assert "Scored again" in found.notices["gating"]
    assert [file.state for file in found.inputs if file.kind == "problem"] == ["DIFFERS"]


@pytest.mark.parametrize(
    ("field", "kind", "section"),
    [("cytometer_sha256", "cytometer", "cytometer"), ("fluorochromes_sha256", "optics of all dyes", "optics")],
)
def test_changed_optics_are_said(
    files: tuple[Path, Path], tmp_path: Path, field: str, kind: str, section: Section
) -> None:
    document = json.loads(files[1].read_text("utf-8"))
    path = tmp_path / "result.json"
    for recorded, state in (("1" * 64, "DIFFERS"), ("", "not recorded")):
        path.write_text(json.dumps(document | {field: recorded}), encoding="utf-8")
        found = api.report(path, api.ReportFiles(problem=str(files[0])))
        assert [file.state for file in found.inputs if file.kind == kind] == [state]
        assert ("since the result was made" in found.notices.get(section, "")) == bool(recorded)


def test_limits_of_the_call_bind_in_the_report(files: tuple[Path, Path], tmp_path: Path) -> None:
    document = json.loads(files[1].read_text("utf-8"))
    colours = len(document["panel"])
    path = tmp_path / "result.json"
    for most, state in ((colours, "binds"), (colours + 1, "free")):
        path.write_text(json.dumps(document | {"demands": {"max_colours": most}}), encoding="utf-8")
        found = api.report(path, api.ReportFiles(problem=str(files[0])))
        assert [limit.state for limit in found.limits if limit.name == "Colours"] == [state]


@pytest.mark.parametrize("field", ["clone", "vendor", "catalog_number"])
def test_texts_that_are_too_long_are_refused(files: tuple[Path, Path], tmp_path: Path, field: str) -> None:
    document = json.loads(files[1].read_text("utf-8"))
    document["panel"][1]["reagents"][0][field] = "x" * 3000
    path = tmp_path / "result.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match="has 3000 characters"):
        api.report(path, api.ReportFiles(problem=str(files[0])))


def test_an_unchanged_result_is_repeated(files: tuple[Path, Path]) -> None:
    assert "gating" not in api.report(files[1], api.ReportFiles(problem=str(files[0]))).notices


def test_a_result_cannot_name_files(files: tuple[Path, Path], tmp_path: Path) -> None:
    document = json.loads(files[1].read_text("utf-8"))
    shutil.copy(files[0], tmp_path / "secret.toml")
    document |= {"problem": str(tmp_path / "secret.toml"), "cytometer": str(tmp_path / "secret.toml")}
    document["catalogs"] = [{"name": str(tmp_path)}]
    path = tmp_path / "result.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = api.report(path)
    assert set(found.missing) == {"problem", "cytometer"}
    assert {file.kind for file in found.inputs if file.found} == {"result"}


@pytest.mark.parametrize("text", ["{", "[]", '{"kind": "alternatives"}', '{"panel": 1}'])
def test_files_that_are_no_result_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        api.report(path)


def test_named_files_must_exist(files: tuple[Path, Path], tmp_path: Path) -> None:
    missing = tmp_path / "nothing.json"
    for named in (
        api.ReportFiles(problem=str(missing)),
        api.ReportFiles(cytometer=str(missing)),
        api.ReportFiles(problem=str(files[0]), catalogs=(str(missing),)),
        api.ReportFiles(plan=missing),
        api.ReportFiles(alternatives=missing),
    ):
        with pytest.raises(InputError):
            api.report(files[1], named)


def test_every_part_that_is_missing_says_why(files: tuple[Path, Path]) -> None:
    text = report_html(api.report(files[1]))
    for part in ("targets", "limits", "sort"):
        section = text[text.index(f'<section id="{part}"') :]
        assert "two-tubes is not a shipped problem" in section[: section.index("</section>")], part


def test_other_names_of_dyes_are_said(files: tuple[Path, Path], tmp_path: Path) -> None:
    document = changed(json.loads(files[1].read_text("utf-8")), ("panel", 0, "fluorochrome"), "R-PE")
    path = tmp_path / "result.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = api.report(path, api.ReportFiles(problem=str(files[0])))
    assert "R-PE" in found.missing["gating"]
    assert "R-PE" in found.missing["optics"]


def test_a_given_plan_is_shown_as_it_is(files: tuple[Path, Path], tmp_path: Path) -> None:
    plan = builders.sort_plan()
    path = tmp_path / "plan.json"
    path.write_text(record_json(plan), encoding="utf-8")
    found = api.report(files[1], api.ReportFiles(problem=str(files[0]), plan=path))
    assert found.plan == plan
    assert "another panel" in found.notices["plan"]
    assert found.plots  # with the gates of the result, as those of the plan are not of this panel


def test_results_without_panel_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(record_json(builders.empty_result("unknown", problem="cv-cd106")), encoding="utf-8")
    found = api.report(path)
    assert found.optics is None
    assert not found.plots


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("targets", 0, "gates", 0, "slot"), 99, "no slot 99"),
        (("targets", 0, "gates", 0, "slot"), -1, "no slot -1"),
        (("panel", 0, "reagents"), [], None),
        (("panel", 0, "markers"), [], "0 markers"),
        (("panel", 0, "markers"), ["CD271", "CD73"], "2 markers and 1 reagents"),
        (("panel", 0, "fluorochrome"), "BV421", "two slots"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    files: tuple[Path, Path], tmp_path: Path, place: tuple[str | int, ...], value: object, words: str | None
) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(changed(json.loads(files[1].read_text("utf-8")), place, value)), encoding="utf-8")
    if words is None:
        assert api.report(path).result.panel
        return
    with pytest.raises(InputError, match=words):
        api.report(path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("recommended",), 9),
        (("sorter", "origins"), {}),
        (("targets", 0, "tree", 2, "fluorochrome"), "nothing"),
    ],
)
def test_plans_that_do_not_fit_are_refused(
    files: tuple[Path, Path], tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(changed(json.loads(record_json(builders.sort_plan())), place, value)), encoding="utf-8")
    with pytest.raises(InputError):
        api.report(files[1], api.ReportFiles(plan=path))


def changed(document: Any, place: tuple[str | int, ...], value: object) -> Any:
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return document


def places(document: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every value of a document."""
    pairs = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in pairs:
        yield (*place, key)
        yield from places(value, (*place, key))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_changed_results_are_reported_or_refused(files: tuple[Path, Path], tmp_path: Path, data: st.DataObject) -> None:
    document = json.loads(files[1].read_text("utf-8"))
    place = data.draw(st.sampled_from(list(places(document))))
    value = data.draw(st.sampled_from([None, -1, 0, 10**9, 1e308, -1e308, "", "x" * 3000, "<b>", [], {}, True, [[]]]))
    path = tmp_path / "result.json"
    path.write_text(json.dumps(changed(document, place, value)), encoding="utf-8")
    with contextlib.suppress(PaneloptError):
        found = api.report(path, api.ReportFiles(problem=str(files[0])))
        assert report_html(found).startswith("<!DOCTYPE html>")
        assert report_xlsx(found).startswith(b"PK")
        assert comparison_html(comparison(found.result, builders.result())).startswith("<!DOCTYPE html>")


# ---- numbers


def test_plots_hold_every_cell_that_was_drawn_and_passed(small: Report) -> None:
    for target in small.plots:
        populations = len(target.plots[0].clouds)
        assert sum(cloud.drawn for cloud in target.plots[0].clouds) == EVEN * populations
        for plot, after in zip(target.plots, [*target.plots[1:], None], strict=True):
            for index, cloud in enumerate(plot.clouds):
                inside = np.ones(cloud.x.size, dtype=bool)
                for axis, values in ((plot.x, cloud.x), (plot.y, cloud.y)):
                    inside &= (values >= (-np.inf if axis.low is None else axis.low)) & (
                        values < (np.inf if axis.high is None else axis.high)
                    )
                assert int(inside.sum()) == cloud.inside
                assert after is None or after.clouds[index].x.size == cloud.inside


def test_gates_keep_the_target_as_predicted(small: Report) -> None:
    yields = {target.name: target.gate_yield for target in small.result.targets}
    for target in small.plots:
        (own,) = [cloud for cloud in target.plots[-1].clouds if cloud.population == target.population]
        expected = yields[target.target]
        error = np.sqrt(expected * (1 - expected) / own.drawn)
        assert own.inside / own.drawn == pytest.approx(expected, abs=5 * error)


def test_plots_are_the_same_every_time(small: Report) -> None:
    again = reporting.small_report()
    for one, other in zip(small.plots, again.plots, strict=True):
        assert [c.x.tolist() for p in one.plots for c in p.clouds] == [
            c.x.tolist() for p in other.plots for c in p.clouds
        ]


def test_percentages_of_gates_are_those_of_the_plan(small: Report) -> None:
    assert small.plan is not None
    trees = {tree.name: tree.tree for tree in small.plan.targets}
    for target in small.plots:
        tree = trees[target.target]
        passages = [plot.passage for plot in target.plots]
        start = next(step for step in tree if step.kind == "singlets")
        kept = share = 1.0
        for passage in passages:
            assert passage is not None
            assert passage.kept is not None
            kept, share = kept * passage.kept, share * passage.share
        assert kept == pytest.approx(tree[-1].yield_so_far)
        assert share == pytest.approx(kept * start.purity_so_far / tree[-1].purity_so_far)
        assert passages[-1] is not None
        assert passages[-1].purity == tree[-1].purity_so_far


def test_sample_layers_have_the_proportions_of_the_plan(small: Report) -> None:
    assert small.plan is not None
    for target, tree in zip(small.plots, small.plan.targets, strict=True):
        start = next(step for step in tree.tree if step.kind == "singlets")
        shares = {share.population: share.share - share.doublets for share in start.shares}
        shares[target.population] = start.purity_so_far
        drawn = {cloud.population: cloud.x.size for cloud in target.plots[0].sample}
        assert drawn
        total = sum(drawn.values())
        for population, count in drawn.items():
            assert count / total == pytest.approx(shares[population], abs=1 / total)


def test_scatter_shows_doublets_outside_the_singlets(small: Report) -> None:
    assert small.scatter is not None
    cells, singlets = small.scatter.plots
    assert (cells.name, singlets.name) == ("cells", "singlets")
    kinds = {cloud.population: cloud for cloud in singlets.clouds}
    assert kinds["doublets"].inside == 0
    assert kinds["target cells"].inside == kinds["target cells"].x.size > 200
    for plot in small.scatter.plots:
        assert plot.passage is not None
        assert 0.8 < plot.passage.share <= 1.0


def test_similarity_and_spread_are_in_the_order_of_the_panel(small: Report) -> None:
    optics = small.optics
    assert optics is not None
    assert optics.similarity is not None
    assert optics.spreading is not None
    dyes = [slot.fluorochrome for slot in small.result.panel]
    assert list(optics.similarity.dyes) == dyes
    assert [dye.name for dye in optics.dyes] == dyes
    pair = set(small.result.spectral.most_similar or ())
    off = optics.similarity.cosine - 2 * np.eye(len(dyes))
    i, j = np.unravel_index(int(off.argmax()), off.shape)
    assert {dyes[i], dyes[j]} == pair
    # compensation with F = 1: SS_ij^2 = sum_d P_jd^2 M_di, written out
    detectors = [d.name for d in optics.cytometer.detector]
    question = reporting.question(builders.problem(), optics.cytometer)
    from panelopt.optics.signatures import signature_matrix

    light = signature_matrix(question.cytometer, optics.dyes)[[detectors.index(s.detector) for s in small.result.panel]]
    inverse = np.linalg.inv(light)
    expected = [[np.sqrt(sum(inverse[j, d] ** 2 * light[d, i] for d in range(3))) for j in range(3)] for i in range(3)]
    assert optics.spreading == pytest.approx(np.array(expected), rel=1e-6)


def test_limits_at_their_bound_are_found(files: tuple[Path, Path]) -> None:
    limits = {limit.name: limit for limit in api.report(files[1], api.ReportFiles(problem=str(files[0]))).limits}
    assert (limits["Colours"].state, limits["Colours"].value, limits["Colours"].limit) == ("binds", 3.0, 3.0)
    assert limits["Detectors in use"].state == "free"
    worst = min(pair.log_ratio for pair in read_result(files[1]).pairs)
    assert limits["Worst pair, log10"].value == worst


def test_missed_goals_are_no_limits_that_are_met(result: Result) -> None:
    from panelopt.reporting.binding import limits_of

    target = result.targets[0].model_copy(update={"purity_at_least": 0.5, "gate_yield": 0.81})
    problem = builders.problem(goal={"purity": 0.95, "yield_min": 0.8})
    found = limits_of(result.model_copy(update={"targets": (target,)}), problem, builders.cytometer(), None)
    states = {limit.name: limit.state for limit in found}
    assert states["Purity of msc-pos"] == "missed"
    assert states["Yield of msc-pos"] == "binds"  # another gate would cost 2 %


def test_every_number_has_an_origin(small: Report) -> None:
    kinds = {origin.quantity for origin in small.origins}
    assert {
        "Frequency",
        "Antigen levels",
        "Lasers and filters",
        "Laser power",
        "Brightness",
        "Product",
        "Sorter",
    } <= kinds
    brightness = {o.of.split(":")[0]: o.origin for o in small.origins if o.quantity == "Brightness"}
    recorded = small.result.provenance.brightness
    assert {dye: origin.replace(" ", "_") for dye, origin in brightness.items()} == recorded
    assert all(o.origin == "stated" for o in small.origins if o.quantity == "Laser power")  # 50 mW in the file


def test_marker_lists_have_no_cells(tmp_path: Path) -> None:
    asked = api.load("general-msc-identity", cytometer="aurora-cs", catalogs=["msc-reagents"])
    result = reporting.scored(asked, (("CD73", "PE"), ("CD90", "APC"), ("CD105", "BV421")))
    path = tmp_path / "result.json"
    path.write_text(record_json(result), encoding="utf-8")
    found = api.report(path)
    assert "no cells to simulate" in found.missing["gating"]
    assert "list of markers" in found.missing["plan"]
    assert found.optics is not None
