import numpy as np
import xarray as xr

from neuronlib.common.choices import MEASURES
from neuronlib.plots.neurons import against, picture, spectra


def test_against_draws_every_neuron_of_every_network(axes):
    random = np.random.default_rng(0).random((2, 5))
    measures = xr.Dataset(
        dict.fromkeys(MEASURES, (("network", "neuron"), random)), {"layer": ("neuron", ["1", "1", "1", "2", "2"])}
    )
    against(axes, measures, "entropy", "mutual_information")
    assert [len(collection.get_offsets()) for collection in axes.collections] == [6, 4]


def test_spectra_write_every_number(axes):
    spectra(axes, np.array([[0.0, 1.25], [0.5, 3.0]]), ["a", "b"], ["0", "1"])
    assert [text.get_text() for text in axes.texts] == ["0.00", "1.25", "0.50", "3.00"]


def test_picture_keeps_rows_columns_and_channels(axes):
    pixels = np.arange(12.0)
    picture(axes, pixels, (3, 2, 2), "colours")
    drawn = axes.get_images()[0].get_array()
    assert drawn.shape == (2, 2, 3)
    np.testing.assert_allclose(drawn[0, 1], np.array([1.0, 5.0, 9.0]) / 11)
