"""What a user has set for Python, Jupyter, IPython or matplotlib changes no chapter."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from neuronlib.reproduction.book import notebooks

CHAPTER = """\
# %% tags=["parameters"]
networks: int = 2  # networks trained

# %%
import os
import sys

import neuronlib as nl

nl.plots.use_house_style()
axes = nl.plots.panel(2, 2)
axes.plot([1, 2], [3, 4], label="a line")
axes.set_title("a title").set_visible(True)

# %%
print(sys.executable, sys.flags.optimize, sys.warnoptions, bool(nl.measure.__doc__))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drawn.py").write_text(CHAPTER)
    return tmp_path


def outputs(folder: Path) -> list[dict]:
    notebook = notebooks.execute("drawn", {}, folder=folder, cwd=folder)
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def settings_of_a_user(folder: Path) -> dict[str, str]:
    (folder / "matplotlibrc").write_text("text.usetex: True\nfont.size: 30\naxes.grid: False\nsavefig.dpi: 7\n")
    kernel = folder / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    command = [str(folder / "another python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": command, "display_name": "Python 3", "language": "python"}))
    startup = folder / "profile_default" / "startup" / "first.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("raise SystemExit('a file that IPython runs first')")
    return {
        "MPLBACKEND": "Agg",
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
        "JUPYTER_PATH": str(folder),
        "IPYTHONDIR": str(folder),
        "PYTHONSTARTUP": str(startup),
        "PYTHONOPTIMIZE": "2",
        "PYTHONWARNINGS": "error",
    }


def test_a_users_settings_change_no_chapter(folder, monkeypatch):
    plain = outputs(folder)
    assert any("image/svg+xml" in output.get("data", {}) for output in plain)
    assert sys.executable in plain[-1]["text"]
    assert plain[-1]["text"].endswith("0 [] True\n")
    for name, value in settings_of_a_user(folder).items():
        monkeypatch.setenv(name, value)
    assert outputs(folder) == plain


@pytest.mark.parametrize("arguments", [["--version"], ["notebook", "--list"], ["claims", "Q22"], ["grade", "--help"]])
def test_commands_say_the_same_where_python_leaves_out_docstrings(arguments):
    plain, optimized = (
        subprocess.run(
            [sys.executable, "-m", "neuronlib", *arguments],
            env=os.environ | {"PYTHONOPTIMIZE": level},
            capture_output=True,
            text=True,
        )
        for level in ("", "2")
    )
    assert (optimized.returncode, optimized.stdout) == (0, plain.stdout)
