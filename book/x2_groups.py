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
# (sec-groups)=
# # Pairs and groups: redundancy and synergy
#
# {ref}`sec-examples` ends with what single neurons cannot show.
# {cite:t}`amjad2021` name the way on (Sec. VI): split what several neurons say of the class into redundant, unique and
# synergistic parts.
# {cite:t}`clauw2022` took another way: *O-information* says whether redundancy or synergy prevails in a group.
# They report that the first layer is dominated by redundancy and the last by synergy.
#
# This chapter does both for one-bit neurons.
# Data, widths, estimator and search of {cite:t}`clauw2022` are not known to us, so what follows tests their statement
# on the networks of this book, and does not repeat their experiment.

# %% tags=["parameters"]
dataset: str = "mnist-5k"  # mnist-5k (embedded), mnist or fashion-mnist
networks: int = 10  # networks trained for each regularizer, at least 2
epochs: int = 20  # passes over the training samples
seed: int = 0  # start of every random number
device: str = "auto"  # where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()

# %% [markdown]
# ## Two neurons: four parts
#
# What two neurons say of the class together is divided into four parts:
#
# $$I(T_1 T_2; Y) = R + U_1 + U_2 + S, \qquad I(T_j; Y) = R + U_j$$ (eq-parts)
#
# Redundancy $R$ is said by either, unique information $U_j$ by one alone, synergy $S$ only by both together.
# Equation {eq}`eq-parts` leaves one number open, and definitions differ in it.
# {cite:t}`williams2010` call redundant what the neuron that says less says of a class, the smaller of the two entries of
# the spectra of {ref}`sec-measures`, averaged over the classes.
# {cite:t}`bertschinger2014` (BROJA) call synergistic what $I(T_1 T_2; Y)$ is above the least that it could be: over all
# joint distributions in which each of the two neurons is related to the class as it is.
#
# Four gates, in which the class is a function of two independent fair bits, and two copies:

# %%
bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
s, t = bits.T.astype(int)
gates = {"s and t": s & t, "s xor t": s ^ t, "s": s, "the pair (s, t)": 2 * s + t}
tables = {
    name: nl.information.pair_counts(bits, y, 4)[0, 1] for name, y in gates.items()
}
tables["s, and t = s"] = nl.information.pair_counts(
    bits[:, :1].repeat(2, axis=1), s, 4
)[0, 1]
rows = []
for name, counts in tables.items():
    parts, other = nl.information.broja(counts), nl.information.williams_beer(counts)
    rows.append(
        [
            name,
            parts.redundancy,
            *parts.unique,
            parts.synergy,
            other.redundancy,
            other.synergy,
        ]
    )
header = ["class", "R", "U₁", "U₂", "S", "R (Williams, Beer)", "S (Williams, Beer)"]
rp.table(header, [[row[0], *map(float, row[1:])] for row in rows])

# %% [markdown]
# All in bits.
# They differ for the pair: two independent bits, each of which says one bit of the class.
# For Williams and Beer that is redundant, since both say *as much* of each class; for BROJA it is unique.
# The rest of this chapter uses BROJA.
#
# ## Pairs of trained networks
#
# Networks of three regularizers, and the mean parts over all pairs of neurons of a layer, in bits with 95 % intervals over
# networks.
# Left out are constant neurons and, of neurons with identical bits, all but the first, which makes redundancy smaller
# where there are copies; the table counts the neurons that take part.

# %%
data = nl.load(dataset)
found, ensembles = {}, {}
for regularizer in ("none", "l2", "dropout"):
    setting = rp.paper_setting(dataset, "relu", regularizer, epochs=epochs, seed=seed)
    ensembles[regularizer], _ = nl.train(setting, data, range(networks), device)
    found[regularizer] = nl.information.of_layers(ensembles[regularizer], data)
active = {
    (name, layer): here
    for name, ensemble in ensembles.items()
    for layer, here in zip(
        ("1", "2"),
        nl.information.active_by_layer(ensemble, data.validation),
        strict=True,
    )
}
rows = [
    [
        f"{name} ({here.sizes['network']})",
        layer,
        f"{float(here.used.mean()):.1f}",
        *(
            rp.with_interval(here.pairs.sel(part=part).values.ravel(), 3, plus=False)
            for part in here.part.values
        ),
    ]
    for name, of_setting in found.items()
    for layer, here in of_setting.groupby("layer")
]
rp.table(
    [
        "regularizer (networks)",
        "layer",
        "neurons that take part",
        "R",
        "U of one",
        "S",
        "R (Williams, Beer)",
    ],
    rows,
)

# %% [markdown]
# Counts of $N$ samples make $S - R$ too large, for $C$ classes by about $(C - 1) / (2 N \ln 2)$ bits
# {cite:p}`miller1955`, nearly all of which is in $S$; so a synergy that is no larger is none that these samples show, and
# networks measured on other numbers of samples are not to be compared in $S$, nor in a share of the whole:

# %%
samples, classes = len(data.validation.labels), len(data.label_names)
rp.table(
    ["samples", "bias of S − R (bits)"],
    [[samples, float((classes - 1) / (2 * samples * np.log(2)))]],
)

# %% [markdown]
# Does Dropout raise redundancy, as the paper supposes (Sec. V-E)?
# Here is the difference of the mean redundancy of a pair, Dropout less the other regularizer, in bits and as a share of
# what the pair says in all, which the bias makes a little too small, the more so the less a pair says:


# %%
def redundancy(of_setting, layer):
    parts = of_setting.pairs.sel(layer=layer)
    R, U, S = (parts.sel(part=part) for part in ("redundancy", "unique", "synergy"))
    return {
        "R (bits)": R.values,
        "share of R (points)": (100 * R / (R + 2 * U + S)).values,
    }


rows = []
for other in ("none", "l2"):
    for layer in ("1", "2"):
        ours, theirs = (redundancy(found[name], layer) for name in ("dropout", other))
        for what in ours:
            less = ours[what] - theirs[what]
            rows.append(
                [other, layer, what, rp.with_interval(less, digits=3), less.size]
            )
rp.table(
    ["Dropout against", "layer", "difference in", "mean [95 % interval]", "networks"],
    rows,
)

# %% [markdown]
# ### In the stored networks
#
# The same for the paper's settings that have been computed with it, from all of a setting's validation samples:

# %% tags=["hide-input"]
archive = rp.StoredResults()
rows = []
for name in rp.SETTINGS:
    if archive.has(name) and "groups" in archive(name).children:
        of_setting = archive(name)["groups"].to_dataset()
        for layer, here in of_setting.groupby("layer"):
            parts = [here.pairs.sel(part=part) for part in here.part.values[:3]]
            means = [
                rp.with_interval(part.values.ravel(), 3, plus=False)
                for part in (*parts, here.information)
            ]
            rows.append([f"{name} ({here.sizes['network']})", layer, *means])
header = ["setting (networks)", "layer", "R", "U of one", "S", "whole layer, at least"]
rp.table(header, rows or [["none yet", *[""] * 5]])

# %% [markdown]
# ### Does redundancy show in ablation?
#
# {cite:t}`meyes2019` ablate pairs: if the loss exceeds the sum of the losses of each neuron alone, one could stand in for
# the other.
# For one network with Dropout, the rank correlation, over all pairs of the second layer, between that excess and the
# parts; pairs that share a neuron are not independent of each other, so there is no interval:

# %%
one = ensembles["dropout"].part(slice(0, 1))
width = one.setting.hidden[1]
bits = active["dropout", "2"][0]
kept = nl.information.distinct_varying_neurons(bits)
places = np.column_stack(np.triu_indices(len(kept), k=1))
alone = (
    nl.ablate_sets(one, data, "2", nl.ablation.singles(one, "2")).sum("label").values[0]
)
both = nl.ablate_sets(one, data, "2", kept[places][None]).sum("label").values[0]
excess = both - alone[kept[places]].sum(axis=1)
parts = nl.information.broja(
    nl.information.each_pair(
        bits[:, kept], data.validation.labels, len(data.label_names)
    )
)
named = {
    "redundancy": parts.redundancy,
    "synergy": parts.synergy,
    "unique, of both": sum(parts.unique),
}
rows = [
    [name, float(nl.ablation.spearman(part, excess)), len(excess)]
    for name, part in named.items()
]
rp.table(["part", "rank correlation with the excess", "pairs"], rows)

# %% [markdown]
# ## Three neurons and more: O-information
#
# For a group of neurons, without regard to the class,
#
# $$\Omega = (n - 2)\, H(X_1, \dots, X_n) + \sum_j \bigl[ H(X_j) - H(X_{-j}) \bigr]$$ (eq-o-information)
#
# is positive where redundancy prevails and negative where synergy does {cite:p}`rosas2019`: +1 bit for three copies of a
# fair bit, −1 bit for two bits and their exclusive or.
# A Gaussian model cannot see the latter, so {eq}`eq-o-information` is computed from counts.
# Its estimate is biased towards synergy, more so the larger the group, and with as many samples as here by about as much
# as this for independent neurons that are as often active as not; by less for neurons that are seldom active:

# %%
rp.table(
    ["neurons of a group", "bias (bits)"],
    [[n, nl.information.plug_in_bias(n, samples)] for n in (3, 4, 6, 8, 10)],
)

# %% [markdown]
# Of a group whose bias is as large as what is found in it, nothing can be said.
#
# For all triplets of a layer, the next table has the share of those in which redundancy prevails, and in which synergy
# does, more than in 99.5 % of triplets of the same neurons with their samples shuffled; by chance alone, each share
# would be 0.5 %.
# Means over networks, and the difference with its 95 % interval:

# %%
prevails, rows = {}, []
for (name, layer), here in active.items():
    shares = 100 * np.array([nl.information.beyond_chance(bits, seed) for bits in here])
    prevails[name, layer] = less = shares[:, 0] - shares[:, 1]
    means = [f"{share:.1f}" for share in shares.mean(axis=0)]
    rows.append([name, layer, *means, rp.with_interval(less)])
header = [
    "regularizer",
    "layer",
    "redundant (%)",
    "synergistic (%)",
    "redundant less synergistic",
]
rp.table(header, rows)

# %% tags=["hide-input"]
shown = {
    key: nl.information.of_triplets(
        here[0][:, nl.information.distinct_varying_neurons(here[0])]
    )
    for key, here in active.items()
}
# %% mystnb={"figure": {"caption": "O-information of all triplets of neurons of a layer, for one network of each regularizer. Right of zero redundancy prevails, left of it synergy. Blue, solid: layer 1; red, dashed: layer 2.", "name": "fig-groups-triplets"}, "image": {"alt": "Three panels of outlined histograms around zero; the table above gives the shares on either side that are beyond chance."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(1, 3, figsize=(9, 3), sharey=True, sharex=True)
edges = np.histogram_bin_edges(np.concatenate(list(shown.values())), 80)
for axes, name in zip(grid, ensembles, strict=True):
    for layer, colour, dash in (("1", "#0072B2", "solid"), ("2", "#D55E00", "dashed")):
        shares = (
            100 * np.histogram(shown[name, layer], edges)[0] / shown[name, layer].size
        )
        axes.stairs(
            shares, edges, color=colour, linestyle=dash, lw=1.4, label=f"layer {layer}"
        )
    axes.set(title=name, xlabel="O-information (bits)", yscale="log")
grid[0].set_ylabel("triplets (%)")
grid[0].legend()
# %% [markdown]
# ### By a Gaussian model
#
# The usual estimate of O-information takes the neurons' real values for a Gaussian copula, which sees only how they vary
# two by two.
# On three bits of which one is the exclusive or of the others it finds nothing, where counts find −1 bit.
# On pre-activations, before ReLU cuts them, it can be computed for every triplet; here for some drawn of each layer of the
# first network of each regularizer:

# %%
rows = []
draw = np.random.default_rng(seed)
for name, ensemble in ensembles.items():
    values = ensemble.part(slice(0, 1)).pre_activations(data.validation)[0]
    for layer, here in zip(
        ("1", "2"), np.split(values, [setting.hidden[0]], axis=1), strict=True
    ):
        drawn = np.array(
            [draw.choice(here.shape[1], 3, replace=False) for _ in range(1000)]
        )
        found_here = nl.information.of_groups_gaussian(here.astype(np.float64), drawn)
        rows.append(
            [
                name,
                layer,
                f"{100 * (found_here < 0).mean():.0f}",
                float(found_here.mean()),
                len(found_here),
            ]
        )
rp.table(["regularizer", "layer", "below zero (%)", "mean (bits)", "triplets"], rows)

# %% [markdown]
# ### Larger groups
#
# The most synergistic and the most redundant group of six neurons of each layer of one network with Dropout, found by
# growing a triplet (greedy) and by simulated annealing, beside what the same search finds among shuffled neurons:

# %%
rows = []
for layer in ("1", "2"):
    bits = active["dropout", layer][0]
    used = bits[:, nl.information.distinct_varying_neurons(bits)]
    for direction, what in (("low", "synergy"), ("high", "redundancy")):
        grown = nl.information.greedy(used, 6, direction)[1][-1]
        annealed = nl.information.anneal(used, 6, direction, seed)[1]
        by_chance = nl.information.greedy(
            nl.information.shuffled(used, seed), 6, direction
        )[1][-1]
        rows.append([layer, what, float(grown), annealed, float(by_chance)])
rp.table(
    [
        "layer",
        "search for",
        "greedy (bits)",
        "annealing (bits)",
        "greedy, shuffled (bits)",
    ],
    rows,
)

# %% [markdown]
# ## Re-training a sub-network
#
# {cite:t}`clauw2022` report that re-training a synergistic sub-network changes performance little.
# If its synergy is what makes it good, another group of the same size must do worse.
# So of the second layer only six neurons are kept, the others really removed, bias and all: the most synergistic group
# that the greedy search finds, the most redundant, those with the most mutual information, six drawn at random, and for
# comparison all but the synergistic six.
# All, and the whole layer, are then trained for half as many epochs as the whole networks, either from where they are or
# from their initial weights, and without Dropout, which would silence two or three of six neurons each time.
# Below, means and standard deviations over networks of the test accuracy.

# %%
whole = ensembles["dropout"]
bits = active["dropout", "2"]
information = nl.measure(whole, data.validation).mutual_information
draw = np.random.default_rng(seed)
groups: dict[str, list] = {}
for k in range(networks):
    places = nl.information.distinct_varying_neurons(bits[k])
    synergistic, redundant = (
        places[nl.information.greedy(bits[k][:, places], 6, way)[0]]
        for way in ("low", "high")
    )
    chosen = {
        "most synergistic": synergistic,
        "most redundant": redundant,
        "most information": np.argsort(-information.values[k, -width:])[:6],
        "drawn": draw.choice(places, 6, replace=False),
        "all but the most synergistic": np.setdiff1d(np.arange(width), synergistic),
        "the whole layer": np.arange(width),
    }
    for arm, members in chosen.items():
        groups.setdefault(arm, []).append(members)

# %%
untrained = nl.initialize(
    whole.setting, data.train.pixels.shape[1], 10, range(networks)
)
test = nl.networks.samples_on(whole.device, data.test)
reached = {}
for arm, kept in groups.items():
    for begin, start in (("as they are", whole), ("from the start", untrained)):
        small = nl.pruning.only(start, "2", np.array(kept))
        if start is whole:
            reached[arm, "not re-trained"] = 100 * small.accuracy(*test).cpu().numpy()
        again = small.setting.replace(dropout=(), epochs=max(1, epochs // 2))
        _, history = nl.train(again, data, range(networks), device, small)
        reached[arm, begin] = 100 * history.test_accuracy.isel(epoch=-1).values
ways = ("not re-trained", "as they are", "from the start")
rows = [
    [
        arm,
        len(kept[0]),
        *(
            f"{reached[arm, way].mean():.1f} ± {reached[arm, way].std():.1f}"
            for way in ways
        ),
    ]
    for arm, kept in groups.items()
]
rp.table(
    [
        "kept",
        "neurons",
        "not re-trained (%)",
        "re-trained as they are (%)",
        "re-trained from the start (%)",
    ],
    rows,
)

# %% [markdown]
# And what the synergistic six reach beyond the others of the same size, over networks with 95 % intervals:

# %% tags=["hide-input"]
rows = []
for arm in ("most redundant", "most information", "drawn"):
    entries = []
    for way in ways:
        less = reached["most synergistic", way] - reached[arm, way]
        entries.append(rp.with_interval(less))
    rows.append([arm, *entries, less.size])
rp.table(["synergistic less", *(f"{way} (points)" for way in ways), "networks"], rows)

# %% [markdown]
# ## What was reported, and what is found here
#
# The three statements of {cite:t}`clauw2022`, and what the third is due to; “holds” and “more” ask for an interval beyond
# zero, and how much is little is for the reader to say.
# As their data, widths and estimator are unknown to us, this says nothing about their networks.

# %% tags=["hide-input"]
lowest = {key: nl.bootstrap_interval(less)[0] for key, less in prevails.items()}
highest = {key: nl.bootstrap_interval(less)[1] for key, less in prevails.items()}
retrained = reached["most synergistic", "as they are"]
cost = reached["the whole layer", "as they are"] - retrained
better = retrained - reached["drawn", "as they are"]
rows = [
    [
        "the first layer is dominated by redundancy",
        "holds for "
        + (", ".join(name for name in ensembles if lowest[name, "1"] > 0) or "none"),
    ],
    [
        "the last layer is dominated by synergy",
        "holds for "
        + (", ".join(name for name in ensembles if highest[name, "2"] < 0) or "none"),
    ],
    [
        "re-training a synergistic sub-network costs little",
        f"costs {rp.with_interval(cost)} points against the whole layer, trained as much further",
    ],
    [
        "and that is due to its synergy",
        "it reaches more than six drawn neurons do"
        if nl.bootstrap_interval(better)[0] > 0
        else "six drawn neurons reach more"
        if nl.bootstrap_interval(better)[1] < 0
        else "undecided: it is not told apart from six drawn neurons",
    ],
]
rp.table(["statement", "here"], rows)

# %% [markdown]
# ## A whole layer
#
# The paper notes (Sec. V-A) that what a whole layer says of the class cannot grow with depth, by the data-processing
# inequality {cite:p}`cover2006`, while single neurons say more and more.
# That holds for the outputs of neurons, not for one bit of each: what the second layer computes depends on more
# of the first layer's outputs than whether they are above the threshold, so that of bits, even the exact information may
# grow.
# A table of all values of a layer of 100 neurons would have $2^{100}$ cells for each class, so it can only be bounded: here
# from below, by logistic regressions on the one-bit values, each learnt from one half of the samples
# {cite:p}`barber2003`: $I(T; Y)$ is at least $H(Y)$ less their mean cross-entropy, in bits, on the other half.
# Means over networks with 95 % intervals:

# %%
rows = []
for name, of_setting in found.items():
    single = nl.measure(ensembles[name], data.validation).mutual_information
    for layer in ("1", "2"):
        total = single[:, np.flatnonzero(single.layer == layer)].sum("neuron")
        rows.append(
            [
                name,
                layer,
                rp.with_interval(total.values, 3, plus=False),
                rp.with_interval(
                    of_setting.information.sel(layer=layer).values, 3, plus=False
                ),
            ]
        )
rp.table(
    ["regularizer", "layer", "sum over neurons (bits)", "whole layer, at least (bits)"],
    rows,
)

# %% [markdown]
# The entropy of ten equally frequent classes is $\log_2 10 \approx 3.32$ bits; a sum above that counts some of it more than
# once.
# A bound that grows with depth does not violate the inequality: it is about one-bit values, not outputs, and only what a
# linear decoder finds in them. The output layer is a linear decoder, and training has fitted the second layer to it, not
# the first.
#
# ## Not here yet
#
# Sub-networks of larger data sets.
#
# ## Exercises
#
# ```{exercise-start}
# :label: ex-groups-noise
# ```
# Take two bits, each equal to a fair class bit with probability 0.9, independently of each other given the class.
# Which parts do you expect? Compute them.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-groups-noise
# :class: dropdown
# ```
# The two neurons are related to the class in the same way, so neither has unique information: one could be a copy of the
# other. That they err independently makes both together say more than either, and BROJA calls that synergy.

# %%
agree = np.array([81, 9, 9, 1])
counts = np.stack([agree, agree[::-1]], axis=1).reshape(2, 2, 2)
parts = nl.information.broja(counts)
{
    "R": float(parts.redundancy),
    "U": [float(u) for u in parts.unique],
    "S": float(parts.synergy),
}

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## Summary
#
# Pairs of one-bit neurons can be decomposed quickly, to within a known bound, and groups of a few neurons
# can be judged by O-information as long as samples suffice.
# What the parts are in these networks stands in the tables; what Dropout does to redundancy is answered with an interval.
