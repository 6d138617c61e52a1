"""The documentation is true: its commands work, its tables are complete, its links lead somewhere."""

from __future__ import annotations

import json
import re
import runpy
from collections import Counter
from importlib import resources
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from panelopt import registry
from panelopt.cli import main, output
from panelopt.cli.group import EXIT_INTERRUPTED, EXIT_LIMIT
from panelopt.errors import InputError, UsageError
from tests.docs import pages
from tests.docs.pages import PAGES, ROOT

README = ROOT / "README.md"
OWN_FILES = ROOT / "docs" / "your-own-files.md"
SECONDS = "4"
"""Time limit of a search that only shows that a command works."""

NOT_YET: frozenset[str] = frozenset()
"""Commands that pages and messages name although they are still to be written."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def leaves(group: click.Group = main, path: tuple[str, ...] = ()) -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= leaves(command, (*path, name))
        else:
            found[" ".join((*path, name))] = command
    return found


def panelopt(words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a documented command in a folder; searches get a short time limit, whose end is no failure."""
    monkeypatch.chdir(folder)
    if words[1] in ("design", "improve"):
        words = [*words, "--time-limit", SECONDS]
    outcome = CliRunner().invoke(main, words[1:], prog_name="panelopt")
    assert outcome.exit_code == 0, f"{' '.join(words)}\n{outcome.output}"
    return outcome.stdout


@each_page
def test_every_console_command_is_understood(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for words in pages.commands(page):
        name = Path(words[0]).name
        if name == "panelopt":
            outcome = CliRunner().invoke(main, [*words[1:], "--help"])
            assert outcome.exit_code == 0, f"{' '.join(words)}\n{outcome.output}"
        elif name == "make":
            assert set(words[1:]) <= targets
        elif name == "python" and words[1] != "-m":
            assert (ROOT / words[1]).is_file()
        else:
            assert name in ("python", "python3", "pip", "export")


@each_page
def test_only_commands_that_exist_are_mentioned(page: Path) -> None:
    known = leaves()
    for text in pages.mentioned(page) - NOT_YET:
        first = text.split()[0]
        group = main.commands.get(first)
        assert group is not None, f"panelopt {text}"
        assert not isinstance(group, click.Group) or text == first or text in known, f"panelopt {text}"


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in pages.links(page):
        target = pages.linked(page, path)
        assert target.exists(), path
        assert not anchor or anchor in pages.anchors(target), f"{path}#{anchor}"


def test_quick_start_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [line for line in pages.commands(README) if line[0] == "panelopt"]
    quick = [line for line in words if not any("demo-output" in word for word in line)]
    assert {line[1] for line in quick} == {"problem", "cytometer", "design", "score", "improve"}
    for line in quick:
        panelopt(line, tmp_path, monkeypatch)
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["panel"]


def test_own_files_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = pages.named_files(OWN_FILES)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = [line for line in pages.commands(OWN_FILES) if set(files) & {word.removeprefix("./") for word in line}]
    assert set(files) <= {word.removeprefix("./") for line in lines for word in line}
    for line in lines:
        shown = panelopt(line, tmp_path, monkeypatch)
    assert "optimal" in shown


def test_the_recomputed_ratio_is_that_of_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ROOT / "docs" / "instance.md"
    (line,) = pages.commands(page)
    panelopt([word for word in line if word not in ("--time-limit", "10")], tmp_path, monkeypatch)
    (code,) = (block.text for block in pages.blocks(page) if block.language == "python")
    (tmp_path / "check.py").write_text(code, "utf-8")
    runpy.run_path("check.py")
    computed, reported = re.findall(r"(-?\d+\.\d{6})", capsys.readouterr().out)
    assert abs(float(computed) - float(reported)) < 1e-5


def test_command_reference_is_up_to_date() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "make_command_reference.py"))
    shown = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert shown == tool["reference"](), "run: python tools/make_command_reference.py"


def test_command_reference_names_every_option() -> None:
    page = ROOT / "docs" / "commands.md"
    for path, command in leaves().items():
        named = {word.rstrip(",") for cell in pages.table_names(page, f"panelopt {path}") for word in cell.split()}
        options = [param for param in command.params if isinstance(param, click.Option)]
        assert {name for option in options for name in option.opts} <= named, path


def test_readme_lists_every_command() -> None:
    assert {name.split()[0] for name in pages.table_names(README, "Commands")} == set(main.commands)


def test_readme_lists_every_exit_code() -> None:
    section = README.read_text(encoding="utf-8").split("## Exit codes")[1].split("##")[0]
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", section, flags=re.MULTILINE)}
    assert codes == {
        0, InputError.exit_code, UsageError.exit_code, output.EXIT_INFEASIBLE, EXIT_LIMIT, EXIT_INTERRUPTED,
    }  # fmt: skip


def test_result_page_describes_every_field() -> None:
    schema = json.loads((resources.files("panelopt.schemas") / "result.schema.json").read_text(encoding="utf-8"))
    objects = {"Result": schema, **schema["$defs"]}
    for name, definition in objects.items():
        if "properties" in definition:
            assert pages.table_names(ROOT / "docs" / "result.md", name) == set(definition["properties"]), name


def test_instance_page_describes_every_array() -> None:
    from panelopt.io.instance_npz import arrays
    from panelopt.questions.question import Options, compiled, load

    instance = compiled(load("cv-cd106", cytometer="aria-fusion"), Options()).instance
    assert pages.table_names(ROOT / "docs" / "instance.md") == set(arrays(instance))


def test_counts_of_dyes_are_those_that_are_shipped() -> None:
    count = Counter(dye.brightness.origin for dye in registry.fluorochromes())
    total = len(registry.fluorochromes())
    measured = f"{count['measured']} of {total} dyes"
    assert measured in README.read_text(encoding="utf-8")
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    for phrase in (measured, f"{count['class_median']} dyes", f"{count['model']} dyes"):
        assert phrase in text


@pytest.mark.slow
def test_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    demo, plan = [block.text for block in pages.blocks(README) if block.language == "text"][:2]
    result = str(tmp_path / "result.json")
    asked = ["bm-cd271-cd146", "--cytometer", "aria-fusion", "-q"]
    designed = ["design", *asked, "--time-limit", "900"]  # it ends long before, however busy the machine is
    assert CliRunner().invoke(main, [*designed, "-o", result]).exit_code == 0
    for shown, words in (
        (demo, designed),
        (plan, ["sort-plan", asked[0], result, *asked[1:], "--spares", "0"]),
    ):
        printed = CliRunner().invoke(main, words).stdout.splitlines()
        assert [line for line in shown.splitlines() if line != "[...]" and line not in printed] == []
