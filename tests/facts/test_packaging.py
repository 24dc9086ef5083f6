import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from neuronlib.reproduction.book.chapters import chapters

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, PYTEST = PYPROJECT["project"], PYPROJECT["tool"]["pytest"]["ini_options"]
WANTED = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
LOCK = (ROOT / "requirements.txt").read_text()
WITH_ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_environment_for_conda_lists_what_the_package_asks_for():
    listed = re.findall(r'^      - "(.+)"$', (ROOT / "environment.yml").read_text(), re.M)
    assert listed == WANTED


def test_every_pin_satisfies_what_the_package_asks_for():
    pins = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, re.M)}
    for requirement in map(Requirement, WANTED):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement
        assert all(canonicalize_name(extra) in pins for extra in requirement.extras)


def test_every_pin_has_a_hash_and_nothing_names_a_host():
    for pin in re.split(r"\n(?=\S)", LOCK.strip()):
        assert re.fullmatch(r"[\w.-]+==[^\s;]+( ; [^\\]+?)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n?)+", pin), pin


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    for name in ("neuronlib", "book", "results"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "book" / "page.ipynb").write_text("{}")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = (source / "dist").glob("*.whl")
    return wheel


def test_wheel_holds_the_library_the_chapters_and_the_profiles_but_no_pages(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "neuronlib").rglob("*.py")}
    sources_of_chapters = {f"neuronlib/_book/{path.name}" for path in (ROOT / "book").glob("*.py")}
    profiles = {f"neuronlib/_book/profiles/{name}.toml" for name in ("smoke", "book", "paper")}
    benchmark = {f"neuronlib/_results/bench/{name}.json" for name in ("limits", "training", "growth")}
    assert names > sources | sources_of_chapters | profiles | benchmark
    assert not {name for name in names if name.endswith(".ipynb") or name.startswith(("book/", "results/"))}


def test_installed_wheel_finds_its_chapters_outside_the_checkout(wheel, tmp_path):
    site = tmp_path / "site"
    install = ["uv", "pip", "install", "--offline", "--no-deps", "--python", sys.executable, "--target", str(site)]
    subprocess.run([sys.executable, "-m", *install, str(wheel)], check=True, capture_output=True)
    run = subprocess.run(
        [sys.executable, str(site / "bin" / "neuronlib"), "notebook", "--list"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site)},
        text=True,
        capture_output=True,
        check=True,
    )
    assert run.stdout.split() == chapters()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs GNU make")
@pytest.mark.parametrize("setting", ["PROFILE=smok", "PROFILE=smoke book", "PROFILE=", "DEVICE=tpu", "DEVICE=cpu cuda"])
def test_make_refuses_an_unknown_choice_in_one_line(setting):
    run = subprocess.run(["make", "-n", "book", setting], cwd=ROOT, text=True, capture_output=True)
    assert run.returncode == 2
    assert re.fullmatch(rf"Makefile:\d+: \*\*\* {setting}: choose [^\n]+\n", run.stderr)


@pytest.mark.skipif(shutil.which("make") is None, reason="needs GNU make")
def test_make_without_a_target_shows_help():
    run = subprocess.run(["make"], cwd=ROOT, text=True, capture_output=True, check=True)
    assert all(f"make {target}" in run.stdout for target in ("env", "book", "test", "clean"))


def test_rooms_import_only_what_stands_below_them():
    run = subprocess.run(["lint-imports"], cwd=ROOT, text=True, capture_output=True, env=WITH_ENVIRONMENT)
    assert run.returncode == 0, run.stdout


NEEDS_TORCH = {
    "neuronlib.networks", "neuronlib.training", "neuronlib.pruning", "neuronlib.experiment", "neuronlib.common.devices",
    "neuronlib.data.batches",
    "neuronlib.information.counts", "neuronlib.information.measuring", "neuronlib.information.groups.layers",
    "neuronlib.ablation.cumulative", "neuronlib.ablation.subsets", "neuronlib.reproduction.store.weights",
    "neuronlib.reproduction.compute", "neuronlib.reproduction.course.importance_contest",
    "neuronlib.reproduction.pages.own_network", "neuronlib.reproduction.pages.report",
}  # fmt: skip
"""Rooms and modules that compute, as of a reader's own network; `sources` and `doctor` load torch once they have to."""
READS = {"neuronlib.reproduction.compute.sources", "neuronlib.reproduction.compute.doctor"}


def modules() -> list[str]:
    names = [path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "neuronlib").rglob("*.py")]
    return sorted(name.removesuffix("/__init__").replace("/", ".") for name in names if "__main__" not in name)


def test_results_can_be_read_measured_and_drawn_without_torch():
    free = [
        name
        for name in modules()
        if name in READS or not any(name == one or name.startswith(f"{one}.") for one in NEEDS_TORCH)
    ]
    code = f"import sys, {', '.join(free)}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
