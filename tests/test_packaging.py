import ast
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

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, PYTEST = PYPROJECT["project"], PYPROJECT["tool"]["pytest"]["ini_options"]
WANTED = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
LOCK = (ROOT / "requirements.txt").read_text()

# A module imports only modules named before it.
ORDER = (
    "types places progress processes randomness config devices _files _members data quantize counts measures "
    "selectivity pairs decomposition oinformation gaussian_copula multiplets _chunks _normalization _layers ensemble "
    "initialization modules own groups _backpropagation _updates _dropout _compiling training faults ordering "
    "ablation surgery subsets significance statistics writing store settings pieces plans results studies experiments "
    "criteria removal_orders merging diverse selection pruning _weights computing replications comparisons runner "
    "audit verification doctor archives pruned evidence verdicts effects thresholds single_neurons arms conclusions "
    "_figures _quantities _asking _questions_distributions _questions_whole _questions_mnist _questions_fashion "
    "_questions_cifar questions formatting pages svg plots neuron_plots explorer panels small_multiples performance "
    "benchmark_plots chapters claims claim_pages front_page sensitivity constant_neurons notebooks book _report "
    "_checks_measures _checks_ablation _laws _checks_replication _checks_importance _contest course assignments "
    "_nbgrader handouts grading _parsers commands run_commands course_commands cli"
).split()
IMPORTERS = {
    # Modules with an underscore are parts of the module that comes after them.
    "torch": set(
        "devices counts _chunks _normalization _layers ensemble initialization _backpropagation _updates "
        "_compiling training ablation _weights modules own doctor".split()
    ),
    "torchvision": {"_files"},
    "matplotlib": {
        "plots",
        "neuron_plots",
        "panels",
        "small_multiples",
        "benchmark_plots",
        "front_page",
        "sensitivity",
        "constant_neurons",
    },
    "papermill": {"chapters", "notebooks"},
    "myst_nb": set(),
}
TORCH_FREE = (
    set(ORDER)
    - IMPORTERS["torch"]
    - {
        "experiments",
        "groups",
        "subsets",
        "surgery",
        "criteria",
        "removal_orders",
        "merging",
        "diverse",
        "selection",
        "pruning",
        "comparisons",
        "computing",
        "replications",
        "runner",
        "verification",
        "_contest",
    }
)
MODULES = {path.stem: path for path in sorted((ROOT / "neuronlib").glob("*.py")) if path.stem != "__init__"}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_what_comes_before_it(module):
    used = {name.split(".")[1] for name in imported(MODULES[module]) if name.startswith("neuronlib.")}
    assert used <= set(ORDER[: ORDER.index(module)])


@pytest.mark.parametrize("package", IMPORTERS)
def test_package_is_imported_only_where_the_design_allows(package):
    users = {module for module, path in MODULES.items() if package in {name.split(".")[0] for name in imported(path)}}
    assert users == IMPORTERS[package]


def test_shapes_are_checked_in_every_module_that_states_them():
    (option,) = (one for one in PYTEST["addopts"] if one.startswith("--jaxtyping-packages="))
    *checked, _ = option.partition("=")[2].split(",")
    stating = [module for module, path in MODULES.items() if any("jaxtyping." in name for name in imported(path))]
    assert {f"neuronlib.{module}" for module in stating} <= set(checked)


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"_asking", "_quantities"}))
def test_every_public_function_and_class_has_an_example_that_doctest_runs(module):
    public = [
        node
        for node in ast.parse(MODULES[module].read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert [node.name for node in public if ">>> " not in (ast.get_docstring(node) or "")] == []


def test_the_book_lists_every_public_module_in_order():
    pages = re.findall(r"file: (book/api\w*)", (ROOT / "_toc.yml").read_text())
    text = "".join((ROOT / f"{page}.md").read_text() for page in pages)
    listed = re.findall(r"automodule:: neuronlib\.(\w+)", text)
    assert listed == [module for module in ORDER if not module.startswith("_")]


def test_the_map_of_the_house_has_every_public_module_once():
    rows = re.findall(r"^\| [a-z ]+ \| (`.*) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.M)
    assert sorted(re.findall(r"`([a-z]\w*)`", " ".join(rows))) == sorted(one for one in ORDER if one[0] != "_")


def test_results_can_be_read_measured_and_drawn_without_torch():
    names = ", ".join(f"neuronlib.{module}" for module in ORDER if module in TORCH_FREE & MODULES.keys())
    code = f"import sys, {names}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


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
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "neuronlib").glob("*.py")}
    chapters = {f"neuronlib/_book/{path.name}" for path in (ROOT / "book").glob("*.py")}
    profiles = {f"neuronlib/_book/profiles/{name}.toml" for name in ("smoke", "book", "paper")}
    benchmark = {f"neuronlib/_results/bench/{name}.json" for name in ("limits", "training", "growth")}
    assert names > sources | chapters | profiles | benchmark
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
    assert run.stdout.split() == sorted(path.stem for path in (ROOT / "book").glob("*.py"))


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
