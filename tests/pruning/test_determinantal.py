import itertools

import numpy as np

from neuronlib.common.randomness import stream
from neuronlib.pruning.determinantal import Diverse, sample_determinantal


def test_determinantal_sample_has_its_probabilities():
    kernel = np.array([[2.0, 1.0, 0.0, 0.3], [1.0, 2.0, 0.2, 0.0], [0.0, 0.2, 1.0, 0.5], [0.3, 0.0, 0.5, 1.5]])
    pairs = list(itertools.combinations(range(4), 2))
    expected = np.array([np.linalg.det(kernel[np.ix_(pair, pair)]) for pair in pairs])
    source, draws = stream(0, "test"), 4000
    drawn = [tuple(sample_determinantal(kernel, 2, source).tolist()) for _ in range(draws)]
    shares = np.array([drawn.count(pair) for pair in pairs]) / draws
    # Four standard errors of a share, about 0.03.
    np.testing.assert_allclose(shares, expected / expected.sum(), atol=4 * np.sqrt(0.25 / draws))


def test_diverse_sample_seldom_holds_twins():
    outputs = np.random.default_rng(0).normal(size=(50, 5))
    outputs[:, 4] = outputs[:, 3]
    apart = ((outputs[:, :, None] - outputs[:, None]) ** 2).sum(axis=0)
    kernel = np.exp(-10 / 50 * apart) + 0.01 * np.eye(5)
    both = [{3, 4} <= set(Diverse(kernel[None], seed, ((0,), "1")).kept(3)[0].tolist()) for seed in range(200)]
    # Drawn uniformly, 30 % would hold both.
    assert np.mean(both) < 0.05


def test_kernel_of_diverse_neurons_is_that_of_its_definition(trained):
    ensemble, data = trained
    outputs = ensemble.outputs(data.validation)[:, :, : ensemble.setting.hidden[0]].astype(np.float64)
    apart = ((outputs[..., :, None] - outputs[..., None, :]) ** 2).mean(axis=1)
    expected = np.exp(-10 * apart) + 0.01 * np.eye(apart.shape[-1])
    # Squares are multiplied out there, in which float64 rounds.
    np.testing.assert_allclose(Diverse.of(ensemble, data, "1", 0).kernels, expected, atol=1e-9)
