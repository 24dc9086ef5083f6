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
# (sec-performance)=
# # Performance: how near the core is to the machine's limit
#
# How fast is the core, and how fast could it be on this machine?
# The paper trains 50 networks for each of its settings (35 for CIFAR-10), and ablates every neuron in several orders.
# `neuronlib` does this for all networks of a setting together.
# This chapter compares it with the usual ways to write the same thing, and with the machine's limit.
#
# `make bench` measures everything shown here in an hour, and stores it; the chapter only reads it.
# In each repetition all contestants work in turn, so that a change of the machine's speed affects all of them.
# Ratios are taken within a repetition.
# A number with brackets is the median over repetitions with the smallest and the largest.

# %% tags=["parameters"]
benchmark: str = ""  # folder that make bench wrote; "" for the stored one

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()

# %%
limits, training, steps, measuring, ablating, grown = (
    rp.read_benchmark(name, benchmark)
    for name in ("limits", "training", "steps", "measuring", "ablating", "growth")
)
names = [name for name in ("mnist", "cifar10") if name in training]
machine = limits["machine"]
rp.markdown(
    f"Measured on {machine['date']} on {machine['processor']}, "
    f"{machine['threads']} threads, {machine['cache_bytes'] / 2**20:.0f} MiB "
    f"third-level cache, torch {machine['torch']}, "
    f"{len(limits['operations_per_second'])} repetitions."
)

# %% [markdown]
# ## The account of a training step
#
# With mini-batches of 32 samples, a step of one network multiplies matrices and updates weights.
# For layers with $n_0, n_1, \dots$ neurons and $N$ samples, the products take
#
# ```{math}
# :label: eq-step-operations
# F = 2 N \Big( 2 \sum_{i \ge 1} n_{i-1} n_i + \sum_{i \ge 2} n_{i-1} n_i \Big)
# ```
#
# operations.
# Each layer multiplies once forward and once for the gradient of its weights.
# Each layer but the first multiplies once more for the gradient of its inputs.
# RMSProp with momentum reads four numbers for each weight (weight, gradient, two averages) and writes three.

# %% tags=["hide-input"]
accounts = {name: rp.StepAccount(**training[name]["account"]) for name in names}
together = {name: training[name]["networks_together"] for name in names}
rp.table(
    ["network", "operations (million)", "update (MB)", "state (MB)", "together"],
    [
        (
            "-".join(map(str, training[name]["widths"])),
            f"{account.operations / 1e6:.1f}",
            f"{account.update_bytes / 1e6:.1f}",
            f"{account.state_bytes / 1e6:.1f}",
            together[name],
        )
        for name, account in accounts.items()
    ],
)

# %% [markdown]
# - *State* is what a network keeps between two steps, with its gradients.
# - *Together* says how many networks are trained at a time.
#   Their states fit into a quarter of a 32 MiB cache, but there are at least two.
#
# Two ceilings belong to this account, both measured in the same run.
# One is the speed of a large matrix product.
# The other is the bandwidth of a copy, which depends on whether source and target fit into the cache.

# %% tags=["hide-input"]
peak = np.median(limits["operations_per_second"])
rp.table(
    ["ceiling", "measured"],
    [
        (
            "product of 1024 × 1024 matrices (GFLOP/s)",
            rp.spread(limits["operations_per_second"], 1e-9, 0),
        ),
        *(
            (f"copy, {int(size) / 2**20:.0f} MiB (GB/s)", rp.spread(values, 1e-9, 0))
            for size, values in limits["bytes_per_second"].items()
        ),
    ],
)

# %% [markdown]
# The **roofline** is the longer of two times:
#
# - the time of the products at the first ceiling;
# - the time of the update's traffic at the bandwidth of the largest copy.
#   Only that part of the state counts which does not fit into the cache.
#
# Both may go on at once, so no program can be faster than the longer time.
# The roofline ignores the products' awkward shapes, random numbers, and fetching images from memory one by one.
#
# ## Training
#
# - *Replication loop*: one network, images through a `DataLoader` with `ToTensor`, as in the two public replications.
# - *Lean loop*: one network, images as tensors in memory, `torch.nn` and `torch.optim`.
# - *`torch.func` ensemble*: as many networks as the core trains together, by `stack_module_state` and `vmap`.
# - *Matrix products alone*: the step's products with their own shapes, and nothing else.

# %% mystnb={"figure": {"caption": "Time of one training step of one network, by contestant: median (marker) and range (bar) over the repetitions, on a logarithmic scale. Filled circles are the core, open squares its rivals and the products alone; the dotted line is the roofline. Left: the MNIST network without regularizer unless the row says otherwise; right: the CIFAR-10 network.", "name": "fig-performance-training"}, "image": {"alt": "Two dot plots of milliseconds per network and step, a row for each contestant, with the roofline as a vertical line; the table below has the ratios."}} tags=["hide-input"]
bandwidth = np.median(list(limits["bytes_per_second"].values())[-1])
roofs = {
    name: account.limit(peak, bandwidth, together[name], machine["cache_bytes"])
    for name, account in accounts.items()
}
figure, axes = nl.plots.subplots(
    1, len(names), figsize=(9, 3.2), squeeze=False, sharey=True
)
for axis, name in zip(axes[0], names, strict=True):
    rp.contest(axis, training[name]["seconds"], roofs[name])
    axis.set_title({"mnist": "MNIST", "cifar10": "CIFAR-10"}[name])

# %% tags=["hide-input"]
rp.table(
    ["per network and step (ms)", *names],
    [
        (who, *(rp.spread(training[name]["seconds"][who], 1e3, 3) for name in names))
        for who in training["mnist"]["seconds"]
    ]
    + [("roofline", *(f"{1e3 * roofs[name]:.3f}" for name in names))],
)

# %% [markdown]
# An ensemble of `torch.func` starts dozens of operations a step, whose cost all its networks share.
# So it suffers more than the core from few networks at a time.
#
# The table has the time of each contestant relative to the core's, and the cost of Dropout and batch normalization.

# %% tags=["hide-input"]
times = {name: training[name]["seconds"] for name in names}
rp.table(
    ["time relative to the core's", *names],
    [
        (
            who,
            *(
                rp.spread(rp.ratios(times[n]["core"], times[n][who]), 1, 2)
                for n in names
            ),
        )
        for who in times["mnist"]
        if who != "core"
    ]
    + [
        (
            "roofline",
            *(rp.spread(roofs[n] / np.array(times[n]["core"]), 1, 2) for n in names),
        )
    ],
)

# %% [markdown]
# ## Where the time of a step goes
#
# Each part of a step was also timed by itself.
# *Everything else* is the rest of the whole step:
#
# - activation functions, loss and the gradients of biases,
# - the order of the samples,
# - what parts cost each other when they share the cache.
#
# *Before* is the same core as it was until November 2026.
# It indexed the images by a matrix, and let PyTorch check all arguments before each step.
# Both are gone, and no bit of a trained network changed.

# %% mystnb={"figure": {"caption": "Time of one training step of one network, divided into its parts, as medians over the repetitions. Before: images indexed by a matrix, arguments checked before each step. Now: images fetched into memory that is used again, no checks. Left: the MNIST network; right: the CIFAR-10 network.", "name": "fig-performance-parts"}, "image": {"alt": "Three stacked bars for each of two networks. Matrix products are the largest part of each bar; fetching and starting shrink from before to now. The table below has the numbers."}} tags=["hide-input"]
parts = {name: rp.step_parts(steps[name]["seconds"]) for name in names}
figure, axes = nl.plots.subplots(
    1, len(names), figsize=(9, 2.8), squeeze=False, sharey=True
)
for axis, name in zip(axes[0], names, strict=True):
    rp.stacked_parts(axis, parts[name])
    axis.set_title({"mnist": "MNIST", "cifar10": "CIFAR-10"}[name])
handles, labels = axes[0, 0].get_legend_handles_labels()
figure.legend(handles, labels, loc="outside lower center", ncols=3)

# %% tags=["hide-input"]
wholes = ("before", "core", "core, Dropout")
rp.table(
    ["network", "per network and step (ms)", *parts["mnist"]],
    [
        (n, part, *(f"{1e3 * of[part]:.3f}" for of in parts[n].values()))
        for n in names
        for part in parts[n]["now"]
    ]
    + [
        (
            n,
            "whole step",
            *(rp.spread(steps[n]["seconds"][whole], 1e3, 3) for whole in wholes),
        )
        for n in names
    ],
)

# %% [markdown]
# ### What was tried
#
# The table has other ways to do a part, relative to the way of the core.
# A number below 1 is faster.
#
# - *Together* trains another number of networks at a time.
#   The core takes as many as fit into a quarter of the cache.
# - *Weights turned* keeps each matrix of weights transposed in memory.
#   *Gradients turned* computes the transposed gradient of each.
# - *Two processes* have one thread each, and train twice as many networks as *one process* with two threads.
#   `neuronlib run --all` starts a process for each core, and `--processes` says how many ({ref}`sec-scale`).

# %% tags=["hide-input"]
tried = {
    "fetch": ("new memory each time", "four mini-batches at once", "pixels as bytes"),
    "products": ("weights turned", "gradients turned"),
}
rp.table(
    ["time relative to the core's way", *names],
    [
        (
            f"{part}: {way}",
            *(
                rp.spread(rp.ratios(times[part], times[f"{part}: {way}"]), 1, 2)
                for times in (steps[n]["seconds"] for n in names)
            ),
        )
        for part, ways in tried.items()
        for way in ways
    ],
)

# %% tags=["hide-input"]
rp.table(
    ["", "networks together", "step, relative to the core's"],
    [
        (n, who.split()[-1], rp.spread(rp.ratios(times["core"], some), 1, 2))
        for n, times in ((n, steps[n]["seconds"]) for n in names)
        for who, some in times.items()
        if who.startswith("together")
    ]
    + [
        ("mnist, " + who.split(",")[0], who.split()[2], rp.spread(some, 1e3, 3) + " ms")
        for who, some in steps["seconds"].items()
    ],
)

# %% [markdown]
# Three things were tried in prototypes that are not kept.
#
# - Four steps in one compiled program were no faster, and took long to compile.
# - A program started from C++ gained little.
# - The step without data classes, compiled ahead of time, gained more, but rounds differently.
#   All stored networks would have had to be trained again.
#
# We left out two things that would be faster.
# Networks that share their mini-batches could compute their first layers as one wide product.
# But then they would not be independent repetitions, on which every interval and p-value in this book rests.
# And a product that updates weights while it computes their gradient would not write gradients to memory.
# It would take a kernel of our own in C++.
#
# ## Measuring and ablating
#
# Measuring takes the joint counts of all neurons over the validation samples, once for each network.

# %% tags=["hide-input"]
rp.table(
    ["measuring one network", "ms", "times the core's"],
    [
        (
            who,
            rp.spread(values, 1e3, 1),
            rp.spread(rp.ratios(measuring["seconds"]["core"], values), 1, 0),
        )
        for who, values in measuring["seconds"].items()
    ],
)

# %% tags=["hide-input"]
rp.markdown(
    f"{measuring['samples']} samples, {measuring['networks']} networks at once; the replication loop, with batches of "
    f"one, was timed on {measuring['samples_of_replication_loop']} samples and scaled."
)

# %% [markdown]
# One point of an ablation curve is the accuracy on all test samples after one more neuron is ablated.
# Curves of more than 200 neurons have 50 steps of several neurons.
# The times are averages over all curves of a network.
# These are each layer and the whole network, in six orders by measures and some random orders.
#
# Everything before the ablated layer is computed once.
# One more neuron changes the next layer's pre-activations by one outer product.
# So behind the last hidden layer a curve is a cumulative sum.

# %% tags=["hide-input"]
rp.table(
    ["network", "one point", "ms", "times the core's"],
    [
        (
            n,
            who,
            rp.spread(values, 1e3, 2),
            rp.spread(rp.ratios(ablating[n]["seconds"]["core"], values), 1, 0),
        )
        for n in names
        for who, values in ablating[n]["seconds"].items()
    ]
    + [
        (
            n,
            f"core, {'whole network' if scope == 'whole' else 'layer ' + scope}",
            rp.spread(values, 1e3, 2),
            "",
        )
        for n in names
        for scope, values in ablating[n]["seconds_by_scope"].items()
    ],
)

# %% tags=["hide-input"]
rp.table(
    ["network", "samples", "networks", "points", "repetitions"],
    [
        (
            n,
            of["samples"],
            of["networks"],
            sum(of["points"].values()),
            len(of["seconds"]["core"]),
        )
        for n, of in ((n, ablating[n]) for n in names)
    ],
)

# %% [markdown]
# In each repetition the core takes all these points, the lean loop ten of the first layer, the replication loop one.

# %% [markdown]
# ## Pairs and triplets
#
# {ref}`sec-groups` needs the O-information of triplets of one-bit neurons.
# We compare it with the library hoi, on fewer triplets.
# It also needs the decomposition of pairs with a class of ten labels.

# %% tags=["hide-input"]
groups = rp.read_benchmark("groups", benchmark)
rp.table(
    ["", "microseconds", "how many at once"],
    [
        (who, rp.spread(values, 1e6, 1 if "hoi" not in who else 0), many)
        for (who, values), many in zip(
            groups["seconds"].items(),
            (groups["triplets"], groups["triplets_of_hoi"], groups["pairs"]),
            strict=True,
        )
    ],
)

# %% tags=["hide-input"]
of_all = {
    what: np.median(groups["seconds"][f"core, a {what}"])
    * groups[f"{what.split()[-1]}s"]
    for what in ("triplet", "BROJA pair")
}
rp.markdown(
    f"{groups['samples']} samples. All {groups['triplets']} triplets of {groups['neurons']} neurons take "
    f"{of_all['triplet']:.2f} s, all {groups['pairs']} pairs of half of them {of_all['BROJA pair']:.2f} s."
)

# %% [markdown]
# ## Lattices of groups
#
# The information of four neurons divides into 166 atoms, by shared exclusions {cite}`makkeh2021`.
# The core decomposes many groups at once.
# We compare it with the formula written out for one group, and with the library dit for pairs.

# %% tags=["hide-input"]
lattices = rp.read_benchmark("lattices", benchmark)
rp.table(
    ["one group of ten labels", "milliseconds"],
    [
        (who, rp.spread(values, 1e3, 3 if who.startswith("core") else 0))
        for who, values in lattices["seconds"].items()
    ],
)

# %% [markdown]
# ## Growth
#
# Each size is measured in a process of its own: once to warm up, then three times, of which the figure shows the median.
# Three stages are timed:
#
# - one epoch of training with the accuracies after it,
# - measuring,
# - ablating the first layer in 16 orders at every tenth neuron.

# %% mystnb={"figure": {"caption": "Time (left) and memory beyond the images (right) against the number of networks, on logarithmic scales, with noise of MNIST's shape for images. Dotted lines are proportional to the horizontal axis and meet the last point.", "name": "fig-performance-networks"}, "image": {"alt": "Three lines of time on the left and one of memory on the right, on logarithmic scales, each beside a dotted line of proportional growth."}} tags=["hide-input"]
stages = ("training", "measuring", "ablating")
figure, (left, right) = nl.plots.subplots(1, 2, figsize=(9, 3.4))
sizes = [one["networks"] for one in grown["networks"]]
rp.growth(
    left, sizes, {stage: [one[stage] for one in grown["networks"]] for stage in stages}
)
left.set(xlabel="networks", ylabel="seconds")
rp.growth(right, sizes, {"memory": [one["bytes"] / 2**20 for one in grown["networks"]]})
right.set(xlabel="networks", ylabel="MiB")

# %% mystnb={"figure": {"caption": "Time (left) and memory beyond the images (right) against the number of samples, which are trained on, measured and ablated in turn, on logarithmic scales; ten networks, noise of MNIST's shape for images. Dotted lines are proportional to the horizontal axis and meet the last point.", "name": "fig-performance-samples"}, "image": {"alt": "Three lines of time on the left and one of memory on the right, on logarithmic scales, each beside a dotted line of proportional growth."}} tags=["hide-input"]
figure, (left, right) = nl.plots.subplots(1, 2, figsize=(9, 3.4))
sizes = [one["samples"] for one in grown["samples"]]
rp.growth(
    left, sizes, {stage: [one[stage] for one in grown["samples"]] for stage in stages}
)
left.set(xlabel="samples", ylabel="seconds")
rp.growth(right, sizes, {"memory": [one["bytes"] / 2**20 for one in grown["samples"]]})
right.set(xlabel="samples", ylabel="MiB")

# %% [markdown]
# ## The first hour
#
# What does it cost to begin?
# The first table has the seconds from a clone to the first chapter, to the book under the smoke profile, and of the tests.
# Each was measured once, in a new clone, with all packages near at hand.
# The disk space is what each step adds.

# %% tags=["hide-input"]
first = rp.read_benchmark("first", benchmark)
rp.table(
    ["step", "seconds", "disk (MB)"],
    [
        (
            step,
            f"{seconds:.0f}",
            f"{first['bytes'][step] / 1e6:.0f}" if step in first["bytes"] else "",
        )
        for step, seconds in first["seconds"].items()
    ],
)

# %% [markdown]
# `import neuronlib` alone loads neither torch nor xarray.
# They are loaded when they are first needed.
# A training that is long enough is compiled before its first step.
# The compiled program is kept, so that the next process starts sooner.

# %% tags=["hide-input"]
rp.table(
    ["from the start of a process", "seconds"],
    [(what, rp.spread(values, 1, 2)) for what, values in first["starts"].items()]
    + [
        (f"five training steps, {what}", rp.spread(values, 1, 2))
        for what, values in first["first_steps"].items()
    ],
)

# %% [markdown]
# How much memory does `neuronlib run` take?
# The table has the most that it held at any time, for one setting of each architecture.
# Five networks were trained for an epoch, measured, and ablated in curves of four steps.

# %% tags=["hide-input"]
rp.table(
    ["setting", "peak memory (MB)"],
    [(name, f"{most / 1e6:.0f}") for name, most in first["memory"].items()],
)

# %% [markdown]
# ## Summary: what was aimed at, and what was reached
#
# Targets for training by the rivals and by the products alone are the second ones, set after the first were measured.
# All others were set before anything was measured.
# *At most* is the ratio that a program as fast as the roofline would reach.
# If it is below the target, no program can reach the target on this machine.

# %% tags=["hide-input"]
targets = {
    "mnist": {"replication loop": 30, "lean loop": 8, "torch.func ensemble": 1},
    "cifar10": {"replication loop": 4, "lean loop": 2.2, "torch.func ensemble": 1},
}
aims = []
for n in names:
    core = times[n]["core"]
    for who, aim in targets[n].items():
        most = f"{np.median(times[n][who]) / roofs[n]:.1f}"
        what = f"training, {n}: {who} / core"
        aims.append((what, aim, rp.ratios(core, times[n][who]), most))
    products = rp.ratios(core, times[n]["matrix products alone"])
    aims.append((f"training, {n}: products alone / core", 1 / 1.4, products, 1))
    share = roofs[n] / np.array(core)
    aims.append((f"training, {n}: roofline / core", 0.7, share, 1))
    for what, aim in (("Dropout", 1 / 1.3), ("batch normalization", 1 / 1.5)):
        cost = rp.ratios(times[n][f"core, {what}"], core)
        aims.append((f"training, {n}: without / with {what}", aim, cost, ""))
for what, content, who, aim in (
    ("measuring", measuring, "replication loop", 100),
    ("ablating, mnist", ablating["mnist"], "replication loop", 1000),
    ("ablating, mnist", ablating["mnist"], "lean loop", 10),
):
    measured = rp.ratios(content["seconds"]["core"], content["seconds"][who])
    aims.append((f"{what}: {who} / core", aim, measured, ""))
triplet, rival = (groups["seconds"][f"{who}, a triplet"] for who in ("core", "hoi"))
aims.append(("triplets: hoi / core", 500, rp.ratios(triplet, rival), ""))
atoms, formula = (lattices["seconds"][f"{who}, all atoms"] for who in ("core", "plain"))
aims.append(("lattices: formula / core", 100, rp.ratios(atoms, formula), ""))
rp.table(
    ["ratio of times", "at least", "measured", "at most", "reached"],
    [
        (
            what,
            f"{aim:.2f}" if aim < 1 else f"{aim:g}",
            rp.spread(values, 1, 2 if aim <= 1 else 1),
            most,
            "yes" if np.median(values) >= aim else "no",
        )
        for what, aim, values, most in aims
    ],
)

# %% [markdown]
# The MNIST network falls short of the roofline because its products have awkward shapes.
# The products alone, at their own shapes, take the time listed above.
# The update, activation functions and the start of each step come on top.
# The account of a step's parts above shows how much each takes.
#
# We had no GPU, so the CUDA path has never been run.
