"""Finding catalogs, cytometers, dyes and problems: precedence, broken plug-ins, unknown names."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from panelopt import registry
from panelopt.catalogs import CATALOG_FOLDERS_VARIABLE, CatalogSource, catalog_sources, find_catalogs
from panelopt.catalogs import store as catalog_store
from panelopt.catalogs.find import catalog_cache
from panelopt.errors import InputError
from panelopt.registry.cache_places import CACHE_VARIABLE
from tests.builders import write_catalog_folder

Plug = Callable[..., Path]


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Install a plug-in: a distribution with an entry point whose package holds catalog folders."""

    def install(distribution: str, package: str, **catalogs: str) -> Path:
        site = tmp_path / f"site-{distribution}"
        info = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[panelopt.catalogs]\nany = {package}\n")
        (site / package).mkdir()
        (site / package / "__init__.py").write_text("raise RuntimeError('plug-in code must not run')\n")
        for folder, name in catalogs.items():
            write_catalog_folder(site / package / folder, name)
        monkeypatch.syspath_prepend(str(site))
        importlib.invalidate_caches()
        return site / package

    return install


@pytest.fixture(autouse=True)
def no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CATALOG_FOLDERS_VARIABLE, raising=False)


def names_of(sources: tuple[CatalogSource, ...]) -> list[str]:
    return [source.name for source in sources]


def test_built_in_catalogs_are_found_and_read() -> None:
    catalogs, _ = find_catalogs()
    assert catalogs
    assert all("synthetic" not in catalog.name for catalog in catalogs)
    assert all(catalog.origin.startswith("panelopt ") and catalog.rows for catalog in catalogs)


def test_plugin_is_found_without_running_its_code(plug: Plug) -> None:
    plug("acme-catalog", "acme_catalog", antibodies="acme")
    sources, findings = catalog_sources()
    assert "acme" in names_of(sources)
    assert not findings
    (catalog,), _ = find_catalogs(["acme"])
    assert (catalog.rows, catalog.origin) == (1, "acme-catalog 1.0")
    assert "acme_catalog" not in sys.modules
    assert "acme" in [catalog.name for catalog in find_catalogs()[0]]


def test_synthetic_catalogs_must_be_named(plug: Plug) -> None:
    plug("acme-catalog", "acme_synthetic", antibodies="acme-synthetic")
    assert "acme-synthetic" not in [catalog.name for catalog in find_catalogs()[0]]
    assert find_catalogs(["acme-synthetic"])[0][0].rows == 1


def test_folder_goes_before_plugin_before_built_in(plug: Plug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (built_in, *_), _ = catalog_sources()
    plug("acme-catalog", "acme_twin", antibodies=built_in.name)
    sources, findings = catalog_sources()
    kept = next(source for source in sources if source.name == built_in.name)
    assert kept.kind == "plugin"
    assert [finding.code for finding in findings] == ["duplicate-catalog"]
    write_catalog_folder(tmp_path / "mine" / "one", built_in.name)
    monkeypatch.setenv(CATALOG_FOLDERS_VARIABLE, str(tmp_path / "mine"))
    assert catalog_sources()[0][0].folder == tmp_path / "mine" / "one"
    assert find_catalogs([built_in.name])[0][0].rows == 1


def test_environment_names_catalogs_and_folders_of_catalogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    single = write_catalog_folder(tmp_path / "single", "one")
    write_catalog_folder(tmp_path / "many" / "a", "two")
    write_catalog_folder(tmp_path / "many" / "b", "three")
    places = [str(single), str(tmp_path / "many"), "", str(tmp_path / "missing")]
    monkeypatch.setenv(CATALOG_FOLDERS_VARIABLE, os.pathsep.join(places))
    assert names_of(catalog_sources()[0])[:3] == ["one", "two", "three"]


def test_broken_plugin_warns_unless_named(plug: Plug) -> None:
    package = plug("bad-catalog", "bad_catalog", rows="bad-rows", head="bad-head")
    (package / "rows" / "conjugates.csv").write_text("marker,fluorochrome\nCD45\nCD3\n")
    (package / "head" / "catalog.toml").write_text("name = ")
    catalogs, findings = find_catalogs()
    assert catalogs
    messages = [finding.message for finding in findings if finding.code == "broken-catalog"]
    assert len(messages) == 2
    assert all("bad-catalog 1.0" in message for message in messages)
    with pytest.raises(InputError) as caught:
        find_catalogs(["bad-rows"])
    assert len(caught.value.findings) == 2
    with pytest.raises(InputError):
        find_catalogs(["head"])


def test_two_plugins_of_one_name_are_an_error_when_named(plug: Plug) -> None:
    plug("acme-a", "acme_a", antibodies="acme")
    plug("acme-b", "acme_b", antibodies="acme")
    sources, findings = catalog_sources()
    assert names_of(sources).count("acme") == 1
    assert "acme-b 1.0 is skipped: acme-a 1.0" in findings[0].message
    with pytest.raises(InputError, match=r"acme-a 1\.0 and acme-b 1\.0") as caught:
        find_catalogs(["acme"])
    assert caught.value.findings[0].code == "ambiguous-catalog"


def test_missing_package_of_a_plugin_is_no_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "gone-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gone\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[panelopt.catalogs]\na = gone_package\nb = gone.deeper.package\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert catalog_sources()[0]


def test_named_once_is_read_once_and_inventory_comes_first(tmp_path: Path) -> None:
    folder = write_catalog_folder(tmp_path / "mine", "mine")
    shelf = write_catalog_folder(tmp_path / "shelf", "shelf", ["CD45,PE"])
    catalogs, _ = find_catalogs([str(folder), f"{folder}/"], inventory=str(shelf))
    assert [(catalog.name, catalog.inventory) for catalog in catalogs] == [("shelf", True), ("mine", False)]


def test_large_catalogs_are_kept_where_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_store, "SMALL_BYTES", 0)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "kept"))
    folder = write_catalog_folder(tmp_path / "mine", "mine", ["LNGFR,PE", "CD45,FITC", "CD45,PE"])
    for _ in range(2):
        (catalog,), _ = find_catalogs([str(folder)], markers={"CD271"})
        assert (catalog.rows, [c.marker for c in catalog.conjugates]) == (3, ["CD271"])
        assert catalog.origin == str(folder)
    assert len(list((tmp_path / "kept" / "catalogs").glob("*.parquet"))) == 1
    (shelf, *_), _ = find_catalogs([str(folder)], inventory=str(folder), markers={"CD271"})
    assert (shelf.inventory, len(shelf.conjugates)) == (True, 3)
    monkeypatch.delenv(CACHE_VARIABLE)
    assert catalog_cache().folder == platformdirs.user_cache_path("panelopt") / "catalogs"


@pytest.mark.parametrize(
    ("find", "wrong", "right"),
    [
        (registry.find_problem, "bm-cd271-cd145", "bm-cd271-cd146"),
        (registry.find_cytometer, "aria-fussion", "aria-fusion"),
        (registry.find_fluorochrome, "BV412", "BV421"),
        (lambda name: find_catalogs([name]), "msc-reagent", "msc-reagents"),
    ],
)
def test_unknown_names_are_answered_with_the_closest(find: Callable[[str], object], wrong: str, right: str) -> None:
    with pytest.raises(InputError) as caught:
        find(wrong)
    assert f"Did you mean {right}" in caught.value.hint


@pytest.mark.parametrize("find", [registry.find_problem, registry.find_cytometer])
def test_a_path_that_is_missing_is_named(find: Callable[[str], object], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.toml"):
        find(str(tmp_path / "nothing.toml"))


def test_problem_comes_with_path_and_hash() -> None:
    found = registry.find_problem("bm-cd271-cd146")
    assert found.problem.id == found.path.stem == "bm-cd271-cd146"
    assert found.sha256 == hashlib.sha256(found.path.read_bytes()).hexdigest()


PROBLEM = """id = "mine"
marker = [{ name = "CD45", level = "mid" }]
"""


def test_a_file_beside_the_user_goes_before_what_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = registry.cytometer_file("aria-iii").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("bm-cd271-cd146", "mine.toml", "mine"):
        Path(name).write_text(PROBLEM, encoding="utf-8")
        assert registry.find_problem(name).problem.id == "mine"
    Path("fortessa").write_text(text, encoding="utf-8")
    assert registry.find_cytometer("fortessa").id == "aria-iii"
    assert registry.find_cytometer("Fortessa").id == "fortessa"  # a file is called as it is
    assert registry.find_problem("bm-cd271-cd146", None).problem.id == "bm-cd271-cd146"
    assert registry.find_cytometer("fortessa", None).id == "fortessa"
    Path("uc-gd2").mkdir()  # no file
    assert registry.find_problem("uc-gd2").problem.id == "uc-gd2"
    with pytest.raises(InputError, match="no problem is called 'mine'"):
        registry.find_problem("mine", None)


def test_a_catalog_beside_the_user_goes_before_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("msc-reagents").mkdir()  # holds no catalog
    assert find_catalogs(["msc-reagents"])[0][0].rows > 1
    write_catalog_folder(Path("msc-reagents"), "any")
    assert find_catalogs(["msc-reagents"])[0][0].rows == 1
    assert find_catalogs(["MSC Reagents"])[0][0].rows > 1
    assert find_catalogs(["msc-reagents"], beside=None)[0][0].rows > 1
    Path("shelf.csv").write_text("marker,fluorochrome\nCD45,PE\n", encoding="utf-8")
    (shelf, catalog), _ = find_catalogs(["shelf.csv"], inventory="shelf.csv")
    assert (shelf.inventory, shelf.rows, catalog.inventory, catalog.rows) == (True, 1, False, 1)
    (elsewhere, _), _ = find_catalogs(["msc-reagents"], inventory="shelf.csv", beside=None)
    assert elsewhere.rows == 1


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "..", " "])
def test_what_can_be_no_path_is_an_unknown_name(name: str) -> None:
    for find in (registry.find_problem, registry.find_cytometer, lambda one: find_catalogs([one])):
        with pytest.raises(InputError):
            find(name)


@pytest.mark.parametrize(
    ("find", "written", "meant"),
    [
        (lambda name: registry.find_problem(name).problem.id, "BM CD271 CD146", "bm-cd271-cd146"),
        (lambda name: registry.find_cytometer(name).id, "FACS Melody", "facsmelody"),
        (lambda name: find_catalogs([name])[0][0].name, "MSC_reagents", "msc-reagents"),
        (lambda name: registry.find_fluorochrome(name).name, "p e cy55", "PE-Cy5.5"),
    ],
)
def test_names_are_found_without_regard_to_case_blanks_and_punctuation(
    find: Callable[[str], str], written: str, meant: str
) -> None:
    assert find(written) == meant


def test_the_beginning_of_several_names_is_answered_with_all_of_them() -> None:
    with pytest.raises(InputError) as caught:
        registry.find_cytometer("aria")
    assert all(name in caught.value.hint for name in registry.cytometer_names() if "aria" in name)


def test_every_shipped_thing_is_readable_and_named_after_its_file() -> None:
    assert all(registry.find_cytometer(name).id == name for name in registry.cytometer_names())
    assert all(registry.find_problem(name).problem.id == name for name in registry.problem_names())
    dyes = registry.fluorochromes()
    assert len({dye.name for dye in dyes}) == len(dyes) > 0
    assert all(dye.use != "autofluorescence" for dye in dyes)
    assert registry.autofluorescence().use == "autofluorescence"


def test_dyes_are_found_by_alias() -> None:
    assert registry.find_fluorochrome("Brilliant Violet 421").name == "BV421"
    assert registry.fluorochrome_names().resolve("bv 421") == "BV421"
    assert registry.marker_names().resolve("NGFR") == "CD271"
