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
# (sec-pruning)=
# # Pruning, compared fairly
#
# If a measure says which neurons matter least, a network can do without these.
# The first version of {cite:t}`amjad2021` compared its measures with another pruning method, as its abstract says, and
# proposed *bias balancing*, which {cite:t}`mirzaei2022` quotes: what a removed neuron puts out on average goes into the
# biases of the next layer,
#
# ```{math}
# b_k \leftarrow b_k + w_{jk}\, \bar t_j,
# ```
#
# which, it says, can partly replace re-training.
# Which method it compared with, and the numbers, we do not know, as we had no more of that version; the last version
# leaves this part out.
# So this chapter asks again, of thirteen criteria on the same networks.
#
# Balancing and surgery are a matter apart from the criterion: a criterion may look good because its authors repair what
# they remove.
# Here every criterion has the same four chances: neurons are removed and nothing else is done; removed and balanced;
# removed, and what stays takes over by least squares; removed, and the network is trained for one more epoch.
# Three criteria come with surgery of their own, which is shown beside.
# Neurons are compared within a layer, not across layers ({ref}`sec-fig2-whole`).

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k (embedded), mnist or fashion-mnist
networks: int = 3  # live: networks of each kind, at least 2
epochs: int = 10  # live: passes over the training samples
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
studies = rp.pruning_studies(source, dataset, networks, epochs, device)

# %% [markdown]
# ## A smaller network in one line
#
# {py:func}`nl.prune <neuronlib.pruning.pruning.prune>` takes a trained `torch.nn.Sequential`, such as your own, and returns one with fewer neurons:
# rows and columns of its weights are gone.
# Many ways of pruning only set weights to zero, which makes nothing smaller, and leave the removed neurons' biases in
# place, so that they still put out something.
# What the removed neurons put out on average is moved into the biases of the next layer, unless `surgery` says otherwise.

# %%
data = nl.load("mnist-5k")
setting = rp.paper_setting("mnist-5k", regularizer="l2", epochs=10)
trained, _ = nl.train(setting, data, [0], "cpu")  # where it is timed below
network = trained.as_module(0)
smaller = nl.prune(network, "mutual information", 0.5, layer="1", data=data)
smaller

# %% tags=["hide-input"]
rows = []
for name, module in (
    ("whole", network),
    ("half of layer 1 removed, balanced", smaller),
):
    seconds, right = rp.forward_pass(module, data.test)
    rows.append(
        [
            name,
            sum(parameter.numel() for parameter in module.parameters()),
            f"{1e3 * np.median(seconds):.1f}",
            f"{100 * right:.1f}",
        ]
    )
rp.table(["network", "parameters", "forward pass (ms)", "test accuracy (%)"], rows)

# %% [markdown]
# ## The networks

# %% tags=["hide-input"]
rp.table(
    ["networks", "how many", "test accuracy", "after one more epoch", "computed on"],
    [
        [
            name,
            study.sizes["network"],
            rp.mean_and_range(
                rp.after(study, "nothing").isel(criterion=0, layer=0, share=0)
            ),
            rp.mean_and_range(study.trained_on / study.attrs["test_samples"]),
            f"{study.attrs['device']}, {study.attrs['date']}",
        ]
        for name, study in studies.items()
    ],
)

# %% [markdown]
# 100 neurons in each of two layers, as in {ref}`sec-fig3-mnist` and {ref}`sec-fig4-fashion`; all with L2.
# Further training may help or harm a whole network too, so re-training has to be compared with that.
#
# ## The criteria
#
# | criterion | keeps neurons | needs data | own surgery |
# |:--|:--|:--|:--|
# | random | at random, in one order for each network | no | |
# | entropy | of high entropy (also {cite:t}`he2014`) | yes | |
# | mutual information | of high mutual information with the class | yes | |
# | KL selectivity | of high KL selectivity | yes | |
# | spectrum | that say most of each class in turn, Sec. VI of the paper | yes | |
# | class selectivity | of high class selectivity {cite:p}`morcos2018` | yes | |
# | activity | that are active often {cite:p}`hu2016` | yes | |
# | Taylor | whose output moves the loss, to first order {cite:p}`molchanov2017` | yes | |
# | incoming weights | with large incoming weights {cite:p}`he2014` | no | |
# | outgoing weights | with large outgoing weights {cite:p}`he2014` | no | |
# | Srinivas-Babu | unlike others in incoming weights {cite:p}`srinivas2015` | no | another takes over its outgoing weights |
# | NoiseOut | that no other is a linear function of {cite:p}`babaeizadeh2016` | yes | another takes over, with slope and bias |
# | DivNet | a diverse sample of outputs {cite:p}`mariet2016` | yes | least squares for all that stay |
#
# Some of these papers could be read only through implementations of others; the docstrings of `nl.pruning`
# say what is certain.
#
# ## Accuracy against the share removed

# %% mystnb={"figure": {"caption": "Test accuracy after removing a share of one layer by some criteria, with nothing done afterwards. A row for each kind of network, a column for each layer. Means over networks with one standard deviation.", "name": "fig-pruning-nothing"}, "image": {"alt": "Panels of falling curves, four in each; random removal is among them."}} tags=["hide-input"]
shown = ("random", "mutual information", "Taylor", "outgoing weights")
figure, grid = nl.plots.subplots(
    len(studies), 2, figsize=(8.6, 2.6 * len(studies) + 0.6), sharey=True, squeeze=False
)
for row, (name, study) in zip(grid, studies.items(), strict=True):
    for axes, layer in zip(row, ("1", "2"), strict=True):
        nl.plots.compared_curves(axes, rp.pruned_curves(study, shown, layer, "nothing"))
        axes.set(xlabel="share removed (%)", xticks=(0, 25, 50, 75, 100))
        axes.set_title(f"{name}, layer {layer}", fontsize=9)
rp.legend_below(figure)

# %% [markdown]
# All criteria, as the mean accuracy over the shares removed less that of random removal of the same networks, in
# percentage points.
# The shares are 0 to 95 %, and 50, 70, 90 and 95 % alone for re-training, so that its marks are to be compared with one
# another, not with those of the other three:

# %% mystnb={"figure": {"caption": "Mean test accuracy over the shares removed (after re-training 50, 70, 90 and 95 %, else 0 to 95 %), less that of random removal of the same networks with the same done afterwards: percentage points, means over networks with 95 % intervals. Left, first layer; right, second. A row of panels for each kind of network.", "name": "fig-pruning-criteria"}, "image": {"alt": "Panels of points with intervals, a row for each criterion and a mark for each thing done afterwards."}} tags=["hide-input"]
ways = ("nothing", "balancing", "least squares", "re-training")
figure, grid = nl.plots.subplots(
    len(studies),
    2,
    figsize=(8.6, 3.4 * len(studies) + 0.5),
    sharey=True,
    sharex="row",
    squeeze=False,
)
for row, (name, study) in zip(grid, studies.items(), strict=True):
    for axes, layer in zip(row, ("1", "2"), strict=True):
        found = {
            criterion: {way: rp.gained(study, criterion, layer, way) for way in ways}
            for criterion in study.criterion.values[1:]
        }
        nl.plots.intervals(axes, found, "points over random")
        axes.set_title(f"{name}, layer {layer}", fontsize=9)
rp.legend_below(figure)
# %% [markdown]
# With a tenth of the neurons left, test accuracy in percent with 95 % intervals, by what is done once the others are
# removed; in brackets, how many networks. Of the first layer:


# %% tags=["hide-input"]
def entry(percent):
    return "" if np.isnan(percent).any() else rp.with_interval(percent, 1, False)


def with_a_tenth(layer):
    rows = []
    for name, study, by in compared:
        at = {"criterion": by, "layer": layer, "share": 0.9}
        left = [100 * rp.after(study, way).sel(at).values for way in rp.AFTERWARDS]
        rows.append([name, by, *map(entry, left)])
    return rp.table(["networks", "removed by", *rp.AFTERWARDS], rows)


compared = [
    (f"{name} ({study.sizes['network']})", study, by)
    for name, study in studies.items()
    for by in nl.pruning.CRITERIA
]
with_a_tenth("1")

# %% [markdown]
# And of the second:

# %% tags=["hide-input"]
with_a_tenth("2")

# %% [markdown]
# ## Does balancing replace re-training?
#
# The first version of the paper says so, in part.
# Test accuracy with balancing less that with one epoch of re-training, and the same with least squares, in percentage
# points, neurons chosen by mutual information:

# %% tags=["hide-input"]
rows = []
for name, study in studies.items():
    for layer in ("1", "2"):
        for way in ("balancing", "least squares"):
            found = rp.in_place_of_training(study, "mutual information", layer, way)
            rows.append([name, layer, way, *map(rp.with_interval, found.values())])
shares = [f"{100 * share:.0f} % removed" for share in found]
rp.table(["networks", "layer", "in place of re-training", *shares], rows)

# %% [markdown]
# The largest share of a layer that can be removed before the mean accuracy falls by more than one point:

# %% tags=["hide-input"]
rows = []
for name, study in studies.items():
    for layer in ("1", "2"):
        for criterion in ("random", "mutual information", "outgoing weights"):
            limits = [rp.limit(study, criterion, layer, way) for way in ways]
            rows.append([name, layer, criterion, *limits])
rp.table(["networks", "layer", "removed by", *ways], rows)

# %% [markdown]
# ## Layer by layer, or all at once?
#
# The paper advises to prune layer by layer (Q50), since values differ so much between layers that a ranking of all takes
# its neurons mostly from one.
# The same number of neurons removed, the lowest first, ranked within each layer or over both: accuracy of the former less
# that of the latter, mean over the shares removed, in percentage points.
# Within a layer, neurons of equal value share their middle place, so that a layer with many that say nothing loses these
# together, and not at the pace of the other.

# %% tags=["hide-input"]
rows = []
for name, study in studies.items():
    for measure in nl.MEASURES:
        found = [
            rp.by_layer_less_pooled(study, measure, way)
            for way in ("nothing", "balancing")
        ]
        rows.append([name, nl.plots.NAMES[measure], *map(rp.with_interval, found)])
rp.table(["networks", "measure", "nothing done", "balanced"], rows)

# %% [markdown]
# ## When balancing helps
#
# Balancing is ablation to the mean, with neurons really removed, so the paper's settings that have been computed with both
# kinds of ablation say where it helps: see {ref}`the figure on it in the discussion <fig-discussion-mean>`.

# %% [markdown]
# ## What a criterion costs
#
# Seconds to rank one layer of one network, on the device above:

# %% tags=["hide-input"]
criteria = next(iter(studies.values())).criterion.values
rows = [
    [
        criterion,
        *(
            f"{float(study.seconds.sel(criterion=criterion).mean()):.3f}"
            for study in studies.values()
        ),
    ]
    for criterion in criteria
]
rp.table(["criterion", *studies], rows)

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-pruning-always-on
# ```
# A ReLU neuron is active for every input.
# Why is its mutual information, that of its one bit, zero, and why may removing it without balancing do harm all the same?
# What is lost with balancing?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-pruning-always-on
# :class: dropdown
# ```
# One bit of it is constant, so it says nothing of the class; but its output is not: it is a linear function of what enters
# the neuron, with a mean that the next layer's biases have adapted to.
# Balancing keeps the mean, and loses what varies.

# %%

always_on = nl.by_hand(
    [np.ones((1, 1)), np.array([[1.0, -1.0]])], [np.array([5.0]), np.zeros(2)]
)
samples = nl.given(np.array([[-1.0], [1.0]], np.float32), np.array([0, 1]))
known = nl.pruning.moments(always_on, samples, "1")
nl.pruning.balanced(always_on, "1", np.zeros((1, 0), np.int64), known).layers[
    1
].bias.tolist()

# %% [markdown]
# ```{solution-end}
# ```
