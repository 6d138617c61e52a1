"""Keys of many parts are seen, however they are written; texts and remarks are none."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelopt.io.toml_keys import MAX_PARTS, has_long_key

LONG = "a." * MAX_PARTS + "a"


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG} = 1",
        f"[{LONG}]",
        f"[[{LONG}]]",
        '"a" . ' * MAX_PARTS + "a = 1",
        "'=' . \"#\" .a." * MAX_PARTS + "a = 1",
        f"x = {{ y = '\"', {LONG} = 1, z = '\"' }}",
        f"# it's a \"remark\n{LONG} = 1",
        f"x = '#'\n{LONG} = 1",
        f'x = """a\\""""\n{LONG} = 1',
        f'x = {{ y = """a"""", {LONG} = 1 }}',
        f"x = {{ y = '''a''''', {LONG} = 1 }}",
        f'x = {{ y = "\\\\", {LONG} = 1 }}',
    ],
)
def test_long_keys_are_seen(text: str) -> None:
    tomllib.loads(text)  # they are valid TOML
    assert has_long_key(text)


@pytest.mark.parametrize(
    "text",
    [
        f'x = "{LONG}"',
        f"x = '{LONG}'",
        f'x = """\n{LONG}\n{LONG}"""',
        f"x = '''\n{LONG}'''",
        f"# {LONG}\nx = 1",
        "x = [" + "1.5, " * 1000 + "]",
        "x = 1.5\n" * 1,
        "a.b.c = 1\n[a.b.d]\n" + "".join(f"k{i}.x = 1.0\n" for i in range(500)),
        "a." * (MAX_PARTS - 1) + "a = 1",
    ],
)
def test_texts_and_numbers_are_no_keys(text: str) -> None:
    tomllib.loads(text)
    assert not has_long_key(text)


@given(st.text("ab.\"'#\\\n =[]{},", max_size=30), st.text("ab.\"'#\\\n =[]{},", max_size=30))
def test_no_valid_document_hides_a_long_key(before: str, after: str) -> None:
    text = f"{before}{LONG} = 1{after}"
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert has_long_key(text) == (_depth(document) > MAX_PARTS)


def _depth(document: object) -> int:
    depth = 0
    while document:
        inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
        deeper = [entry for entry in inner if isinstance(entry, dict | list) and entry]
        depth += isinstance(document, dict)
        document = max(deeper, key=lambda entry: len(str(entry)), default=None)
    return depth
