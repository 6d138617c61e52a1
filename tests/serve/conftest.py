"""The application without a server: requests of a browser that has been let in, and of others."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")
pytest.importorskip("httpx", reason="its test client needs httpx")
pytest.importorskip("python_multipart", reason="the extra `serve` is not installed")

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Using `httpx`")  # newer versions prefer another package
    warnings.filterwarnings("ignore", message="The anyio.abc.BlockingPortal alias")  # older ones, with a newer anyio
    from starlette.testclient import TestClient

from panelopt.serve.app import application
from panelopt.serve.desk import Desk
from panelopt.serve.door import Door
from panelopt.serve.pages import address
from panelopt.serve.sitting import Sitting
from panelopt.serve.state import Slot, State

PORT = 8765
HERE = {"Origin": f"http://127.0.0.1:{PORT}"}
"""What a browser says of a request from the page itself."""

PANEL = (
    Slot(markers=("viability",), dye="7-AAD"),
    Slot(markers=("CD106",), dye="PE"),
    Slot(markers=("CD45",), dye="APC"),
)
SMALL = State(problem="cv-cd106", cytometer="aria-fusion", catalogs=("msc-reagents",))


@dataclass
class Page:
    """A tab of the page.

    Attributes:
        client: The browser.
        desk: What is behind the page.
        sitting: The tab's.
    """

    client: TestClient
    desk: Desk
    sitting: Sitting = field(init=False)

    def open(self, state: State) -> str:
        """Open the page in a state; return its text."""
        sitting = Sitting(state=state)
        answer = self.client.get(address(sitting))
        assert answer.status_code == 200, answer.text
        found = re.search(r"desk&#34;: &#34;([\w-]+)", answer.text)
        assert found
        self.sitting = self.desk.sittings.get(found[1]) or sitting
        return answer.text

    def get(self, path: str, **params: Any) -> str:
        """Return a part of the page."""
        answer = self.client.get(path, params={"desk": self.sitting.id, **params})
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **fields: Any) -> str:
        """Do something on the page; return what is drawn anew."""
        answer = self.client.post(path, data={"desk": self.sitting.id, **fields}, headers=HERE)
        assert answer.status_code == 200, answer.text
        return answer.text

    def upload(self, kind: str, name: str, content: bytes) -> str:
        """Upload a file."""
        fields, files = {"desk": self.sitting.id}, {"file": (name, content)}
        answer = self.client.post(f"/upload/{kind}", data=fields, files=files, headers=HERE)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def door() -> Door:
    return Door("127.0.0.1", PORT)


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    """Shared by all tests: each opens sittings of its own, and questions are read once."""
    found = Desk(memory_mb=2000)
    yield found
    found.close()


@pytest.fixture
def stranger(door: Door, desk: Desk) -> TestClient:
    """A browser that has not been let in."""
    return TestClient(application(door, desk), base_url=door.address, follow_redirects=False)


@pytest.fixture
def client(stranger: TestClient, door: Door) -> TestClient:
    """A browser that has been let in."""
    assert stranger.get("/enter", params={"token": door.token}).status_code == 303
    return stranger


@pytest.fixture
def page(client: TestClient, desk: Desk) -> Page:
    """A page with a small question and a panel."""
    found = Page(client, desk)
    found.open(SMALL.with_(panel=PANEL))
    return found
