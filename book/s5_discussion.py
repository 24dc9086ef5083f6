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
# Do the paper's conclusions depend on pooling layers, on the one-bit quantizer, and on what replaces an ablated neuron?
# The paper answers that pooling reverses the picture, and that the other two change little.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - what Simpson's paradox is, and in which settings it appears,
# - what a finer quantizer changes, and how to correct its bias,
# - why ablation to the mean can harm more than ablation to zero.
#
# Reading time: about 15 minutes.
# ```
#
# This chapter tests three remarks of {cite:t}`amjad2021` (Sec. V and VI):
#
# - Information and importance seem opposed over a whole network, and go together within each layer.
#   The paper calls this Simpson's paradox (Q49).
# - A finer quantizer changes little, and might help where one bit tells nothing (Q10).
# - In a few cases, ablation to the mean is slightly less harmful than to zero (Q11).
#   {cite:t}`morcos2018` found zero less harmful.

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
# The chapter trains its own networks, with ReLU neurons, with sigmoid neurons, and with batch normalization:

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
# For each network we take Spearman's rank correlation between two numbers of a neuron.
# The first is its mutual information with the class, and the second is the accuracy lost if it alone is ablated.
# The correlation is computed within each layer, and over the neurons of both layers pooled.
# The paper names no statistic; this choice is ours.
#
# The paradox asks for a positive correlation within each layer and a negative one pooled.
# The figure has the networks trained above first, then the paper's settings.
# The sign ◆ marks settings with the paradox.

# %% mystnb={"figure": {"caption": "Spearman's rank correlation between a neuron's mutual information with the class and what ablating it by itself costs, within each layer and over the neurons of both layers pooled. Means over networks with 95 % intervals; a row for each setting, with its number of networks in brackets. ◆: positive within each layer and negative pooled, which is Simpson's paradox.", "name": "fig-discussion-simpson"}, "image": {"alt": "Points with intervals about zero, a row for each setting and a mark for each of the first layer, the second, and both pooled; the folded table below has the numbers."}} tags=["hide-input"]
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
# Only the networks whose single neurons have been ablated count.
correlations = {
    f"{name} ({row['pooled'].size})": row for name, row in correlations.items()
}
marked = rp.mark_paradox(correlations)
figure, axes = nl.plots.subplots(figsize=(8.6, 0.35 * len(correlations) + 1.2))
nl.plots.intervals(axes, marked, "rank correlation")
rp.legend_below(figure)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of correlations"}
rp.correlation_table(marked)

# %% tags=["remove-input"]
rp.simpsons_paradox(correlations)

# %% [markdown]
# The verdict on Q49 rests on cumulative ablation, not on these correlations.
# There the paradox fails in the second layer of MNIST networks with Dropout: lowest mutual information first is no better
# than random.
# So “mutual information guides within a layer, at least for ReLU” has exceptions, and some of them are with ReLU.

# %% [markdown]
# These correlations are diluted by chance, since a neuron that the network can spare costs a few samples more or less.
# Read the sign, not the size.
# A bootstrap interval over few networks covers the mean less often than 95 %; trust the rows with many networks.
#
# ## Finer quantizers
#
# Does a neuron tell more if its output is cut into more than two values?
# The figure has the mean mutual information of a neuron, plug-in and corrected for bias {cite:p}`miller1955`.
# The plug-in estimate grows with the number of cells, even for noise.
#
# Outputs are cut at quantiles, or at equal distances.
# Cuts at equal distances do not separate a ReLU's zero from a small output.
# With two values, both are the paper's quantizer.

# %%
finer = {
    (kind, values, cuts): nl.measure(ensemble, data.validation, values, cuts)
    for kind, ensemble in trained.items()
    for cuts in ("quantile", "uniform")
    for values in (2, 4, 8, 16, 32)
}

# %% mystnb={"figure": {"caption": "Mean mutual information of a neuron with the class against the number of values of the quantizer, a panel for each kind of network. Circles: layer 1; squares: layer 2. Solid: cut at quantiles; dashed: at equal distances. Blue: plug-in; orange: corrected for bias (Miller–Madow).", "name": "fig-discussion-values"}, "image": {"alt": "Three panels of lines against 2, 4, 8, 16 and 32 values; the orange lines lie below the blue ones, the more so the more values there are."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(1, 3, figsize=(9, 3.8), sharey=True)
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
            where = f"layer {layer}, {'quantiles' if dash == 'solid' else 'equal distances'}"
            axes.plot((2, 4, 8, 16, 32), counted, color="#0072B2", label=where, **looks)
            axes.plot(
                (2, 4, 8, 16, 32),
                np.subtract(counted, bias),
                color="#E69F00",
                label=f"{where}, corrected",
                **looks,
            )
    axes.set(
        title=kind,
        xlabel="values of the quantizer",
        xscale="log",
        xticks=(2, 4, 8, 16, 32),
    )
    axes.set_xticklabels((2, 4, 8, 16, 32))
    axes.minorticks_off()
grid[0].set(ylabel="mutual information (bits)", ylim=(0, None))
rp.legend_below(figure)

# %% [markdown]
# Do the ablation curves change?
# The next figure has the mean gap to random ablation over the curve, lowest and highest mutual information first.

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

# %% mystnb={"figure": {"caption": "Accuracy when neurons are ablated in the order of mutual information minus that of random ablation, averaged over the curve, in percentage points. Means over networks with 95 % intervals; a row for each layer and quantizer, a panel for each kind of network.", "name": "fig-discussion-finer"}, "image": {"alt": "Three panels of points with intervals, four rows for each layer; the folded table below has the numbers."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(1, 3, figsize=(9, 3.6), sharex=True, sharey=True)
for axes, kind in zip(grid, kinds, strict=True):
    rows = dict(sorted(gaps[kind].items(), key=lambda row: row[0][:7]))
    nl.plots.intervals(axes, rows, "gap to random (points)").set_title(kind)
rp.legend_below(figure)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of gaps"}
rows = {f"{kind}, {name}": row for kind in kinds for name, row in gaps[kind].items()}
rp.table(["networks", "lowest first", "highest first"], rp.in_rows(rows))

# %% [markdown]
# ## To the mean, or to zero
#
# Ablation to zero takes away a neuron's mean as well as its variation.
# Ablation to the mean takes away only the variation.
# The figure has the accuracy under random ablation to the mean minus that to zero, averaged over the curve without its
# ends.
# It is positive where the mean harms less.
# {ref}`sec-pruning` asks the same where neurons are really removed.

# %% mystnb={"figure": {"caption": "Test accuracy under random ablation to the mean minus that to zero, averaged over the curve without its ends, in percentage points: each layer alone, and both layers pooled. Means over networks with 95 % intervals; a row for each setting, with its number of networks in brackets. Right of zero, the mean harms less.", "name": "fig-discussion-mean"}, "image": {"alt": "Points with intervals, a row for each setting and a mark for each of the first layer, the second, and both pooled; the folded table below has the numbers."}} tags=["hide-input"]
less = {}
for name in known:
    if rp.SETTINGS[name].dataset != "cifar10":
        both = archive(name), archive(name, "mean")
        row = {
            shown: rp.mean_less_zero(*both, scope) for shown, scope in scopes.items()
        }
        less[f"{name} ({row['pooled'].size})"] = row
figure, axes = nl.plots.subplots(figsize=(8.6, 0.35 * len(less) + 1.2))
nl.plots.intervals(axes, less, "to the mean minus to zero (points)")
rp.legend_below(figure)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the table of differences"}
rp.table(["setting (networks)", *scopes], rp.in_rows(less))

# %% tags=["remove-input"]
rp.mean_or_zero(less)

# %% tags=["remove-input"]
rp.markdown(rp.mean_with_dropout(less))

# %% [markdown]
# A likely reason is training.
# Dropout sets outputs to zero, so a network trained with it has learnt to work with zeros, but not with means.

# %% [markdown]
# ## What these networks say

# %% tags=["remove-input"]
rp.discussion_closing(archive, correlations, less)

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-discussion-simpson
# ```
# Make up two layers of three neurons each.
# Importance shall rise with information within each layer, and fall over both.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-discussion-simpson
# :class: dropdown
# ```
# Give the neurons of the second layer more information but a lower cost.
# This is so if the first layer is what the rest of the network depends on.

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
