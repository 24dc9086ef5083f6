import numpy as np
import pytest

from neuronlib import plain
from neuronlib.pruning.joint import JOINT_CRITERIA, joint_order


def drawn(neurons=6, samples=800, labels=3, seed=0):
    """Neurons that say something of the label, a copy, a constant one and one that says nothing."""
    generator = np.random.default_rng(seed)
    of_sample = generator.integers(labels, size=samples)
    active = generator.normal(size=(labels, neurons))[of_sample] + generator.normal(size=(samples, neurons)) > 0
    nothing, constant = generator.random(samples) < 0.5, np.zeros(samples, dtype=bool)
    return np.column_stack([active, active[:, 0], nothing, constant]), of_sample


def copies():
    """The best neuron twice, and a weaker one that says what they do not."""
    labels = np.arange(400) % 4
    high, low = labels >= 2, labels % 2 == 1
    return np.stack([high, high, low ^ (np.arange(400) < 80)], axis=1), labels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("criterion", JOINT_CRITERIA)
def test_the_fast_routine_is_its_plain_twin(criterion, seed):
    active, labels = drawn(seed=seed)
    ties = np.random.default_rng(seed).permutation(active.shape[1])
    fast = joint_order(criterion, active, labels, 3, ties)
    assert fast.tolist() == plain.joint_order(criterion, active, labels, 3, ties)


@pytest.mark.parametrize("criterion", ["mRMR", "CMIM", "JMI", "blanket"])
def test_of_a_neuron_its_copy_and_a_weaker_one_the_copy_goes_first(criterion):
    active, labels = copies()
    assert joint_order(criterion, active, labels, 4)[0] in (0, 1)


def test_coverage_asks_how_much_is_said_of_each_class_and_not_whether_it_is_the_same():
    # The first neuron says one bit of each class; a weaker one says less of each, and what it says is not asked.
    active, labels = copies()
    assert joint_order("coverage", active, labels, 4)[0] == 2


@pytest.mark.parametrize("samples", [40, 60, 100])
def test_blankets_are_smaller_where_samples_are_few(samples):
    active, labels = drawn(samples=samples, labels=4)
    fast = joint_order("blanket", active, labels, 4)
    assert fast.tolist() == plain.joint_order("blanket", active, labels, 4, np.arange(active.shape[1]))


@pytest.mark.parametrize("criterion", JOINT_CRITERIA)
def test_constant_neurons_go_first_in_the_order_of_ties(criterion):
    active, labels = copies()
    always = np.ones((len(labels), 1), dtype=bool)
    ties = np.array([3, 0, 1, 2, 4])
    order = joint_order(criterion, np.column_stack([always, active, ~always]), labels, 4, ties)
    assert order[:2].tolist() == [0, 4]


@pytest.mark.parametrize("criterion", JOINT_CRITERIA)
def test_a_layer_of_one_neuron_or_of_constants_has_an_order(criterion):
    active, labels = copies()
    assert joint_order(criterion, active[:, :1], labels, 4).tolist() == [0]
    assert joint_order(criterion, np.zeros((400, 2), dtype=bool), labels, 4).tolist() == [0, 1]
    assert joint_order(criterion, np.zeros((400, 0), dtype=bool), labels, 4).tolist() == []


@pytest.mark.parametrize("criterion", JOINT_CRITERIA)
def test_neurons_named_otherwise_are_ordered_alike(criterion):
    active, labels = drawn(seed=7)
    ties, names = np.arange(active.shape[1]), np.random.default_rng(1).permutation(active.shape[1])
    order = joint_order(criterion, active, labels, 3, ties)
    assert names[joint_order(criterion, active[:, names], labels, 3, ties[names])].tolist() == order.tolist()


@pytest.mark.parametrize("criterion", JOINT_CRITERIA)
def test_labels_named_otherwise_and_labels_without_samples_change_nothing(criterion):
    active, labels = drawn(seed=3)
    order = joint_order(criterion, active, labels, 3)
    assert joint_order(criterion, active, 2 * (2 - labels), 6).tolist() == order.tolist()


def test_coverage_begins_anew_once_each_class_is_said_all_that_any_neuron_says():
    # Two neurons that mark classes 0 and 1, each with a copy: both classes are covered before any copy comes.
    labels = np.repeat([0, 1, 2], 100)
    active = np.stack([labels == 0, labels == 0, labels == 1, labels == 1], axis=1)
    order = joint_order("coverage", active, labels, 3)
    assert {frozenset(order[2:].tolist()), frozenset(order[:2].tolist())} == {frozenset({1, 3}), frozenset({0, 2})}


def test_a_blanket_is_of_what_is_left_and_removes_copies_one_by_one():
    active, labels = copies()
    order = joint_order("blanket", np.column_stack([active, active[:, 0]]), labels, 4)
    assert order[:2].tolist() == [0, 1] and set(order[2:].tolist()) == {2, 3}


@pytest.mark.parametrize(
    ("criterion", "samples", "message"),
    [
        ("mRMR", 15, "15 samples: fewer than the 16 cells of 2 neurons and 4 labels that 'mRMR' counts"),
        ("blanket", 7, "7 samples: fewer than the 8 cells of 1 neurons"),
        ("coverage", 7, "7 samples: fewer than the 8 cells of 1 neurons"),
    ],
)
def test_fewer_samples_than_cells_are_refused(criterion, samples, message):
    active, labels = copies()
    chosen = np.linspace(0, 399, samples).astype(int)
    with pytest.raises(ValueError, match=message):
        joint_order(criterion, active[chosen], labels[chosen], 4)


def test_a_label_that_is_not_below_their_number_is_refused():
    active, labels = copies()
    with pytest.raises(ValueError, match="label"):
        joint_order("CMIM", active, labels, 3)
