"""The first screen: one verdict, one line per reagent, one card per tube, warnings merged by kind."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.domain.panel_records import BestPanel, GivenUp, Practicality
from panelopt.domain.result import Bound, Remark, Result
from panelopt.domain.tube_robustness import Robustness, TubeRobustness
from panelopt.report.first_screen import first_screen
from panelopt.report.first_screen_text import first_screen_text, warnings_text
from panelopt.report.notices import KINDS, notices
from panelopt.report.odds import one_in, one_in_cells, purity_of, wrong_cells
from panelopt.report.verdict import best_found, limited_by, proof_line, standing, trade, verdict
from tests import builders


def sure(result: Result, *, goal: float = 0.95, share: float = 0.71875) -> Result:
    """Return a result that was tried in 256 samples, with a second tube."""
    second = result.targets[0].model_copy(update={"name": "msc-neg", "purity_at_least": 0.9725})
    targets = (result.targets[0], second)
    tubes = tuple(TubeRobustness(target=t.name, purity_p10=0.9, goal_met_share=share) for t in targets)
    found = Robustness(
        samples=256, purity_goal=goal, uncertainty="default", goal_met_share=share, worst_log_ratio_p10=1.0, tubes=tubes
    )
    return result.model_copy(update={"targets": targets, "robustness": found})


# ---- purity in words


@pytest.mark.parametrize(
    ("purity", "down", "up"),
    [
        (0.972, "1 wrong cell in 35", "1 wrong cell in 36"),
        (0.787, "1 wrong cell in 4.6", "1 wrong cell in 4.7"),
        (0.99987, "1 wrong cell in 7,690", "1 wrong cell in 7,700"),
        (0.5, "1 wrong cell in 2", "1 wrong cell in 2"),
        (0.004, "1 right cell in 250", "1 right cell in 250"),
        (1.0, "no wrong cell", "no wrong cell"),
        (0.0, "no right cell", "no right cell"),
    ],
)
def test_purity_is_counted_in_wrong_cells(purity: float, down: str, up: str) -> None:
    assert wrong_cells(purity, "down") == down
    assert wrong_cells(purity, "up") == up


@given(st.floats(0.5, 0.999999))
def test_a_guarantee_is_never_rounded_up(purity: float) -> None:
    low, high = (float(wrong_cells(purity, rounding).rsplit(" ", 1)[1].replace(",", "")) for rounding in ("down", "up"))
    exact = 1 / (1 - purity)
    assert low <= exact * (1 + 1e-8)
    assert high >= exact * (1 - 1e-8)
    assert high <= low * 1.1


@pytest.mark.parametrize(
    ("ratio", "shown"), [(None, "-"), (1.0, "11"), (0.0, "2"), (-2.0, "1 right in 101"), (-400.0, "no right")]
)
def test_log_ratios_are_counted_as_well(ratio: float | None, shown: str) -> None:
    assert one_in(ratio) == shown


def test_a_ratio_of_a_million_leaves_one_cell_in_a_million() -> None:
    assert one_in_cells(purity_of(6.0)) == "1,000,000"


# ---- the verdict


def test_verdict_says_how_pure_how_surely_and_whether_others_do_better(result: Result) -> None:
    assert verdict(sure(result, goal=0.9)) == (
        "Both tubes reach 90 %: 1 wrong cell in 20 at worst; met in 71 % of plausible samples; the worst contaminant "
        "alone is 1 in 18, and no other panel of these reagents does better than 1 in 20."
    )


@pytest.mark.parametrize(
    ("goal", "share", "start", "where"),
    [
        (0.9, 1.0, "Both tubes reach 90 %: 1 wrong cell in 20 at worst; met in all 256 plausible samples;", "met"),
        (0.9, 0.25, "Both tubes reach 90 %: 1 wrong cell in 20 at worst; met in 25 % of", "doubtful"),
        (0.96, 0.25, "1 of 2 tubes reaches 96 %: 1 wrong cell in 20 at worst; goal met in 25 % of", "missed"),
        (0.99, 0.0, "Neither tube reaches 99 %: 1 wrong cell in 20 at worst; goal met in none of 256", "missed"),
        (
            0.99,
            0.00390625,
            "Neither tube reaches 99 %: 1 wrong cell in 20 at worst; goal met in less than 1 %",
            "missed",
        ),
    ],
)
def test_verdict_and_standing_agree(result: Result, goal: float, share: float, start: str, where: str) -> None:
    known = sure(result, goal=goal, share=share)
    assert verdict(known).startswith(start)
    assert standing(known) == where


def test_verdict_without_samples_names_no_goal(result: Result) -> None:
    assert verdict(result).startswith(
        "The tube holds 1 wrong cell in 20 at worst; the worst contaminant alone is 1 in 18, and"
    )
    assert standing(result) == "open"


def test_verdict_of_a_marker_list_speaks_of_markers(result: Result) -> None:
    names = [f"full: CD{number}" for number in (1, 2, 3)]
    listed = tuple(result.targets[0].model_copy(update={"name": name}) for name in names)
    text = verdict(result.model_copy(update={"targets": listed}))
    assert text.startswith("Positive and negative cells are told apart for all 3 markers: 1 wrong cell in 20 at worst")


def test_verdict_of_a_marker_list_names_markers_without_a_gate(result: Result) -> None:
    seen = result.targets[0].model_copy(update={"name": "full: CD1"})
    unseen = seen.model_copy(update={"name": "full: CD2", "gates": (), "purity_at_least": 0.5})
    text = verdict(result.model_copy(update={"targets": (seen, unseen)}))
    assert text.startswith("Positive and negative cells are told apart for 1 of 2 markers, but not for CD2: 1 wrong")
    assert "in 20 at worst" in text
    nothing = verdict(result.model_copy(update={"targets": (unseen,)}))
    assert nothing.startswith("Positive and negative cells are not told apart for the marker;")
    neither = verdict(result.model_copy(update={"targets": (unseen, unseen)}))
    assert neither.startswith("Positive and negative cells are not told apart for either marker;")
    many = tuple(unseen.model_copy(update={"name": f"full: CD{n}"}) for n in range(2, 9))
    assert "not for CD2, CD3, CD4 and 4 others:" in verdict(result.model_copy(update={"targets": (seen, *many)}))


def test_verdict_claims_nothing_beyond_the_cap(result: Result) -> None:
    known = sure(result, goal=0.9)
    cap = math.log10(9) + 2
    assert "no other panel" not in verdict(known.model_copy(update={"bound": Bound(worst_log_ratio=cap)}))
    assert "no other panel" in verdict(known.model_copy(update={"bound": Bound(worst_log_ratio=cap - 0.1)}))
    assert "no other panel" not in verdict(known.model_copy(update={"bound": Bound()}))


def test_bounds_of_poor_panels_say_which_cells_they_count(result: Result) -> None:
    poor = result.targets[0].model_copy(update={"purity_at_least": 0.3})
    assert result.objective is not None
    objective = result.objective.model_copy(update={"worst_log_ratio": -0.4})
    low = result.model_copy(update={"targets": (poor,), "objective": objective, "bound": Bound(worst_log_ratio=0.5)})
    assert "1 right cell in 3.4 at worst" in verdict(low)
    assert verdict(low).endswith("does better than 1 wrong cell in 4.2.")


def test_verdict_without_a_panel_names_the_demands_that_clash() -> None:
    clash = [{"demand": name, "message": "no"} for name in ("max_colours", "require", "budget")]
    found = builders.empty_result("infeasible", conflicts=clash)
    assert verdict(found) == (
        "No panel meets the demands; this is proven. In conflict: max_colours, require and budget."
    )
    assert standing(found) == "none"
    assert verdict(builders.empty_result("unknown")).startswith("No panel was found within the time or memory limit")


def test_verdict_on_a_panel_that_breaks_rules_says_so_first(result: Result) -> None:
    broken = result.model_copy(update={"status": "infeasible", "conflicts": (builders_conflict(),)})
    assert verdict(broken).startswith("The panel breaks 1 rule of the question. The tube holds")


def builders_conflict() -> object:
    return builders.empty_result("infeasible", conflicts=[{"demand": "d", "message": "m"}]).conflicts[0]


@pytest.mark.parametrize(("what", "words"), [("interrupted", "was interrupted"), ("out_of_memory", "memory limit")])
def test_verdict_says_why_a_search_ended_early(result: Result, what: str, words: str) -> None:
    stopped = result.model_copy(update={"solver": result.solver.model_copy(update={what: True})})
    assert f"{words}; this is the best panel so far." in verdict(stopped)
    assert words not in verdict(result)


# ---- what was given up, and the proof


def practical(**changes: float | None) -> Practicality:
    data: dict[str, float | None] = {
        "unsourced": 0, "to_buy": 3, "colours": 4, "spillover_burden": 0.5, "fragile": 0, "unknown_prices": 0,
        "price": 900.0,
    }  # fmt: skip
    return Practicality.model_validate(data | changes)


def traded(result: Result, own: Practicality, best: Practicality, points: dict[str, float]) -> Result:
    lost = GivenUp(slack=0.02, worst_log_ratio=0.01, sum_log_ratio=0.1, purity_at_least=points)
    other = BestPanel(worst_log_ratio=1.25, sum_log_ratio=9.5, panel=result.panel[:1], practical=best)
    return result.model_copy(update={"practical": own, "best": other, "given_up": lost})


def test_trade_names_gains_and_losses(result: Result) -> None:
    best = practical(colours=6, fragile=1, to_buy=4, spillover_burden=2.97, price=800.0)
    known = traded(result, practical(), best, {"msc-pos": 0.26, "msc-neg": 0.01})
    assert trade(known) == (
        "Chosen for 1 fewer product to buy, 2 fewer colours, 1 fewer fragile dye and a spillover burden of 0.50 "
        "instead of 2.97; purity given up: 0.3 points in msc-pos."
    )


def test_trade_names_the_currency_of_a_price(result: Result) -> None:
    assert result.objective is not None
    known = traded(result, practical(price=1017.0), practical(price=1206.0), {"msc-pos": 0.0})
    known = known.model_copy(update={"objective": result.objective.model_copy(update={"currency": "EUR"})})
    assert trade(known) == "Chosen for a price of 1,017.00 EUR instead of 1,206.00; nothing that counts was given up."


def test_trade_without_loss_or_gain(result: Result) -> None:
    known = traded(result, practical(), practical(), {"msc-pos": 0.0})
    assert trade(known) == "Chosen for other products; nothing that counts was given up."
    same = known.model_copy(update={"best": known.best.model_copy(update={"panel": result.panel})})
    assert trade(same) == "Nothing was given up: this is also the best panel by score."
    assert trade(result) == ""


def test_proof_takes_one_line(result: Result) -> None:
    assert proof_line(result) == (
        "Proven optimal within the tolerance of 0.02: worst ratio 1.25 found, 1.26 possible at most (log10)."
    )
    open_ = result.model_copy(update={"status": "feasible"})
    assert proof_line(open_).endswith("at most (log10). Not proven: the sum of ratios, 9.50 of 9.52.")
    wide = open_.model_copy(update={"bound": Bound(worst_log_ratio=2.0)})
    assert proof_line(wide) == "Not proven optimal: worst ratio 1.25 found, 2.00 possible at most (log10)."
    given = result.model_copy(update={"bound": Bound(), "status": "feasible"})
    assert proof_line(given).startswith("No proof")
    assert proof_line(builders.empty_result("infeasible")) == "Proven: the demands clash."
    assert proof_line(builders.empty_result("unknown")) == "Nothing is proven."


def test_best_found_is_never_below_the_panel(result: Result) -> None:
    low = BestPanel(worst_log_ratio=1.2, sum_log_ratio=9.6)
    assert best_found(result.model_copy(update={"best": low})) == (1.25, 9.6)


@pytest.mark.parametrize(
    ("pair", "words"),
    [(0, "leukocyte, single cells: 1 wrong cell in 18"), (1, "endothelial, doublets: 1 wrong cell in 317"),
     (2, "no contaminant; all are far below the goal")],
)  # fmt: skip
def test_tubes_name_what_limits_them(result: Result, pair: int, words: str) -> None:
    assert limited_by(result.model_copy(update={"pairs": (result.pairs[pair],)}), "msc-pos") == words


# ---- panel, tubes, warnings


def test_every_reagent_has_a_line_with_its_product(result: Result) -> None:
    lines = first_screen(result).panel
    assert [line.marker for line in lines] == [r.marker for slot in result.panel for r in slot.reagents]
    owned = result.panel[0].reagents[0].model_copy(update={"owned": True})
    doubtful = result.panel[1].reagents[0].model_copy(update={"availability": "unverified"})
    slots = (
        result.panel[0].model_copy(update={"reagents": (owned,)}),
        result.panel[1].model_copy(update={"reagents": (doubtful, *result.panel[1].reagents[1:])}),
        result.panel[2],
    )
    stock = [line.stock for line in first_screen(result.model_copy(update={"panel": slots})).panel]
    assert stock == ["in stock", "ask the vendor", "to order", "to order"]


def test_every_tube_has_a_card(result: Result) -> None:
    (card,) = first_screen(result).tubes
    assert (card.name, card.cells, card.purity, card.at_least) == ("msc-pos", 12345.6, 0.9987, 0.951)
    assert (card.wrong_cells, card.meets_goal) == ("1 wrong cell in 20", None)
    assert [card.meets_goal for card in first_screen(sure(result, goal=0.96)).tubes] == [False, True]


def test_warnings_are_merged_by_kind_and_ordered_by_weight() -> None:
    remarks = [
        Remark(code="choice-not-proven", message="another run may differ", hint="Search longer."),
        Remark(code="unverified", message="3 products are left out", hint="Use --allow-unverified."),
        Remark(code="used-up", message="no tests are left"),
        Remark(code="unknown-level", message="CD31 is unknown", where="a.toml"),
        Remark(code="unknown-level", message="CD31 is unknown", where="b.toml"),
        Remark(code="brand-new", message="pH is low", where="tiny"),
        Remark(code="goal-missed", message="The tube misses it", hint="Use beads."),
    ]
    found = notices(remarks, "tiny")
    assert [one.title for one in found] == [
        "Purity goal missed", "Unknown antigen levels", "Brand new", "Products left out",
        "Choice among equally good panels not proven",
    ]  # fmt: skip
    assert found[1].texts == ("CD31 is unknown (a.toml, b.toml).",)
    assert found[2].texts == ("pH is low.",)
    assert found[3].texts == ("3 products are left out.", "No tests are left.")
    assert [one.remedies for one in found[:2]] == [("Use beads.",), (KINDS["unknown-level"].remedy,)]


def test_text_of_warnings_says_what_to_do(result: Result) -> None:
    assert "    Do: State them in the problem file" in warnings_text(result)


def test_first_screen_ends_with_the_verdict(result: Result) -> None:
    text = first_screen_text(sure(result))
    assert text.startswith("tiny on tiny-sorter\n")
    assert " ".join(text.split("\n\n")[-1].split()) == verdict(sure(result))
    assert "Gates" not in text
    for shown in ("CD45 (dump)", "1 wrong in", "msc-neg", "Proven optimal"):
        assert shown in text
