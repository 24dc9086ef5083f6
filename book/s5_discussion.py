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
# (sec-discussion)=
# # Discussion: pooled layers, finer quantizers, and the mean
#
# Three remarks of {cite:t}`amjad2021` (Sec. V and VI) are put to the test here:
#
# - that information and importance seem to be at odds over a whole network and go together within a layer, a case of
#   Simpson's paradox;
# - that a finer quantizer changes little, and might help where one bit says nothing;
# - that ablation to the mean is in a few cases slightly less harmful than to zero, where {cite:t}`morcos2018` found zero
#   less harmful.

# %% tags=["parameters"]
dataset: str = "mnist-5k"  # mnist-5k (embedded), mnist or fashion-mnist
networks: int = 5  # networks trained for each setting, at least 2
epochs: int = 20  # passes over the training samples
seed: int = 0  # start of every random number
device: str = "auto"  # where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
archive = rp.StoredResults()

# %% [markdown]
# Networks with ReLU neurons, with sigmoid neurons, and with batch normalization, computed here:

# %%
data = nl.load(dataset)
kinds = {
    "ReLU, Dropout": ("relu", "dropout"),
    "sigmoid, Dropout": ("sigmoid", "dropout"),
    "ReLU, batch normalization": ("relu", "dropout-batchnorm"),
}
trained = {}
for kind, (activation, regularizer) in kinds.items():
    setting = rp.paper_setting(
        dataset, activation, regularizer, epochs=epochs, seed=seed
    )
    trained[kind], _ = nl.train(setting, data, range(networks), device)
# %% [markdown]
# ## Simpson's paradox
#
# For each network, Spearman's rank correlation between a neuron's measure and what ablating that neuron by itself costs:
# within each layer, and over the neurons of both layers pooled.
# The paper names no statistic; this one is ours.
#
# First the networks computed here, then the paper's settings as far as they have been computed with single ablations:

# %% mystnb={"figure": {"caption": "Spearman's rank correlation between a neuron's mutual information with the class and what ablating it by itself costs, within each layer and over the neurons of both pooled: means over networks with 95 % intervals, a row for each setting with its number of networks.", "name": "fig-discussion-simpson"}, "image": {"alt": "Points with intervals about zero, a row for each setting and a mark for each of the first layer, the second, and both pooled; the folded table below has the numbers."}} tags=["hide-input"]
labels = len(data.label_names)
trees = {
    f"{dataset}: {kind}": rp.as_results(
        nl.measure(ensemble, data.validation).assign(lost=nl.each_alone(ensemble, data))
    )
    for kind, ensemble in trained.items()
}
known = [name for name in rp.SETTINGS if archive.has(name)]
trees |= {name: archive(name) for name in known if "lost" in archive(name)["measures"]}
scopes = {"layer 1": "1", "layer 2": "2", "pooled": "whole"}
correlations = {
    name: {
        shown: rp.rank_correlation(results, "mutual_information", scope)
        for shown, scope in scopes.items()
    }
    for name, results in trees.items()
}
# Of a setting's networks, those whose single neurons have been ablated.
correlations = {
    f"{name} ({row['pooled'].size})": row for name, row in correlations.items()
}
figure, axes = nl.plots.subplots(figsize=(8.6, 0.35 * len(correlations) + 1.2))
nl.plots.intervals(axes, correlations, "rank correlation")
rp.legend_below(figure)

# %% tags=["hide-cell"]
rp.table(["setting (networks)", *scopes], rp.in_rows(correlations, digits=2))

# %% [markdown]
# The paradox that the paper names (Q49) asks for a positive correlation within each layer and a negative one pooled:

# %% tags=["hide-input"]
rp.simpsons_paradox(correlations)

# %% [markdown]
# By cumulative ablation, Q49 is not reproduced either, and that decides the verdict: in the second layer of MNIST
# networks with Dropout, ablating the lowest mutual information first is no better than ablating at random.
# So “within a layer it guides, at least for ReLU” has exceptions, some of them with ReLU.

# %% [markdown]
# A single neuron of a network that can do without it costs a few samples more or less, so these correlations are diluted
# by chance; a sign that is sure is what counts.
# Where there are few networks, a bootstrap interval covers the mean less often than the 95 % it is named for; the rows
# with many are the ones to trust.
#
# ## Finer quantizers
#
# The mean mutual information of a neuron by the number of values, as it is counted and less the bias that so many cells
# bring {cite:p}`miller1955`.
# More than two values are cut at quantiles of the outputs, or at equal distances, which do not tell a ReLU's zero from a
# small output; with two, either is the paper's quantizer.

# %%
finer = {
    (kind, values, cuts): nl.measure(ensemble, data.validation, values, cuts)
    for kind, ensemble in trained.items()
    for cuts in ("quantile", "uniform")
    for values in (2, 4, 8, 16, 32)
}

# %% mystnb={"figure": {"caption": "Mean mutual information of a neuron with the class against the number of values of the quantizer, a panel for each kind of network. Circles: layer 1; squares: layer 2. Solid: cut at quantiles; dashed: at equal distances. Blue: as counted; orange: less the bias of Miller and Madow.", "name": "fig-discussion-values"}, "image": {"alt": "Three panels of lines against 2, 4, 8, 16 and 32 values; the orange lines lie below the blue ones, the more so the more values there are."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(1, 3, figsize=(9, 3.2), sharey=True)
for axes, kind in zip(grid, kinds, strict=True):
    for layer, marker in (("1", "o"), ("2", "s")):
        for cuts, dash in (("quantile", "solid"), ("uniform", "dashed")):
            here = [finer[kind, values, cuts] for values in (2, 4, 8, 16, 32)]
            chosen = [
                one.isel(neuron=np.flatnonzero(one.layer == layer)) for one in here
            ]
            counted = [float(one.mutual_information.mean()) for one in chosen]
            bias = [
                nl.information.information_bias(one.counts.values).mean()
                for one in chosen
            ]
            looks = {"marker": marker, "linestyle": dash, "markersize": 4}
            axes.plot((2, 4, 8, 16, 32), counted, color="#0072B2", **looks)
            axes.plot(
                (2, 4, 8, 16, 32), np.subtract(counted, bias), color="#E69F00", **looks
            )
    axes.set(title=kind, xlabel="values", xscale="log", xticks=(2, 4, 8, 16, 32))
    axes.set_xticklabels((2, 4, 8, 16, 32))
    axes.minorticks_off()
grid[0].set(ylabel="mutual information (bits)", ylim=(0, None))
# %% [markdown]
# Do the ablation curves change?
# The mean gap to random ablation over the curve, lowest and highest mutual information first:

# %% tags=["hide-input"]
shown = ((2, "quantile"), (4, "quantile"), (32, "quantile"), (32, "uniform"))
gaps = {kind: {} for kind in kinds}
for kind, (values, cuts) in [(kind, cut) for kind in kinds for cut in shown]:
    measured, layers = finer[kind, values, cuts], {"1": None, "2": None}
    curves = nl.ablate_layers(trained[kind], data, measured, layers, "zero", 5, seed)
    for layer in layers:
        name = "one bit" if values == 2 else f"{values} values, {cuts}"
        gaps[kind][f"layer {layer}: {name}"] = {
            f"{way}est first": 100
            * nl.gap_to_random(nl.accuracy(curves[layer]), "mutual_information", way)
            .mean("step")
            .values
            for way in ("low", "high")
        }

# %% mystnb={"figure": {"caption": "Accuracy when neurons are ablated in the order of mutual information, less that of random ablation, mean over the curve: percentage points, means over networks with 95 % intervals, by layer and quantizer; a panel for each kind of network.", "name": "fig-discussion-finer"}, "image": {"alt": "Three panels of points with intervals, four rows for each layer; the folded table below has the numbers."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(1, 3, figsize=(9, 3.6), sharey=True)
for axes, kind in zip(grid, kinds, strict=True):
    rows = dict(sorted(gaps[kind].items(), key=lambda row: row[0][:7]))
    nl.plots.intervals(axes, rows, "points over random").set_title(kind)
rp.legend_below(figure)

# %% tags=["hide-cell"]
rows = {f"{kind}, {name}": row for kind in kinds for name, row in gaps[kind].items()}
rp.table(["networks", "lowest first", "highest first"], rp.in_rows(rows))

# %% [markdown]
# ## To the mean, or to zero
#
# Ablation to zero takes away a neuron's mean as well as its variation, ablation to the mean only the latter.
# The mean accuracy over random orders and the curve but for its ends, to the mean less to zero, is positive where the
# mean does less harm; {ref}`sec-pruning` asks the same where neurons are really removed.

# %% mystnb={"figure": {"caption": "Test accuracy under random ablation to the mean less that to zero, mean over the curve but for its ends, in each layer and in both pooled: percentage points, means over networks with 95 % intervals, a row for each setting with its number of networks.", "name": "fig-discussion-mean"}, "image": {"alt": "Points with intervals, a row for each setting and a mark for each of the first layer, the second, and both pooled; the folded table below has the numbers."}} tags=["hide-input"]
less = {}
for name in known:
    if rp.SETTINGS[name].dataset != "cifar10":
        both = archive(name), archive(name, "mean")
        row = {
            shown: rp.mean_less_zero(*both, scope) for shown, scope in scopes.items()
        }
        less[f"{name} ({row['pooled'].size})"] = row
figure, axes = nl.plots.subplots(figsize=(8.6, 0.35 * len(less) + 1.2))
nl.plots.intervals(axes, less, "to the mean less to zero (points)")
rp.legend_below(figure)

# %% tags=["hide-cell"]
rp.table(["setting (networks)", *scopes], rp.in_rows(less))

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-discussion-simpson
# ```
# Make up two layers of three neurons each, in which importance rises with information within each layer and falls over
# both.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-discussion-simpson
# :class: dropdown
# ```
# Give the neurons of the second layer more information but lower cost, as where all that follows depends on the first.

# %%

information, cost = np.array([1, 2, 3, 4, 5, 6]), np.array([7, 8, 9, 1, 2, 3])
parts = {"layer 1": slice(3), "layer 2": slice(3, 6), "pooled": slice(6)}
{
    name: round(float(nl.ablation.spearman(information[part], cost[part])), 2)
    for name, part in parts.items()
}

# %% [markdown]
# ```{solution-end}
# ```
