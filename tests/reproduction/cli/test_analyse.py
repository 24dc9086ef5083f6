"""The command analyse writes one page about a classifier, wholly or not at all."""

import os
import re
from html.parser import HTMLParser
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from neuronlib.networks.watched import Summary
from neuronlib.reproduction.cli.analyse import _SUMMARIES
from neuronlib.reproduction.cli.main import main


def model(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(27, 5), nn.Tanh(), nn.Linear(5, 3)
    ).eval()


def export(path, seed=0, any_number=True):
    samples = ({0: torch.export.Dim("samples")},) if any_number else None
    torch.export.save(torch.export.export(model(seed), (torch.zeros(2, 1, 4, 4),), dynamic_shapes=samples), path)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    export(folder / "a.pt2")
    export(folder / "b.pt2", seed=1)
    export(folder / "fixed.pt2", any_number=False)
    torch.save(model(), folder / "pickled.pt")
    generator = np.random.default_rng(0)
    labels = np.arange(40) % 3
    # Pixels in double precision, as NumPy draws them.
    np.savez(folder / "samples.npz", inputs=generator.normal(size=(40, 1, 4, 4)), labels=labels)
    return folder


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def analyse(files, *arguments, output):
    return main(["analyse", *arguments, "--samples", str(files / "samples.npz"), "-o", str(output)])


def test_the_page_names_the_layers_and_requests_nothing(files, tmp_path, capsys):
    output = tmp_path / "report.html"
    assert analyse(files, str(files / "a.pt2"), "--random-orders", "3", output=output) == 0
    assert capsys.readouterr().out == f"{output}\n"
    page = Page(output)
    assert "1: 3 neurons on axis 1 of (sample, 3, 3, 3), active above 0" in page.text
    assert "too few random orders" in page.text
    assert "neuronlib analyse a.pt2 --samples samples.npz --random-orders 3" in page.text
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(images) == 3 + 2 * 3  # measures, and measures by layer
    assert all(image["alt"] and (image["src"] or "").startswith("data:") for image in images)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    policies = [attributes["content"] for _, attributes in page.tags if "http-equiv" in attributes]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_several_models_and_pickled_ones_are_analysed_and_a_report_is_replaced(files, tmp_path):
    output = tmp_path / "report.html"
    options = ["--layers", "4", "--replacement", "mean", "--random-orders", "1"]
    assert analyse(files, str(files / "a.pt2"), str(files / "b.pt2"), *options, output=output) == 0
    assert "What these networks say" in Page(output).text
    assert analyse(files, str(files / "pickled.pt"), "--pickle", *options, output=output) == 0
    assert "What this network says" in Page(output).text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fixed.pt2"], "exported for batches of exactly 2 samples"),
        (["pickled.pt"], "pickled.pt: a pickled module, .*--pickle"),
        (["none.pt2"], "none.pt2: there is no such file"),
        (["a.pt2", "--layers", "nine"], "no layer 'nine'"),
        (["a.pt2", "--random-orders", "0"], "--random-orders = 0"),
    ],
)
def test_what_cannot_be_analysed_is_refused_in_one_line_and_leaves_nothing(files, tmp_path, capsys, arguments, message):
    name, *options = arguments
    assert analyse(files, str(files / name), *options, output=tmp_path / "report.html") == 2
    error = capsys.readouterr().err
    assert re.search(message, error) and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_nothing_but_a_report_is_replaced(files, tmp_path, capsys):
    (tmp_path / "notes.html").write_text("mine")
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "link.html").symlink_to(tmp_path / "notes.html")
    os.mkfifo(tmp_path / "pipe.html")
    for name in ("notes", "folder", "link", "pipe"):
        assert analyse(files, str(files / "a.pt2"), output=tmp_path / f"{name}.html") == 2
        assert f"{name}.html" in capsys.readouterr().err
    assert (tmp_path / "notes.html").read_text() == "mine"
    assert analyse(files, str(files / "a.pt2"), output=tmp_path / "no" / "report.html") == 2
    assert "there is no folder" in capsys.readouterr().err


def test_the_command_offers_every_summary():
    assert get_args(Summary) == _SUMMARIES
