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
# Two projects repeated the paper with the set-up of an early version, and put their code and reports on the web:
# {cite:t}`mirzaei2022` with two hidden layers of 200 neurons, and {cite:t}`cen2023`, on the same code, with two and
# three.
# Sharing code is what made this chapter possible; it is how faults get found.
# The early version itself had 100 neurons in each of two layers; of it we had the abstract, and what
# {cite:t}`mirzaei2022` shows of it in slides, which name no version; that it is the first is our inference.
#
# All three are trained here as the replications' code does: sigmoid neurons, Adam at 0.001, mini-batches of 32, ten
# epochs, pixels in [0, 1], 50 000 training, 10 000 validation and 10 000 test images of MNIST; weight decay is 0.001 in
# the replications, and 0.0001 for the early version, where it is not known and taken from the later one.
#
# ## Four faults
#
# | | in the replications | here |
# |:--|:--|:--|
# | wrong sign | “mutual information” is $H(T) + H(T\|Y)$ | $I(T;Y) = H(T) - H(T\|Y)$ |
# | empty cells | $0 \log 0$ is computed as it stands and gives “not a number”, which the ranking takes for the largest value | $0 \log 0 = 0$ |
# | shrinking | “bias balancing” multiplies the ablated neuron's output by $\hat p(T = 1)$ | the neuron puts out its mean |
# | fresh subsets | random ablation draws a new subset for each number of neurons, once | ten random orders, each nested |
#
# The first two change which neurons go first, the third what is left of them, and the fourth what is compared with.
# A fifth choice is no fault but matters as much: each report shows a single network.

# %% tags=["parameters"]
source: str = "store"  # store: results computed before; live: now
dataset: str = "mnist-5k"  # live: mnist-5k (embedded) or mnist
networks: int = 3  # live: networks of each kind, at least 2
epochs: int = 10  # live: passes over the training samples
random_orders: int = 2  # live: random ablation orders a network and layer
device: str = "auto"  # live: where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()
names = rp.of_kind("replication", rp.RESULTS if source == "store" else None)
small = {
    name: rp.STUDIES[name].smaller(dataset, networks, epochs, random_orders)
    for name in names
}

# %%
studies = {
    name: rp.stored_study(name)
    if source == "store"
    else rp.replicate(small[name], device=device)
    for name in names
}
corrected = {
    name: rp.seen_by(study, rp.VARIANTS["corrected"]) for name, study in studies.items()
}
published = {
    name: rp.seen_by(study, rp.VARIANTS["as published"])
    for name, study in studies.items()
}
both = {
    name: {"as published": published[name], "corrected": corrected[name]}
    for name in names
}
hidden = {name: rp.STUDIES[name].setting.hidden for name in names}
rp.table(
    ["networks", "hidden layers", "how many", "test accuracy", "computed on"],
    [
        [
            name,
            "-".join(map(str, hidden[name])),
            study.sizes["network"],
            rp.mean_and_range(study.test_accuracy.isel(epoch=-1)),
            f"{study.attrs['device']}, {study.attrs['date']}",
        ]
        for name, study in studies.items()
    ],
)

# %% [markdown]
# Mirzaei reports 94.67 % for one network of two layers, and Cen the same to all digits, with the same seed: that run is
# one run, not two.
#
# ## Training

# %% mystnb={"figure": {"caption": "Training loss (left) and test accuracy (right) after each epoch, for the set-ups of the two replications and of the early version: lines are means over networks, bands one standard deviation.", "name": "fig-replications-training"}, "image": {"alt": "Two panels with three lines each. Loss in nats and accuracy in percent against the epoch, a line for each kind of network."}} tags=["hide-input"]
figure, (left, right) = nl.plots.subplots(1, 2, figsize=(8.6, 3))
looks = zip(names, nl.plots.COLOURS.values(), ("o", "s", "^"), strict=False)
for name, colour, marker in looks:
    for axes, quantity, factor in (
        (left, "training_loss", 1),
        (right, "test_accuracy", 100),
    ):
        mean, spread = (
            factor * studies[name][quantity].mean("network"),
            factor * studies[name][quantity].std("network"),
        )
        axes.plot(mean.epoch, mean, color=colour, marker=marker, label=name)
        axes.fill_between(
            mean.epoch, mean - spread, mean + spread, color=colour, alpha=0.15, lw=0
        )
left.set(xlabel="epoch", ylabel="training loss (nats)", ylim=(0, None))
right.set(xlabel="epoch", ylabel="test accuracy (%)")
rp.legend_below(figure)

# %% [markdown]
# ## How much neurons know, layer by layer
#
# The measures as they should be computed, over the neurons of all networks.
# “Deeper layers have larger values”, says Cen, and elsewhere that KL selectivity is higher in shallow layers; the table
# has the mean of the last layer less that of the first, in bits.

# %% mystnb={"figure": {"caption": "Entropy, mutual information and KL selectivity of the neurons by layer; a row for each kind of network. Violins hold the neurons of all networks; bars show minimum and maximum, solid lines the mean, dotted ones the median.", "name": "fig-replications-violins"}, "image": {"alt": "Rows of three panels of violins, one violin for each hidden layer."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(len(names), 3, figsize=(8.6, 2.3 * len(names) + 0.1))
for row, name in zip(grid, names, strict=True):
    for axes, measure in zip(row, nl.MEASURES, strict=True):
        rp.violins(axes, corrected[name], measure).set_title(name, fontsize=9)
# %% tags=["hide-input"]
rows = [
    [name, nl.plots.NAMES[measure], rp.with_interval(found, 3), rp.holds(found)]
    for name in names
    for measure in nl.MEASURES
    for found in [rp.deeper_is_more(corrected[name], measure)]
]
rp.table(["networks", "measure", "last less first (bits)", "deeper is more"], rows)

# %% [markdown]
# ## What the faults do to the value of a neuron
#
# With the wrong sign, the “mutual information” is $2 H(T) - I(T;Y)$: it ranks by entropy, and of neurons of equal
# entropy gives those that say most the *lowest* value.
# Empty cells take a value away from just those neurons that never, or always, fire for some class, among them those that
# are constant and say nothing; being ranked as the largest, they are ablated last by “lowest first”.

# %% mystnb={"figure": {"caption": "H(T) + H(T|Y), which the replications take for mutual information, against mutual information, for the neurons of one network of each kind. Colours are layers; crosses are neurons with an empty cell, which have no value in the replications.", "name": "fig-replications-values"}, "image": {"alt": "Scatter plots of the published value against mutual information, a panel for each kind of network and a colour for each layer; crosses are neurons with an empty cell."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(
    1, len(names), figsize=(8.6, 3.1), sharex=True, sharey=True
)
for axes, name in zip(grid, names, strict=True):
    network = rp.with_faulty_measures(
        corrected[name]["measures"].to_dataset().isel(network=[0])
    )
    empty = np.isinf(network.published_information.values)[0]
    for layer, colour in zip(
        nl.common.layer_names(hidden[name]),
        ("#0072B2", "#E69F00", "#009E73"),
        strict=False,
    ):
        here = (network.layer == layer).values
        for chosen, marker in ((here & ~empty, "o"), (here & empty, "x")):
            axes.scatter(
                network.mutual_information[0][chosen],
                network.wrong_sign[0][chosen],
                s=14,
                color=colour,
                marker=marker,
                label=f"layer {layer}" if marker == "o" else None,
            )
    axes.set(title=name, xlabel="mutual information (bits)")
grid[0].set(ylabel="H(T) + H(T|Y) (bits)")
deepest = max(grid, key=lambda axes: len(axes.get_legend_handles_labels()[1]))
deepest.legend(fontsize=8)
# %% tags=["hide-input"]
rows = []
for name in names:
    faulty = rp.with_faulty_measures(corrected[name]["measures"].to_dataset())
    for layer in nl.common.layer_names(hidden[name]):
        here = (faulty.layer == layer).values
        values = (
            faulty[one].values[:, here]
            for one in (
                "undefined_information",
                "mutual_information",
                "wrong_sign",
                "entropy",
            )
        )
        empty, *compared = values
        rank = [
            nl.ablation.spearman(right[entropy > 0], wrong[entropy > 0])
            for right, wrong, entropy in zip(*compared, strict=True)
        ]
        rows.append(
            [
                name,
                layer,
                f"{100 * np.isinf(empty).mean():.1f}",
                rp.with_interval(np.array(rank), 2),
            ]
        )
rp.table(
    [
        "networks",
        "layer",
        "neurons with an empty cell (%)",
        "rank correlation of wrong with right, of neurons that vary",
    ],
    rows,
)

# %% [markdown]
# ## Layer by layer, as published and corrected
#
# All with balancing, as in Cen's report.


# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer with all four faults (left) and with none (right), sigmoid networks of two hidden layers of 200 neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. The reports show the first 80 neurons.", "name": "fig-replications-two"}, "image": {"alt": "Two rows of two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
figure = rp.side_by_side("replication-2layer", both["replication-2layer"], ["1", "2"])

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer with all four faults (left) and with none (right), sigmoid networks of three hidden layers of 200 neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random. The report shows the first 80 neurons.", "name": "fig-replications-three"}, "image": {"alt": "Three rows of two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
if "replication-3layer" in both:
    figure = rp.side_by_side(
        "replication-3layer", both["replication-3layer"], ["1", "2", "3"]
    )

# %% mystnb={"figure": {"caption": "Cumulative ablation layer by layer with all four faults (left) and with none (right), networks as in the early version of the paper: sigmoid, two hidden layers of 100 neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-replications-early"}, "image": {"alt": "Two rows of two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
figure = rp.side_by_side("early-version", both["early-version"], ["1", "2"])

# %% [markdown]
# ## The whole network

# %% mystnb={"figure": {"caption": "Cumulative ablation of the neurons of all layers in one order, with all four faults (left) and with none (right), sigmoid networks of two hidden layers of 200 neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-replications-whole-two"}, "image": {"alt": "Two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
figure = rp.side_by_side("replication-2layer", both["replication-2layer"], ["whole"])

# %% mystnb={"figure": {"caption": "Cumulative ablation of the neurons of all layers in one order, with all four faults (left) and with none (right), sigmoid networks of three hidden layers of 200 neurons. Lines are means over networks, bands one standard deviation. Solid: lowest values first; dashed: highest first; dotted: random.", "name": "fig-replications-whole-three"}, "image": {"alt": "Two panels of test accuracy against ablated neurons, seven curves each."}} tags=["hide-input"]
if "replication-3layer" in both:
    figure = rp.side_by_side(
        "replication-3layer", both["replication-3layer"], ["whole"]
    )

# %% [markdown]
# ## Balancing
#
# Without balancing, an ablated neuron puts out zero.
# What the replications call balancing lets it put out part of what it did; what the early version of the paper meant
# moves its mean into the next layer's bias.
# The table has means over the first 40 % of each curve: of a layer of 200 neurons, the 80 that the reports show.

# %% mystnb={"figure": {"caption": "Random ablation of each layer without balancing (ablated to zero), with the replications' balancing (shrunk by the share of samples for which a neuron is active), and with bias balancing (to the mean); means over networks with one standard deviation.", "name": "fig-replications-balancing"}, "image": {"alt": "Panels with three falling curves each, one panel a layer."}} tags=["hide-input"]
places = [
    (name, layer) for name in names for layer in nl.common.layer_names(hidden[name])
]
figure, grid = nl.plots.subplots(
    -(-len(places) // 3), 3, figsize=(8.6, 7.6), sharey=True
)
for axes in grid.flat[len(places) :]:
    axes.set_axis_off()
for axes, (name, layer) in zip(grid.flat, places, strict=False):
    ways = {
        "to zero": rp.seen_by(studies[name], rp.VARIANTS["corrected"], balanced=False),
        "shrunk": rp.seen_by(studies[name], rp.VARIANTS["shrinking alone"]),
        "to the mean": corrected[name],
    }
    nl.plots.compared_curves(
        axes,
        {
            way: nl.random_accuracy(rp.curves_of(tree, layer))
            for way, tree in ways.items()
        },
    )
    axes.set_title(f"{name}, layer {layer}", fontsize=9)
    axes.set_xticks(range(0, max(hidden[name]) + 1, 50))
rp.legend_below(figure)
# %% tags=["hide-input"]
rows = []
for name in names:
    shrunk = rp.seen_by(studies[name], rp.VARIANTS["shrinking alone"])
    without = rp.seen_by(studies[name], rp.VARIANTS["corrected"], balanced=False)
    for layer in nl.common.scopes(hidden[name]):
        zero, way, mean = (
            rp.random_loss_shown(tree, layer)
            for tree in (without, shrunk, corrected[name])
        )
        rows.append(
            [name, layer, *map(rp.with_interval, (zero, zero - way, zero - mean))]
        )
rp.table(
    [
        "networks",
        "layer",
        "lost without balancing (points)",
        "gained by shrinking",
        "gained by the mean",
    ],
    rows,
)

# %% [markdown]
# ## Each fault alone
#
# How far a fault by itself moves the curves: the mean distance in percentage points from the corrected curves of the
# same networks, over the first 40 % of the curve again, for mutual information (lowest and highest first) and
# for random ablation.

# %% tags=["hide-input"]
orders = (
    ("mutual_information", "low"),
    ("mutual_information", "high"),
    ("random", ""),
)
rows = []
for name in names:
    for variant in rp.VARIANTS:
        if variant != "corrected":
            seen = rp.seen_by(studies[name], rp.VARIANTS[variant])
            moved = [
                rp.distance(corrected[name], seen, measure, way, layer).mean()
                for layer in ("1", nl.common.layer_names(hidden[name])[-1])
                for measure, way in orders
            ]
            rows.append([name, variant, *(f"{points:.1f}" for points in moved)])
rp.table(
    [
        "networks",
        "variant",
        *(
            f"{layer}: {what}"
            for layer in ("first layer", "last layer")
            for what in ("low", "high", "random")
        ),
    ],
    rows,
)

# %% [markdown]
# ## What becomes of the conclusions
#
# Each conclusion as one number a network, positive where it is so: a mean over the first 40 % of the curve.
# “Yes” and “no” mean that the 95 % interval over networks lies on one side of zero.

# %% mystnb={"figure": {"caption": "What the reports conclude, as published and corrected: percentage points, positive where it is so; means over networks with 95 % intervals. “High” and “low” say which values go first; MI is mutual information, KL is KL selectivity.", "name": "fig-replications-conclusions"}, "image": {"alt": "Panels of points with intervals, a row for each conclusion and two marks a row; the table below has the numbers."}} tags=["hide-input"]
answered = {
    name: {
        conclusion.short: {
            "as published": conclusion.value(published[name]),
            "corrected": conclusion.value(corrected[name]),
        }
        for conclusion in rp.CONCLUSIONS
    }
    for name in names
}
figure, grid = nl.plots.subplots(1, len(names), figsize=(8.6, 4), sharey=True)
for axes, name in zip(grid, names, strict=True):
    nl.plots.intervals(axes, answered[name], "points").set_title(name, fontsize=9)
rp.legend_below(figure)

# %% [markdown]
# The last column says for how many single networks it would have come out as yes, as published and corrected: that is
# what a report of one network draws from.

# %% tags=["hide-input"]
rows = []
for name in names:
    for conclusion in rp.CONCLUSIONS:
        was, found = answered[name][conclusion.short].values()
        rows.append(
            [
                name,
                conclusion.text,
                f"{rp.holds(was)}: {rp.with_interval(was)}",
                f"{rp.holds(found)}: {rp.with_interval(found)}",
                f"{(was > 0).sum()} and {(found > 0).sum()} of {found.size}",
            ]
        )
rp.table(
    ["networks", "conclusion", "as published", "corrected", "single networks"], rows
)

# %% [markdown]
# How many of these come out the same once the faults are gone, and which do not:

# %% tags=["hide-input"]
rows = []
for name in names:
    changed = [
        short
        for short, (was, found) in (
            (short, map(rp.holds, row.values()))
            for short, row in answered[name].items()
        )
        if was != found
    ]
    same = len(rp.CONCLUSIONS) - len(changed)
    rows.append(
        [name, f"{same} of {len(rp.CONCLUSIONS)}", "; ".join(changed) or "none"]
    )
rp.table(["networks", "come out the same", "come out differently"], rows)

# %% [markdown]
# ## Is the “counterintuitive” last layer real?
#
# Cen finds that in the last layer it is better to ablate neurons of *high* mutual information and KL selectivity first.
# The advantage of high first in the last layer, in percentage points, by variant; with zero in place of balancing too:

# %% tags=["hide-input"]
rows = []
for name in names:
    last = nl.common.layer_names(hidden[name])[-1]
    trees = {
        variant: rp.seen_by(studies[name], rp.VARIANTS[variant])
        for variant in rp.VARIANTS
    }
    trees["corrected, to zero"] = rp.seen_by(
        studies[name], rp.VARIANTS["corrected"], balanced=False
    )
    for variant, tree in trees.items():
        found = [rp.high_over_low(tree, measure, last) for measure in nl.MEASURES]
        rows.append([name, variant, *map(rp.with_interval, found)])
rp.table(
    ["networks", "variant", *(nl.plots.NAMES[measure] for measure in nl.MEASURES)], rows
)

# %% [markdown]
# The wrong sign is in mutual information alone, so for entropy and KL selectivity variants differ by the other faults alone;
# KL selectivity itself is computed correctly in the replications.
#
# ## Exercises
#
# ```{exercise-start}
# :label: ex-replications-sign
# ```
# Give counts of two neurons, of ten samples and two classes, that the wrong sign ranks the other way round than mutual
# information does.
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
