"""Axes of what studies store: what is ablated, removed or compared, by name or share."""

from neuronlib.common.scopes import WHOLE

REPLICATED = ("zero", "mean", "shrunk")
"""How replications ablate: without balancing, balanced, and by what the replications balance with."""
FAULTY = ("published_information", "wrong_sign", "undefined_information", "undefined_entropy")
"""Measures with the faults of public replications."""
FRESH = "fresh"
"""Random subsets that are drawn anew for each number of neurons."""

BY_IMAGE_SHARES = {"1": 0.8, "2": 0.8, WHOLE: 0.505}
"""Share of the neurons that are ablated: 80 of 100 in a layer, 101 of 200 in the whole network, as in the paper."""
BY_IMAGE_ORDERS = (
    (WHOLE, "entropy low"),
    ("1", "mutual_information low"),
    ("1", "mutual_information high"),
    ("1", "entropy low"),
)
"""The ordered ablations that the numbers of the front page ask for."""

PRUNED_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Shares of a layer that are removed."""
RETRAINED_SHARES = (0.5, 0.7, 0.9, 0.95)
"""Those after which networks are trained further."""
AFTERWARDS = ("nothing", "balancing", "least squares", "own surgery", "re-training")
"""What is done once neurons are removed."""
POOLING = ("pooled", "by layer")
"""How the neurons of all layers are ranked."""
STATISTICS = ("mean", "deviation")
"""What is kept of the groups drawn from a layer."""
COMPARED_CRITERIA = (
    *("random", "entropy", "mutual information", "KL selectivity", "class selectivity", "activity", "Taylor"),
    *("incoming weights", "outgoing weights", "spectrum", "Srinivas-Babu", "NoiseOut", "DivNet"),
)
"""Criteria for pruning that are compared: all that `neuronlib.pruning` has for linear maps."""
REWARDED_MEASURES = ("entropy", "mutual_information", "kl_selectivity", "class_selectivity")
"""What is measured of each neuron of networks that were rewarded while they were trained."""

SIMPLE_CRITERIA = (
    *("mutual information", "KL selectivity", "entropy"),
    *("Srinivas-Babu", "spectrum", "Taylor"),
    "outgoing weights",
)
"""The paper's measures; of `COMPARED_CRITERIA` the best with nothing done, after least squares, and after re-training,
by the mean gain over random removal at `RETRAINED_SHARES` over the layers and networks 0 to 9 of the four comparisons
stored before; and the criterion that He and others 2014 found best, which the paper's Sec. VI names."""
TOGETHER_CRITERIA = ("mRMR", "CMIM", "JMI", "coverage", "blanket")
"""Criteria that compare what neurons say together."""
SELECTED_CRITERIA = ("random", *SIMPLE_CRITERIA, *TOGETHER_CRITERIA)
"""Criteria that studies of kind "selection" compare."""
RETRAINED_CRITERIA = (
    *("random", "mutual information", "entropy", "Taylor", "outgoing weights"),
    *("mRMR", "CMIM", "coverage", "blanket"),
)
"""Those after which networks are re-trained."""
SELECTED_AFTERWARDS = ("nothing", "least squares", "re-training")
"""What is done in such studies once neurons are removed."""
CHOSEN_SHARES = (0.5, 0.9)
"""Shares of a layer, or of both, at which such studies choose criteria, and after which networks are re-trained."""

FILTERS = ((2, 3), (4, 5), (10, 20))
"""How many filters of LeNet-5's two convolutions are kept, of 20 and 50."""
RETRAINED_FILTERS = FILTERS[:2]
"""Those after which networks are re-trained."""
FILTER_CRITERIA = ("mutual information", "KL selectivity", "entropy", "incoming weights", "mRMR", "CMIM")
"""Criteria by which filters are removed."""
NEW_WEIGHTS = "new weights"
"""Networks of the smaller shape that start from new weights."""
