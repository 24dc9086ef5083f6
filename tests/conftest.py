"""What several test modules share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_root() -> Path:
    root = os.environ.get("NEURONLIB_DATA")
    if not root:
        pytest.skip("needs the full data sets: set NEURONLIB_DATA to the folder that holds them")
    return Path(root)
