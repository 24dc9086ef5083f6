"""Files for tools that nobody runs here are checked against the schemas of these tools."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_keeps_its_schema(workflow):
    schema = ["--builtin-schema", "vendor.github-workflows"]
    run = subprocess.run([sys.executable, "-m", "check_jsonschema", *schema, workflow], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_issue_form_asks_for_what_is_needed(form):
    schema = ["--builtin-schema", "vendor.github-issue-forms"]
    run = subprocess.run([sys.executable, "-m", "check_jsonschema", *schema, form], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    content = yaml.safe_load(form.read_text())
    assert content["name"] and content["description"]
    assert sum(part.get("validations", {}).get("required", False) for part in content["body"]) == 2


def test_version_is_one():
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


def test_citation_keeps_its_schema():
    schema = ["--builtin-schema", "vendor.citation-file-format"]
    citation = ROOT / "CITATION.cff"
    run = subprocess.run([sys.executable, "-m", "check_jsonschema", *schema, citation], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_book_s_footer_the_citation_the_readme_and_the_licence_name_the_same_authors():
    (author,) = yaml.safe_load((ROOT / "CITATION.cff").read_text())["authors"]
    assert yaml.safe_load((ROOT / "_config.yml").read_text())["author"] == author["name"]
    name = author["name"].replace("The ", "the ", 1)
    assert f"By {name}." in (ROOT / "README.md").read_text()
    assert name in (ROOT / "LICENSE").read_text()


def test_hooks_run_what_is_installed_here():
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        assert (Path(sys.executable).parent / Path(hook["entry"].split()[0]).name).is_file()
