"""What the page does, request by request."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from panelopt import api
from panelopt.api.errors import PaneloptError
from panelopt.api.files import read_panel, read_result
from panelopt.serve.app import application
from panelopt.serve.bounded import Bounded
from panelopt.serve.desk import Desk
from panelopt.serve.door import Door
from panelopt.serve.pages import address
from panelopt.serve.questions import options_of, rows_of
from panelopt.serve.sitting import MOST_STEPS, Sitting
from panelopt.serve.state import Slot
from panelopt.serve.uploads import MOST_FILES, Uploads
from tests.serve.conftest import PANEL, SMALL, Page, TestClient


def dyes(page: Page) -> dict[str, str]:
    return {"+".join(slot.markers): slot.dye for slot in page.sitting.state.panel}


def test_the_page_shows_the_score_of_its_panel(page: Page, desk: Desk) -> None:
    state = page.sitting.state
    whole = api.score(desk.questions.question(state), rows_of(state))
    assert page.sitting.result is not None
    assert page.sitting.result.objective == whole.objective
    text = page.get("/bench")
    for target in whole.targets:
        assert f"<b>{100 * target.purity:.1f} %</b>" in text
    assert all(slot.detector for slot in state.panel)


def test_swaps_can_be_undone_and_redone(page: Page) -> None:
    first = page.sitting.state
    page.post("/place", m="CD106", dye="BV421", detector="")
    second = page.sitting.state
    assert dyes(page) == {"viability": "7-AAD", "CD106": "BV421", "CD45": "APC"}
    assert page.sitting.before is not None
    page.post("/undo")
    assert page.sitting.state == first
    page.post("/redo")
    assert page.sitting.state == second
    page.post("/redo")
    assert page.sitting.state == second
    page.post("/undo")
    page.post("/remove", m="CD45")
    assert dyes(page) == {"viability": "7-AAD", "CD106": "PE"}
    page.post("/redo")
    assert "CD45" not in dyes(page)


def test_undoing_is_bounded(page: Page) -> None:
    for seconds in range(1, MOST_STEPS + 6):
        page.sitting.show(page.sitting.state.with_(seconds=seconds), None)
    assert len(page.sitting.past) == MOST_STEPS


def test_the_address_brings_the_page_back(page: Page, desk: Desk) -> None:
    page.post("/place", m="CD106", dye="BV421", detector="")
    answer = page.client.post(
        "/lock", data={"desk": page.sitting.id, "m": "CD106"}, headers={"Origin": "http://127.0.0.1:8765"}
    )
    link = answer.headers["HX-Replace-Url"]
    assert link == address(page.sitting)
    again = page.client.get(link)
    assert f"desk&#34;: &#34;{page.sitting.id}" in again.text  # the same tab: undo still works
    state = page.sitting.state
    desk.sittings.put(page.sitting.id, Sitting())  # forgotten, as by a new server
    page.open(state)
    assert page.sitting.state == state
    assert page.client.get("/", params={"state": "broken"}).text.count("This link is broken") == 1


def test_the_menu_leads_to_the_panel(page: Page) -> None:
    text = page.get("/menu", m="CD106")
    assert "in the panel" in text
    use = re.findall(r'hx-post="/place" hx-vals="([^"]*)"', text)
    assert len(use) >= 2
    assert "not a marker" in page.get("/menu", m="CD999")
    assert "In one dump with" in page.get("/menu", m="CD31")


def test_the_change_since_the_last_state_is_shown(page: Page) -> None:
    before = page.sitting.result
    text = page.post("/remove", m="CD106")
    assert before is not None
    assert page.sitting.result is not None
    lost = page.sitting.result.targets[0].purity - before.targets[0].purity
    assert f"{100 * lost:+.1f} <small>points".replace("-", "\u2212") in text
    assert 'class="change worse"' in text
    assert page.sitting.best == before


def test_a_panel_that_breaks_rules_is_shown_with_them(page: Page) -> None:
    text = page.post("/remove", m="viability")
    assert "viability" in re.findall(r'class="conflicts".*?</ul>', text, re.DOTALL)[0]
    assert page.sitting.result is not None
    assert page.sitting.best != page.sitting.result


def test_demands_and_question_change(page: Page) -> None:
    chosen = {"problem": "cv-cd106", "cytometer": "aria-fusion", "catalogs": "msc-reagents"}
    text = page.post("/question", **chosen, max_colours="2", exclude_dyes="PE, Nobody 1")
    assert "Nobody 1 is not a known" in text
    assert page.sitting.state.max_colours is None
    text = page.post("/question", **chosen, max_colours="2", exclude_dyes="pe;  APC ")
    assert page.sitting.state.max_colours == 2
    assert page.sitting.state.exclude_dyes == ("pe", "APC")
    assert "conflicts" in text
    page.post("/question", **{**chosen, "cytometer": "aurora-5l"})
    assert page.sitting.state.max_colours is None
    assert page.sitting.state.panel[1].detector.startswith("YG")
    page.post("/question", **{**chosen, "problem": "adipose-4way"})
    assert dyes(page) == {"viability": "7-AAD", "CD45": "APC"}
    assert page.sitting.best is page.sitting.result or page.sitting.best is None
    page.post("/undo")
    assert dyes(page)["CD106"] == "PE"
    assert "Not done" in page.post("/question", **chosen, max_colours="1000")


def test_a_dye_that_the_instrument_cannot_see_is_said(page: Page) -> None:
    text = page.post("/question", problem="cv-cd106", cytometer="accuri-c6", catalogs="msc-reagents")
    assert page.sitting.state.cytometer == "accuri-c6"
    page.post("/place", m="CD106", dye="BUV395", detector="")
    text = page.get("/bench")
    assert "conflicts" in text


def test_files_come_out_as_the_commands_read_them(page: Page, tmp_path: Path) -> None:
    found = {}
    for name in ("panel.csv", "result.json", "problem.toml"):
        answer = page.client.get(f"/out/{name}", params={"desk": page.sitting.id})
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        (tmp_path / name).write_bytes(answer.content)
        found[name] = tmp_path / name
    rows = read_panel(found["panel.csv"])
    assert {row.fluorochrome for row in rows} == {slot.dye for slot in PANEL}
    result = read_result(found["result.json"])
    assert result.robustness is not None
    asked = api.load(str(found["problem.toml"]), cytometer="aria-fusion", catalogs=["msc-reagents"])
    assert api.score(asked, rows).objective == result.objective
    page.post("/clear")
    assert page.client.get("/out/panel.csv", params={"desk": page.sitting.id}).status_code == 409
    assert page.client.get("/out/passwd", params={"desk": page.sitting.id}).status_code == 404


@pytest.mark.slow
def test_report_and_workbook_come_out(page: Page) -> None:
    report = page.client.get("/out/report.html", params={"desk": page.sitting.id})
    assert report.text.startswith("<!DOCTYPE html>")
    workbook = page.client.get("/out/workbook.xlsx", params={"desk": page.sitting.id})
    assert workbook.content[:2] == b"PK"


def test_a_locked_slot_stays_when_the_panel_is_cleared(page: Page) -> None:
    page.post("/lock", m="CD106")
    page.post("/clear")
    assert dyes(page) == {"CD106": "PE"}


def test_another_pack_reaches_price_order_list_and_result(page: Page, desk: Desk) -> None:
    panel = (Slot(markers=("CD106",), dye="BV711"), Slot(markers=("CD45",), dye="BV510"))
    page.open(SMALL.with_(panel=panel, catalogs=("synthetic-prices",)))
    now = {r.marker: r for slot in page.sitting.result.panel for r in slot.reagents}["CD45"]
    text = page.get("/menu", m="CD45")
    other = next(one for one in desk.packs(page.sitting, ("CD45",))["CD45"] if one.price != now.price)
    assert other.catalog_number in text
    assert f"{other.price:,.2f}" in text
    before = page.sitting.result.objective.total_price
    page.post("/buy", m="CD45", vendor=other.vendor, catalog_number=other.catalog_number, clone=other.clone)
    assert page.sitting.result.objective.total_price == pytest.approx(before - now.price + other.price)
    for part in ("/bench", "/part/order", "/out/panel.csv"):
        assert other.catalog_number in page.get(part), part
        assert now.catalog_number not in page.get(part), part
    saved = desk.full(page.sitting)
    assert other in [r for slot in saved.panel for r in slot.reagents]
    page.post("/lock", m="CD45")
    assert options_of(page.sitting.state, locks=True).locks[0].catalog_number == other.catalog_number
    page.post("/lock", m="CD45")
    page.post("/place", m="CD45", dye="BV510", detector="V610/20")  # the same conjugate in another place
    assert page.sitting.state.panel[-1].pack("CD45").catalog_number == other.catalog_number
    page.post("/place", m="CD45", dye="PerCP", detector="")
    assert page.sitting.state.panel[-1].products == ()
    page.post("/undo")
    page.open(page.sitting.state)
    assert other.catalog_number in page.get("/out/panel.csv")


def test_two_panels_side_by_side(page: Page) -> None:
    assert "Kept so far: none" in page.get("/part/compare")
    page.post("/keep", side="A")
    page.post("/place", m="CD106", dye="BV421", detector="")
    page.post("/keep", side="B")
    text = page.get("/part/compare")
    assert "BV421" in text
    assert "PE" in text
    page.post("/bring-back", side="A")
    assert dyes(page)["CD106"] == "PE"


def test_the_grid_makes_a_problem(page: Page) -> None:
    problem = "Sorted cells"
    text = page.get("/grid", blank=1)
    assert "Use this problem" in text
    form = {
        "blank": "1", "title": problem, "purity": "90", "do": "save",
        "marker": ["viability", "CD45", "CD271", ""], "marker_role": ["viability", "dump", "required", "candidate"],
        "population": ["stromal", "leukocyte"], "population_role": ["target", "contaminant"],
        "frequency": ["0.01", "0.9"],
        "level": ["", "", "-", "very_bright", "40000", "-", "", ""],
    }  # fmt: skip
    assert page.post("/grid", **{**form, "do": "marker"}).count('name="marker"') == 5
    assert page.post("/grid", **{**form, "do": "population"}).count('name="population"') == 3
    text = page.post("/grid", **{**form, "frequency": ["0.01", "most"]})
    assert "not a number" in text
    assert page.sitting.state.problem == "cv-cd106"
    page.post("/grid", **form)
    assert 'title = "Sorted cells"' in page.sitting.state.own_problem
    assert page.sitting.state.problem == ""
    found = page.desk.questions.question(page.sitting.state).problem
    assert [p.levels for p in found.population] == [
        {"CD45": "-", "CD271": found.population[0].levels["CD271"]}, {"CD45": "very_bright", "CD271": "-"}
    ]  # fmt: skip
    assert found.resolve(found.population[0].levels["CD271"]).abc == 40000
    page.get("/grid")
    page.open(page.sitting.state)
    assert page.desk.questions.question(page.sitting.state).problem == found


def test_an_edited_grid_keeps_what_it_does_not_show(page: Page) -> None:
    before = page.desk.questions.question(page.sitting.state).problem
    text = page.get("/grid")
    fields: dict[str, list[str]] = {}
    for name in ("marker", "population", "frequency", "level"):
        fields[name] = re.findall(rf'name="{name}" type="\w+"[^>]* value="([^"]*)"', text)
    for name in ("marker_role", "population_role"):
        selects = re.findall(rf'<select name="{name}".*?</select>', text)
        fields[name] = [re.findall(r"<option[^>]* selected>(\w+)", select)[0] for select in selects]
    page.post("/grid", **fields, do="save", title=before.title, purity=f"{100 * before.goal.purity:g}")
    after = page.desk.questions.question(page.sitting.state).problem
    assert page.sitting.state.own_problem
    assert after.model_copy(update={"id": before.id}) == before


def test_a_marker_list_is_filled_in_and_says_what_counts(page: Page, desk: Desk) -> None:
    assert "marker list" in page.get("/grid", blank="list")
    form = {
        "blank": "1", "title": "T cells", "purity": "95", "do": "save",
        "marker": ["viability", "CD45", "CD90"], "marker_role": ["viability", "candidate", "candidate"],
        "marker_level": ["", "very_bright", ""],
    }  # fmt: skip
    text = page.post("/grid", **{**form, "do": "marker", "more": "CD73, CD45,CD34"})
    assert re.findall(r'name="marker" type="text" value="(\w*)"', text) == [*form["marker"], "CD73", "CD34"]
    assert "(5 colours)" in text
    assert "needs a level, but CD90 has none (Fill in a level such as mid" in page.post("/grid", **form)
    assert page.sitting.state.problem == "cv-cd106"
    form["marker_level"][2] = "4000"
    page.post("/grid", **form)
    found = desk.questions.question(page.sitting.state).problem
    assert found.is_marker_list
    assert [found.resolve(m.level).abc for m in found.marker if m.level is not None] == [250000, 4000]
    page.post("/place", m="CD45", dye="APC", detector="")
    text = page.post("/place", m="CD90", dye="PE", detector="")
    assert "Nothing is sorted" in text
    assert "More than 3.28 (1 wrong cell in 1,900)" in text
    assert "Spillover burden" in text
    assert "of what is uncertain" not in text
    menu = [one for one in desk.menu(page.sitting, ("CD90",)) if not one.broken]
    keys = [(-one.worst_log_ratio, -one.sum_log_ratio, one.burden) for one in menu if one.exact]
    assert keys == sorted(keys)
    assert len({one.burden for one in menu}) > 1
    assert "Spillover burden" in page.get("/menu", m="CD90")
    text = page.get("/grid")
    assert re.findall(r'name="marker_level" [^>]*value="(\w*)"', text) == ["", "very_bright", "4000"]
    text = page.post("/grid", **{**form, "do": "population"})
    assert 'name="population" type="text" value="target"' in text
    assert 'value="very_bright"' in text
    emptied = {"population": [""], "population_role": ["target"], "frequency": ["0.1"], "level": ["", "", ""]}
    assert "No population is left" in page.post("/grid", **form, **emptied)


def test_stock_marks_what_is_there(page: Page) -> None:
    text = page.upload("stock", "stock.csv", b"Antigen,Fluorochrome,Vendor,Cat. No.\nCD106,PE,BioLegend,305806\n")
    assert page.sitting.state.stock.startswith("own:")
    assert "in stock" in text
    assert "in stock" in page.get("/menu", m="CD106")
    page.post("/question", problem="cv-cd106", cytometer="aria-fusion", only_inventory="on")
    assert page.sitting.state.only_inventory
    page.post("/question", problem="cv-cd106", cytometer="aria-fusion", no_stock="on", only_inventory="on")
    assert page.sitting.state.stock == ""


def test_a_panel_and_an_instrument_come_from_files(page: Page) -> None:
    page.upload("panel", "mine.csv", b"marker,fluorochrome\nCD106,APC\nCD45,BV421\nCD31,BV421\n")
    assert dyes(page) == {"CD106": "APC", "CD45+CD31": "BV421"}
    table = b"name,laser_nm,centre_nm,width_nm\nB530,488,530,30\nYG585,561,585,15\nR670,640,670,30\nV450,405,450,50\n"
    text = page.upload("sorter", "Our sorter.csv", table)
    assert page.sitting.state.cytometer.startswith("own:"), text
    assert page.sitting.state.panel[0].detector == "R670"
    assert "The file is empty" in page.upload("panel", "none.csv", b"")


def test_stores_forget_what_was_used_longest_ago() -> None:
    gone: list[int] = []
    store: Bounded[str, int] = Bounded(2, gone.append)
    store.put("a", 1)
    store.put("b", 2)
    assert store.get("a") == 1
    store.put("c", 3)
    assert gone == [2]
    assert (store.get("b"), len(store), store.all()) == (None, 2, [1, 3])
    assert store.made("c", lambda: 9) == 3


def test_uploads_are_bounded_and_vanish() -> None:
    uploads = Uploads()
    text = "name,laser_nm,centre_nm,width_nm\nB530,488,530,{}\n"
    first = uploads.cytometer(text.format(1).encode(), "c.csv")
    for width in range(2, MOST_FILES + 2):
        uploads.cytometer(text.format(width).encode(), "c.csv")
    assert len(list(uploads.folder.iterdir())) == MOST_FILES
    with pytest.raises(PaneloptError, match="not here any more"):
        uploads.path(first)
    uploads.close()
    assert not uploads.folder.exists()


def test_after_a_restart_uploads_are_asked_for_again(page: Page, door: Door) -> None:
    stock = b"Antigen,Fluorochrome,Vendor,Cat. No.\nCD106,PE,BioLegend,305806\nnonsense,,,\n"
    sorter = b"name,laser_nm,centre_nm,width_nm\nYG585,561,585,15\nR670,640,670,30\nB695,488,695,40\n"
    assert "1 of 2 rows were read" in page.upload("stock", "<our> stock.csv", stock)
    assert "nonsense" in page.get("/out/left-out.csv")
    page.upload("sorter", "Our sorter.csv", sorter)
    page.post("/lock", m="CD106")
    state, result = page.sitting.state, page.sitting.result
    assert result is not None
    again = Desk(memory_mb=2000)
    other = Page(TestClient(application(door, again), base_url=door.address, cookies=page.client.cookies), again)
    text = other.open(state)
    assert "Upload these files again" in text
    assert "&lt;our&gt; stock.csv" in text
    assert "Our sorter.csv" in text
    assert other.sitting.state == state
    other.post("/search", kind="design")
    assert other.sitting.job is None
    assert "Our sorter.csv" in other.upload("stock", "renamed.csv", stock)
    assert other.sitting.result is None
    text = other.upload("sorter", "Our sorter.csv", sorter)
    assert "again</h2>" not in text
    assert other.sitting.state == state.with_(stock_name="renamed.csv")
    assert other.sitting.result == result
    assert "panelopt-serve-" not in other.get("/out/result.json")
    # another list than before
    text = other.open(state.with_(stock="own:0123456789abcdef"))
    text = other.upload("stock", "newer.csv", stock + b"CD45,APC,BioLegend,304012\n")
    assert "newer.csv differs from the file that was here before" in text
    other.open(state.with_(stock="own:0123456789abcdef", only_inventory=True))
    assert "again</h2>" not in other.post("/without-stock")
    assert (other.sitting.state.stock, other.sitting.state.only_inventory) == ("", False)
    assert other.sitting.result is not None
    again.close()
