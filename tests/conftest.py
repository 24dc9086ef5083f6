"""What several test modules share."""

import os
from pathlib import Path
from typing import Any

import pytest

KINDS: dict[str, dict[str, Any]] = {
    "relu": {"hidden": (8, 6), "dropout": ()},
    "sigmoid": {"hidden": (8, 6), "dropout": (), "activation": "sigmoid"},
    "batch normalization": {"hidden": (8, 6), "dropout": (0.3, 0.4), "batch_norm": True},
    "three layers": {"hidden": (6, 8, 5), "dropout": ()},
}


@pytest.fixture(autouse=True)
def environment():
    """Undo what a test, or a command that it called, has set: all processes that are started later would inherit it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def data_root() -> Path:
    root = os.environ.get("NEURONLIB_DATA")
    if not root:
        pytest.skip("needs the full data sets: set NEURONLIB_DATA to the folder that holds them")
    return Path(root)


@pytest.fixture(scope="module", params=KINDS)
def trained(request):
    """Three small networks of each kind, and their images."""
    from reference import tiny_images

    from neuronlib.common.config import Setting
    from neuronlib.training.training import train

    setting = Setting(dataset="mnist-5k", batch_size=8, epochs=30, **KINDS[request.param])
    data = tiny_images(train=80)
    return train(setting, data, range(3), "cpu")[0], data


@pytest.fixture
def closed():
    """Close what a test has drawn."""
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture
def axes():
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("agg")
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture(scope="module")
def tiny():
    """One more setting, which takes seconds, and pilots that take less."""
    from tiny import add_tiny

    with pytest.MonkeyPatch.context() as monkeypatch:
        add_tiny(monkeypatch)
        yield


@pytest.fixture(scope="module")
def undisturbed(tiny, tmp_path_factory):
    """What a run of this process stores, to which nothing happens."""
    from tiny import contents

    from neuronlib.reproduction.compute.scheduler import Where, run

    folder = tmp_path_factory.mktemp("undisturbed")
    run([("tiny", 4)], Where(results=folder / "results", weights=folder / "weights", device="cpu"), report=list)
    return contents(folder / "results")
