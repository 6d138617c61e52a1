"""Nobody else comes in, nothing else is read, and names are never markup."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from panelopt.api.problems import BLANK, GridMarker, GridPopulation, ProblemGrid, problem_of_grid, problem_toml
from panelopt.serve.app import application
from panelopt.serve.desk import Desk
from panelopt.serve.door import Door
from panelopt.serve.guard import FORM_BYTES, HEADERS, UPLOAD_BYTES
from panelopt.serve.pages import address
from panelopt.serve.state import LONGEST
from tests.serve.conftest import HERE, PORT, SMALL, Page

NAMES = ("<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "</bdi><svg onload=alert(1)>", "{{ 7 * 7 }}")
PATHS = ("/etc/passwd", "../../etc/passwd", "..", "x.toml", "C:\\boot.ini", "own:../../etc", "own:0000000000000000",
         "%2e%2e%2fetc", "file:///etc/passwd")  # fmt: skip


def addresses(door: Door, desk: Desk) -> list[tuple[str, str]]:
    """Method and path of everything that is behind the door."""
    routes = [route for route in application(door, desk).routes if isinstance(route, Route)]
    filled = [(method, re.sub(r"\{\w+\}", "x", route.path)) for route in routes for method in route.methods or ()]
    return [one for one in filled if one[1] != "/enter"]


def test_nothing_is_shown_without_the_cookie(stranger: TestClient, door: Door, desk: Desk) -> None:
    found = addresses(door, desk)
    assert len(found) > 20
    for method, path in found:
        assert stranger.request(method, path, headers=HERE).status_code == 403, (method, path)
    stranger.cookies.set(door.cookie, "guessed")
    assert stranger.get("/").status_code == 403


def test_the_token_works_once(stranger: TestClient, door: Door, desk: Desk) -> None:
    token = door.token
    assert stranger.get("/enter", params={"token": "guessed"}).status_code == 403
    assert stranger.get("/enter").status_code == 403
    answer = stranger.get("/enter", params={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert token not in cookie
    assert stranger.get("/").status_code == 200
    assert stranger.get("/enter", params={"token": token}).status_code == 303  # the same browser, once more
    other = TestClient(application(door, desk), base_url=door.address, follow_redirects=False)
    assert other.get("/enter", params={"token": token}).status_code == 403
    assert other.get("/enter", params={"token": ""}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1.evil.example:{PORT}", f"[::1]:{PORT}", ""]
)
def test_other_hosts_are_refused(client: TestClient, host: str) -> None:
    for path in ("/", "/enter", "/static/serve.js"):
        assert client.get(path, headers={"Host": host}).status_code == 421


def test_this_machine_has_two_names(client: TestClient) -> None:
    assert client.get("/static/serve.js", headers={"Host": f"localhost:{PORT}"}).status_code == 200


FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": f"http://127.0.0.1:{PORT + 1}"},
    {"Origin": f"https://127.0.0.1:{PORT}"},
    {**HERE, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {},
)
"""What a browser says of requests that other pages cause, or nothing."""


def test_other_sites_change_nothing(page: Page) -> None:
    before = page.sitting.state
    for headers in FOREIGN:
        for path in ("/clear", "/undo", "/search", "/upload/panel", "/question", "/grid"):
            answer = page.client.post(path, data={"desk": page.sitting.id, "kind": "design"}, headers=headers)
            assert answer.status_code == 403, (path, headers)
    assert page.sitting.state == before
    assert page.sitting.job is None


def test_the_page_itself_may_change(page: Page) -> None:
    for headers in (HERE, {"Sec-Fetch-Site": "same-origin"}, {**HERE, "Sec-Fetch-Site": "same-origin"}):
        assert page.client.post("/undo", data={"desk": page.sitting.id}, headers=headers).status_code == 200


def _pieces(size: int) -> Iterator[bytes]:
    for _ in range(0, size, 1 << 20):
        yield b"x" * (1 << 20)


@pytest.mark.parametrize(("path", "most"), [("/question", FORM_BYTES), ("/upload/stock", UPLOAD_BYTES)])
def test_too_much_is_refused_said_or_not(page: Page, path: str, most: int) -> None:
    headers = {**HERE, "Content-Type": "application/x-www-form-urlencoded"}
    said = page.client.post(path, content=b"", headers={**headers, "Content-Length": str(most + 1)})
    assert said.status_code == 413
    unsaid = page.client.post(path, content=_pieces(most + 1), headers=headers)
    assert unsaid.status_code == 413
    assert page.client.post(path, content=b"", headers={**headers, "Content-Length": "-5"}).status_code == 400


def test_every_answer_binds_the_browser(client: TestClient, stranger: TestClient) -> None:
    for path in ("/", "/static/serve.css", "/nothing", "/enter?token=no"):
        found = client.get(path).headers
        assert {name: found[name] for name in HEADERS} == HEADERS
        assert "unsafe" not in found["content-security-policy"]
    assert client.get("/", headers={"Host": "evil.example"}).headers["x-frame-options"] == "DENY"


def test_nothing_in_the_pages_needs_a_weaker_policy(page: Page) -> None:
    texts = [page.open(page.sitting.state), page.get("/grid"), page.get("/menu", m="CD106"), page.get("/bench")]
    texts += [page.get(f"/part/{tab}") for tab in ("spectra", "spillover", "gates", "compare")]
    for text in texts:
        assert not re.search(r"<script(?![^>]* src=)", text)
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)


def test_the_page_reads_no_paths(page: Page) -> None:
    before = page.sitting.state
    fields = ("problem", "cytometer", "catalogs")
    for number, name in enumerate(PATHS):  # each field gets several of them
        field = fields[number % len(fields)]
        chosen = {"problem": "cv-cd106", "cytometer": "aria-fusion", "catalogs": "msc-reagents", field: name}
        page.post("/question", **chosen)
        assert page.sitting.state == before, (field, name)
    for path in ("/static/%2e%2e/app.py", "/out/%2e%2e%2fetc%2fpasswd", "/part/%2e%2e%2fetc", "/upload/%2e%2e"):
        assert page.client.get(path, params={"desk": page.sitting.id}).status_code in (404, 405)


def test_a_local_file_does_not_take_the_place_of_a_shipped_name(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uc-gd2").write_text("not a problem", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    page.post("/question", problem="uc-gd2", cytometer="aria-fusion", catalogs="msc-reagents")
    assert page.sitting.state.problem == "uc-gd2"


def hostile() -> str:
    """A problem whose names are all markup."""
    markers = (*BLANK.markers, *(GridMarker(name, "candidate") for name in NAMES))
    grid = ProblemGrid(
        NAMES[0], "95", markers,
        (
            GridPopulation(NAMES[0], "target", "0.01", {"CD45": "-", "CD271": "bright"}),
            GridPopulation(NAMES[1], "contaminant", "0.9", {"CD45": "bright", "CD271": "-"}),
        ),
    )  # fmt: skip
    return problem_toml(problem_of_grid(grid))


def test_names_are_never_markup(page: Page) -> None:
    page.upload("problem", f"{NAMES[0]}.toml", hostile().encode())
    assert page.sitting.state.own_problem
    page.post("/place", m="CD271", dye="PE", detector="")
    page.post("/place", m="CD45", dye="APC", detector="")
    texts = [page.open(page.sitting.state), page.get("/grid"), page.get("/samples")]
    texts += [page.get("/menu", m=name) for name in (*NAMES, "CD271")]
    texts += [page.get(f"/part/{tab}") for tab in ("spectra", "spillover", "gates")]
    page.post("/keep", side="A")
    page.post("/keep", side="B")
    texts.append(page.get("/part/compare"))
    texts.append(page.upload("panel", "p.csv", f"marker,fluorochrome\n{NAMES[2]},{NAMES[0]}\n".encode()))
    for text in texts:
        assert not re.search(r"<(script>|img|svg onload)", text)
        assert "49" not in re.findall(r"\{\{ 7 \* 7 \}\}|>49<", text)
    assert sum("&lt;script&gt;" in text for text in texts) > 3


def test_messages_do_not_tell_where_uploads_lie(page: Page, desk: Desk) -> None:
    text = page.upload("problem", "p.toml", b'id = "x"\ncolour = 3\n')
    assert "unknown key" in text
    assert str(desk.uploads.folder) not in text
    for kind, name in (
        ("panel", "p.csv"),
        ("panel", "p.json"),
        ("stock", "s.csv"),
        ("stock", "s.exe"),
        ("sorter", "c.toml"),
    ):
        answer = page.upload(kind, name, b"\xff\xfe nonsense")
        assert 'class="notice"' in answer
        assert "panelopt-serve-" not in answer
    assert page.sitting.state.own_problem == ""


def test_made_up_sittings_are_refused(client: TestClient) -> None:
    for id_ in ("", "x", "../x", "a" * 5000):
        assert client.post("/undo", data={"desk": id_}, headers=HERE).status_code == 410
        assert client.get("/bench", params={"desk": id_}).status_code == 410


def test_a_door_of_another_address_knows_its_names() -> None:
    door = Door("192.0.2.7", 9000)
    assert door.hosts == {"192.0.2.7:9000"}
    assert not door.is_local
    assert Door("::1", 80).hosts == {"[::1]:80", "[::1]", "localhost:80", "localhost"}
    assert SMALL.problem not in door.entrance


def test_huge_grids_are_refused_and_small_ones_kept(page: Page) -> None:
    before = page.sitting.state
    began = time.process_time()
    huge = {"marker": ["m"] * 9_000, "population": ["p"] * 9_000}
    for todo in ("marker", "population", "save"):
        assert "at most 8,000 cells" in page.post("/grid", do=todo, **huge)
    text = page.post("/grid", do="marker", marker=["CD45"], marker_level=["dim"], more=",".join(map(str, range(9_000))))
    assert "at most 8,000 cells" in text
    assert 'value="dim"' in text
    assert time.process_time() - began < 20.0  # drawing it would take minutes
    assert page.sitting.state == before
    wide = [f'[[population]]\nname = "p{n}"\nrole = "ignore"\nfrequency = 1e-6\n' for n in range(80)]
    deep = [f'[[marker]]\nname = "m{n}"\n' for n in range(200)]
    text = page.upload("problem", "p.toml", "\n".join([hostile(), *wide, *deep]).encode())
    assert page.sitting.state.own_problem, text
    assert "at most 8,000 cells" in page.get("/grid")


def test_a_state_that_is_too_long_for_an_address_stays_on_the_server(page: Page) -> None:
    noise = (
        base64.b85encode(b"".join(sha256(bytes([n % 256, n // 256])).digest() for n in range(2000)))
        .decode()
        .replace('"', "")
        .replace("\\", "")
    )
    page.upload("problem", "p.toml", f"{hostile()}\n# {noise}\n".encode())
    assert page.sitting.state.own_problem
    text = page.get("/bench")
    assert "too large for the address" in text
    short = address(page.sitting)
    assert len(short) < LONGEST
    assert page.client.get(short).status_code == 200
    assert page.desk.sitting(page.sitting.id, None) is page.sitting


def test_names_in_products_are_never_markup(page: Page) -> None:
    stock = f'Antigen,Fluorochrome,Vendor,Cat. No.,Clone\nCD45,APC,"{NAMES[0]}","{NAMES[2]}","{NAMES[3]}"\n'
    texts = [page.upload("stock", f"{NAMES[0]}.csv", stock.encode()), page.get("/menu", m="CD45")]
    texts += [page.get("/part/order"), page.open(page.sitting.state)]
    page.post("/buy", m="CD45", vendor=NAMES[1], catalog_number=NAMES[2], clone="x")
    texts += [page.get("/menu", m="CD45"), page.get("/part/order"), page.get("/bench")]
    for text in texts:
        assert not re.search(r"<(script>|img|svg onload)", text)
    assert sum("&lt;script&gt;" in text for text in texts) > 3
    assert "Not done" in page.post("/buy", m="CD45", vendor="x" * 500)


def test_a_page_of_an_ended_server_says_what_to_do(stranger: TestClient, door: Door) -> None:
    stranger.cookies.set(door.cookie, "of the server before")
    answer = stranger.post("/undo", data={"desk": "x"}, headers=HERE)
    assert answer.status_code == 403
    assert "started again" in answer.text
