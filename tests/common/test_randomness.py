import numpy as np

from neuronlib.common.randomness import permutation, stream, torch_seed


def test_streams_are_the_same_on_every_machine():
    # NumPy guarantees raw words; these were drawn once, so that a change of key or generator shows.
    assert stream(0, "order", 3).random_raw(2).tolist() == [13323427876625241436, 6510055759033632943]
    assert permutation(stream(0, "order", 3), 8).tolist() == [6, 7, 1, 5, 4, 0, 3, 2]
    assert torch_seed(0, "weights", 1) == 726761057815494452


def test_different_keys_give_different_streams():
    keys: list[tuple] = [
        (0, "order", 1),
        (0, "order", 2),
        (0, "dropout", 1),
        (1, "order", 1),
        (0, "order"),
        (0, "order", 1, 0),
    ]
    assert len({stream(*key).random_raw() for key in keys}) == len(keys)


def test_permutations_are_uniform():
    source = stream(0, "uniform")
    drawn = np.array([permutation(source, 3) for _ in range(6000)])
    counts = np.unique(drawn @ [9, 3, 1], return_counts=True)[1]
    # Five standard deviations of a count with chance 1/6 in 6000 draws.
    assert len(counts) == 6
    np.testing.assert_allclose(counts, 1000, atol=5 * (6000 * 5 / 36) ** 0.5)
