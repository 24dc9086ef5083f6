# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# (sec-replications)=
# # Two replications, corrected
#
# Two projects repeated the paper and came to conclusions of their own.
# Which of these conclusions are left once four faults of their code are gone?
#
# {cite:t}`mirzaei2022` used two hidden layers of 200 neurons; {cite:t}`cen2023` used two and three, with the same code.
# Their answer differs from the paper's above all for the last layer, where Cen finds it “counterintuitive” that neurons
# of high mutual information can be ablated first.
# Both put code and reports on the web, and this openness made the chapter possible: it is how faults get found.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - which four faults run without an error, each beside the line that corrects it,
# - how to find such faults: compute a case whose answer is known,
# - which conclusions depend on the faults, and which on a single network.
#
# Reading time: about 15 minutes.
# ```

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k (embedded) or mnist
networks: int = 3  # live: networks of each kind, at least 2
epochs: int = 10  # live: passes over the training samples
random_orders: int = 2  # live: random ablation orders a network and layer
points: int = 50  # live: into how many steps a curve is divided
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
names = rp.of_kind("replication", rp.RESULTS if source == "store" else None)
small = {
    name: rp.STUDIES[name].smaller(dataset, networks, epochs, random_orders, points)
    for name in names
}

# %% [markdown]
# ## The networks
#
# We train networks with the set-ups of both replications, and with that of the paper's early version.
# The early version had 100 neurons in each of two layers; we had only its abstract and the excerpts in
# {cite:t}`mirzaei2022`'s slides.
# The slides name no version, and we infer that it is the first.
#
# All networks are trained as the replications' code does:
#
# - sigmoid neurons, Adam at 0.001, mini-batches of 32, ten epochs;
# - 50 000 training, 10 000 validation and 10 000 test images of MNIST, with pixels in [0, 1];
# - weight decay of 0.001, and 0.0001 for the early version, whose own value is unknown; the later version uses 0.0001.

# %% tags=["hide-input"]
studies = {
    name: rp.stored_study(name)
    if source == "store"
    else rp.replicate(small[name], device=device)
    for name in names
}
replications = {name: rp.variants_of(study) for name, study in studies.items()}
both = {
    name: {variant: trees[variant] for variant in ("as published", "corrected")}
    for name, trees in replications.items()
}
rp.replicated_networks_table(
    studies, {name: rp.STUDIES[name].setting.hidden for name in names}
)

# %% [markdown]
# Mirzaei reports 94.67 % for one network of two layers.
# Cen reports the same to all digits, with the same seed, so this is one run and not two.
# A single network is no fault, but it matters as much: the table below {ref}`the conclusions <fig-replications-conclusions>`
# counts the single networks that come to each.
#
# ## First fault: a wrong sign
#
# Mutual information is $I(T;Y) = H(T) - H(T|Y)$: the entropy of a neuron minus what is left of it within the classes.
# The replications add the two terms.
# A neuron that copies the class has one bit of information, and one that ignores it has none:

# %%
copies, ignores = np.array([[5, 0], [0, 5]]), np.array([[3, 3], [3, 3]])
neurons, rows = {"copies the class": copies, "ignores the class": ignores}, []
for name, counts in neurons.items():
    entropy = nl.plain.entropy(counts)  # H(T)
    within = entropy - nl.plain.mutual_information(counts)  # H(T|Y)
    wrong = entropy + within
    right = entropy - within
    rows.append([name, float(wrong), float(right)])
rp.table(["neuron", "wrong (bits)", "right (bits)"], rows)

# %% [markdown]
# The wrong value is $2 H(T) - I(T;Y)$, so it ranks neurons by entropy, and among neurons of equal entropy it ranks those
# that tell most as the *lowest*.

# %% mystnb={"figure": {"caption": "H(T) + H(T|Y), which the replications call mutual information, against mutual information, for the neurons of one network of each kind. Colours are layers. Crosses are neurons with an empty cell, which have no value in the replications.", "name": "fig-replications-values"}, "image": {"alt": "Scatter plots of the wrong value against mutual information, a panel for each kind of network. In the first layer points rise; in the last layer they fall. Crosses are neurons with an empty cell."}} tags=["hide-input"]
figure = rp.wrong_sign_against_information(replications)

# %% [markdown]
# ## Second fault: empty cells
#
# Entropy sums $-p \log p$, where $0 \log 0$ counts as 0.
# The replications compute $0 \log 0$ as it stands, which gives “not a number” (nan).
# A constant neuron, which is never active, has entropy 0:

# %%
p = np.array([1.0, 0.0])  # shares of samples for which it is off and on
with np.errstate(divide="ignore", invalid="ignore"):
    wrong = -(p * np.log2(p)).sum()
right = -(p * np.log2(np.where(p > 0, p, 1))).sum()
row = ["constant", float(wrong), float(right)]
rp.table(["neuron", "wrong", "right"], [row])

# %% [markdown]
# Neurons that never or always fire for some class have an empty cell too, and lose the value of their mutual information.
# The ranking takes “not a number” for the largest value.
# So lowest first ablates these neurons last, although the constant neurons among them tell nothing.
# The folded table counts them, and correlates wrong with right signs over the neurons that vary:

# %% tags=["hide-cell"]
rp.empty_cells_table(replications)

# %% [markdown]
# ## Third fault: shrinking
#
# Without balancing, an ablated neuron has output zero.
# *Bias balancing* in the early version gives it its mean output, by way of the next layer's bias.
# The replications multiply its output by the share of samples for which it is active:

# %%
output = np.array([0.1, 0.2, 0.9, 0.8])  # sigmoid: active above 0.5
wrong = output * (output > 0.5).mean()  # p(T = 1) t(x)
right = np.full(4, output.mean())  # the mean of t
rp.table(
    ["output", *map(str, output)],
    [["wrong", *map(float, wrong)], ["right", *map(float, right)]],
)

# %% [markdown]
# A neuron that is only shrunk still tells the next layer which samples activate it.

# %% mystnb={"figure": {"caption": "Random ablation of each layer: to zero, with the replications' balancing (shrunk by the share of samples for which a neuron is active), and with bias balancing (to the mean). Lines are means over networks, bands one standard deviation.", "name": "fig-replications-balancing"}, "image": {"alt": "Panels with three falling curves each, one panel for each layer of each kind of network. Ablation to zero falls first."}} tags=["hide-input"]
figure = rp.balanced_curves(replications)

# %% [markdown]
# The folded table has means over the first 40 % of each curve, which are the 80 of 200 neurons that the reports show:

# %% tags=["hide-cell"]
rp.balancing_table(replications)

# %% [markdown]
# ## Fourth fault: fresh subsets
#
# Random ablation is the baseline of every order, and in an order each step adds one neuron to those that are gone.
# The replications draw a new subset at each step instead, and only once:

# %%
draw = np.random.default_rng(0)
wrong = [draw.choice(6, size, replace=False).tolist() for size in (1, 2, 3)]
order = draw.permutation(6).tolist()
right = [order[:size] for size in (1, 2, 3)]
steps = ["1 neuron gone", "2 neurons", "3 neurons"]
rp.table(["subsets", *steps], [["wrong", *wrong], ["right", *right]])

# %% [markdown]
# A curve of fresh subsets jumps up and down, and there are no orders to average over.
# We use several random orders of each network, in which every subset contains the one before.
#
# ## Each fault alone
#
# How far does a fault by itself move the curves of the same networks?
# The distance is a mean over the first 40 % of the curve, always positive, and zero where a fault does not touch an order.

# %% mystnb={"figure": {"caption": "Mean distance of ablation curves with faults from the corrected curves of the same networks, in percentage points: means over networks with 95 % intervals, over the first 40 % of each curve. Top: first layer. Bottom: last layer. MI is mutual information.", "name": "fig-replications-moved"}, "image": {"alt": "Panels of points with intervals, a row for each variant and a mark for each order. Distances are largest in the first layer, with all faults and with empty cells alone."}} tags=["hide-input"]
figure = rp.moved_by_faults(replications)

# %% [markdown]
# The folded table has the numbers:

# %% tags=["hide-cell"]
rp.moved_table(replications)

# %% [markdown]
# ## All faults together
#
# These are the curves of the reports, beside those without faults, for two layers of 200 neurons.
# The reports show the first 80 neurons.

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer with all four faults (left) and with none (right), sigmoid networks of two hidden layers of 200 neurons, balanced. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-replications-two"}, "image": {"alt": "Two rows of two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
figure = rp.side_by_side("replication-2layer", both["replication-2layer"], ["1", "2"])

# %% [markdown]
# ## What becomes of the conclusions
#
# ```{admonition} Predict first
# :class: predict
# Four faults are mended now.
# Which of the reports' conclusions do you expect to survive?
# ```
#
# Each conclusion of the reports becomes one number for each network: a mean over the first 40 % of the curve, positive
# where the conclusion holds.

# %% mystnb={"figure": {"caption": "What the reports conclude, as published and corrected, in percentage points: means over networks with 95 % intervals, positive where a conclusion holds. “High” and “low” say which values go first; MI is mutual information, KL is KL selectivity.", "name": "fig-replications-conclusions"}, "image": {"alt": "Panels of points with intervals, a row for each conclusion and two marks in a row. In the first layer, the conclusion on mutual information changes its sign."}} tags=["hide-input"]
figure = rp.conclusions_beside(replications)

# %% [markdown]
# The folded table has the numbers.
# Its last column counts the single networks that would have said yes, as published and corrected; a report of one network
# draws one of these.

# %% tags=["hide-cell"]
rp.conclusions_table(replications)

# %% [markdown]
# ### Is the “counterintuitive” last layer real?
#
# Cen finds that in the last layer it is better to ablate neurons of *high* mutual information and KL selectivity first.
# The figure has the advantage of high first, by variant.
# The wrong sign touches mutual information alone, and the replications compute KL selectivity correctly.

# %% mystnb={"figure": {"caption": "Accuracy of highest values first minus accuracy of lowest values first in the last layer, in percentage points: means over networks with 95 % intervals, over the first 40 % of the curve. A row for each variant. Right of zero, high first is better, as Cen says.", "name": "fig-replications-last"}, "image": {"alt": "Three panels of points with intervals, a row for each variant and a mark for each measure."}} tags=["hide-input"]
figure = rp.last_layer_by_variant(replications)

# %% [markdown]
# The folded table has the numbers:

# %% tags=["hide-cell"]
rp.last_layer_table(replications)

# %% [markdown]
# ### Do deeper layers tell more?
#
# “Deeper layers have larger values”, says Cen, and elsewhere that KL selectivity is higher in shallow layers.
# The figure has the measures as they should be computed.

# %% mystnb={"figure": {"caption": "Entropy, mutual information and KL selectivity of the neurons by layer, computed without faults; a row for each kind of network. Violins hold the neurons of all networks. Bars show minimum and maximum, solid lines the mean, dotted lines the median.", "name": "fig-replications-violins"}, "image": {"alt": "Rows of three panels of violins, one violin for each hidden layer. Means rise with depth."}} tags=["hide-input"]
figure = rp.violins_by_layer(replications)

# %% [markdown]
# The folded table has the numbers:

# %% tags=["hide-cell"]
rp.deeper_table(replications)

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-replications-sign
# ```
# Give the counts of two neurons, for ten samples and two classes, whose ranks the wrong sign reverses.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-replications-sign
# :class: dropdown
# ```
# Two neurons of equal entropy: the one that knows the class has the smaller $H(T) + H(T|Y)$.

# %%

knowing, ignorant = np.array([[4, 1], [1, 4]]), np.array([[3, 2], [2, 3]])
two = np.array([knowing, ignorant])
nl.mutual_information(two).round(3), rp.information_with_faults(two).round(3)

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## Appendix: training and further curves
#
# Training, three layers, the early version and whole networks, for comparison with the reports.

# %% mystnb={"figure": {"caption": "Training loss (left) and test accuracy (right) after each epoch, for the set-ups of the two replications and of the early version. Lines are means over networks, bands one standard deviation.", "name": "fig-replications-training"}, "image": {"alt": "Two panels with a line for each kind of network: loss in nats falls and accuracy in percent rises with the epoch."}} tags=["hide-input"]
figure = rp.training_runs(studies)

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer with all four faults (left) and with none (right), sigmoid networks of three hidden layers of 200 neurons, balanced. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. The report shows the first 80 neurons.", "name": "fig-replications-three"}, "image": {"alt": "Three rows of two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
if "replication-3layer" in names:
    figure = rp.side_by_side(
        "replication-3layer", both["replication-3layer"], ["1", "2", "3"]
    )

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer with all four faults (left) and with none (right), networks as in the early version of the paper: sigmoid, two hidden layers of 100 neurons, balanced. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-replications-early"}, "image": {"alt": "Two rows of two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
figure = rp.side_by_side("early-version", both["early-version"], ["1", "2"])

# %% mystnb={"figure": {"caption": "Cumulative ablation of the neurons of all layers in one order, with all four faults (left) and with none (right), sigmoid networks of two hidden layers of 200 neurons, balanced. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-replications-whole-two"}, "image": {"alt": "Two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
figure = rp.side_by_side("replication-2layer", both["replication-2layer"], ["whole"])

# %% mystnb={"figure": {"caption": "Cumulative ablation of the neurons of all layers in one order, with all four faults (left) and with none (right), sigmoid networks of three hidden layers of 200 neurons, balanced. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-replications-whole-three"}, "image": {"alt": "Two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
if "replication-3layer" in names:
    figure = rp.side_by_side(
        "replication-3layer", both["replication-3layer"], ["whole"]
    )

# %% [markdown]
# ## What these networks say
#
# “Yes” and “no” need a 95 % interval over networks on one side of zero.

# %% tags=["hide-input"]
rp.replications_told(replications)

# %% [markdown]
# **Take with you: try a formula on a case whose answer you know, and show more than one network.**
