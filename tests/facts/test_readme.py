"""What README.md, the book and the commands' help tell people to type can be typed."""

import copy
import re
import shlex
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from neuronlib.reproduction.book import chapters
from neuronlib.reproduction.cli.main import _parser
from neuronlib.reproduction.design.settings import named
from neuronlib.reproduction.design.studies import ALL_STUDIES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TOLD = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "book").glob("*.md"))]
PARSER: Any = _parser()
COMMANDS = PARSER._subparsers._group_actions[0].choices
HELP = [PARSER.format_help(), *(command.format_help() for command in COMMANDS.values())]
CHAPTERS = sorted((ROOT / "book").glob("*.py"))
TEXTS = [*(path.read_text() for path in (*TOLD, *CHAPTERS)), *HELP]
# In chapters, lines of code are indented or behind a dash; a line that ends in a backslash goes on in the next.
LINES = r"^(?:# +- |#    +| *)(neuronlib (?:.*\\\n)*.+)"
TYPED = sorted({re.sub(r"\\\n#?", "", line) for text in TEXTS for line in re.findall(LINES, text, re.M)})
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.mark.parametrize("line", TYPED)
def test_command_is_one_that_neuronlib_takes(line):
    options = _parser().parse_args(shlex.split(line, comments=True)[1:])
    assert "command" in options
    if getattr(options, "chapter", None):
        given = {name: chapters.from_text(name, text) for name, text in options.given}
        chapters.checked(options.chapter, given)
    for name in getattr(options, "settings", None) or []:
        assert name in ALL_STUDIES or named(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_shows_how_it_is_called(name):
    told = COMMANDS[name].format_help()
    assert re.search(rf"^examples:\n  neuronlib {name}", told, re.M)
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("path", TOLD, ids=lambda path: path.name)
def test_make_knows_every_target_that_is_named(path):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", path.read_text(), re.M)) <= {
        pair for name in targets for pair in ((name, ""), ("", name))
    }


def test_ten_lines_of_readme_train_compare_and_plot(capsys):
    names: dict[str, Any] = {}
    exec(SNIPPETS[0].replace("epochs=20", "epochs=1"), names)
    printed = r"accuracy without 80 neurons, .+: \S+ \[\S+, \S+\], p = \S+, 5 networks\n"
    assert re.fullmatch(printed, capsys.readouterr().out)
    assert names["accuracy"].dims == ("network", "order", "step")
    plt.close("all")


def test_the_ten_lines_of_readme_take_convolutional_networks(capsys):
    nn = torch.nn
    parts = [nn.Conv2d(1, 4, 5, 2), nn.ReLU(), nn.Conv2d(4, 12, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(300, 10)]
    models = [nn.Sequential(*(copy.deepcopy(part) for part in parts)) for _ in range(3)]
    exec(SNIPPETS[2], {"models": models})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "1: 4 neurons on axis 1 of (sample, 4, 12, 12), active above 0"
    assert printed[-1].startswith("accuracy without 8 neurons, mutual_information low minus random: ")


def test_readme_makes_a_readers_own_network_smaller():
    drawn = np.random.default_rng(0)
    own = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    names: dict[str, Any] = {
        "network": own,
        "inputs": drawn.normal(size=(300, 4)).astype(np.float32),
        "labels": drawn.integers(0, 3, 300),
    }
    exec(SNIPPETS[1], names)
    assert [layer.out_features for layer in names["smaller"] if isinstance(layer, torch.nn.Linear)] == [4, 3]
