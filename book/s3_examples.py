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
# (sec-examples)=
# # Four examples: what a single neuron cannot show
#
# When does a measure of single neurons mislead about what the network needs?
# The paper gives four examples, and says that ablation reveals each of them.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - four ways in which a measure of single neurons misleads,
# - how to build each case by hand and check it,
# - how often each case occurs in trained networks.
#
# Reading time: about 25 minutes.
# ```
#
# The examples end Sec. IV of {cite:t}`amjad2021`.
# The paper says that all four effects "become apparent in the classification results for information-ordered ablation".
#
# We build each example as a network small enough to be checked by hand, and then look for it in trained networks.
# The small networks see every possible sample, so their numbers are exact.

# %% tags=["parameters"]
dataset: str = "mnist-5k"  # mnist-5k (embedded), mnist or fashion-mnist
regularizer: str = "l2"  # none, l2, dropout or dropout-batchnorm
scaling: str = "symmetric"  # of the pixels: this one leaves dead and always-on neurons
networks: int = 10  # networks trained, at least 1
epochs: int = 20  # passes over the training samples
seed: int = 0  # start of every random number
device: str = "auto"  # where to compute: auto, cpu or cuda

# %% tags=["hide-input"]
import numpy as np

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()

# %%
setting = rp.paper_setting(
    dataset, "relu", regularizer, epochs=epochs, scaling=scaling, seed=seed
)
data = nl.load(setting.dataset, split=setting.split, scaling=setting.scaling)
ensemble, history = nl.train(setting, data, range(networks), device)
measured = nl.measure(ensemble, data.validation)
tested = len(data.test.labels)
setting.describe()

# %% [markdown]
# ## Example 1: no entropy, and yet important
#
# With one bit, a ReLU neuron that is active for every sample has no entropy, and neither has one that is never active.
# But the always-active neuron may be all that the network relies on.
#
# The network has two inputs: the class, 0 or 1, and a coin.
# It has three neurons: one is dead, one outputs 1 + class and is always on, and one copies the coin.
# The network answers 1 if the second neuron outputs more than 1.5.

# %%
inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
samples = nl.given(inputs, labels=inputs[:, 0].astype(int))
network = nl.by_hand(
    weights=[np.array([[0, 1, 0], [0, 0, 1]]), np.array([[0, 0], [0, 1], [0, 0]])],
    biases=[np.array([-1, 1, 0]), np.array([1.5, 0])],
)

# %% tags=["hide-input"]
of_neurons = nl.measure(network, samples.validation)
lost = nl.ablate_sets(network, samples, "1", nl.ablation.singles(network, "1")).sum(
    "label"
)
rp.columns(
    {
        "neuron": ["dead", "always on", "copies the coin"],
        "entropy (bits)": of_neurons.entropy.values[0],
        "mutual information (bits)": of_neurons.mutual_information.values[0],
        "accuracy lost when ablated (%)": 100 * lost.values[0] / 4,
    }
)

# %% [markdown]
# The neuron with the most entropy is not needed at all, and the needed one ties with a dead one.
# The mutual information of the *quantized* outputs does not help either.
# The quantizer throws away what the always-on neuron tells.
#
# In the ablation curve, lowest entropy first ends at chance after two neurons.
# Highest entropy first ablates one neuron without any loss.


# %% mystnb={"figure": {"caption": "Example 1 by hand: accuracy when the three neurons are ablated by entropy. Lowest first, the two neurons without entropy go first, one of which is all the network relies on; highest first, the coin goes first and nothing is lost.", "name": "fig-examples-constant"}, "image": {"alt": "Two lines from 100 percent to 50 percent over three ablated neurons. The line for the highest entropy first stays at 100 percent after one neuron."}} tags=["hide-input"]
def both_ways(name, word):
    orders = nl.ablation_orders(of_neurons, "1", random_orders=1, seed=seed)
    tried = nl.accuracy(nl.ablate(network, samples.test, orders))
    shown = {f"{way}est {word} first": f"{name} {way}" for way in ("low", "high")}
    curves = {title: tried.sel(order=order) for title, order in shown.items()}
    axes = nl.plots.panel(5, 3)
    nl.plots.compared_curves(axes, curves, "accuracy (%)").legend()


both_ways("entropy", "entropy")
# %% [markdown]
# ### In trained networks
#
# Which neurons have no entropy on the validation samples, and what does ablating each by itself cost?
# We ablate to zero, and to the neuron's mean.
# With its mean, an always-on neuron still gives the next layer the constant it is used to, and only its variation is lost.
# In the network above the variation is the class, so the mean does not help there.

# %% tags=["hide-input"]
rows = []
for layer in ("1", "2"):
    here = measured.isel(neuron=np.flatnonzero(measured.layer == layer))
    active = here.counts.sum("label").sel(value=1).values / len(data.validation.labels)
    costs = [
        nl.ablate_sets(
            ensemble, data, layer, nl.ablation.singles(ensemble, layer), to
        ).sum("label")
        for to in ("zero", "mean")
    ]
    kinds = {
        "dead": active == 0,
        "always on": active == 1,
        "in between": (active > 0) & (active < 1),
    }
    for kind, where in kinds.items():
        found = [100 * np.abs(cost.values[where]) / tested for cost in costs]
        worst = [float(each.max()) if each.size else np.nan for each in found]
        rows.append(
            [
                f"layer {layer}",
                kind,
                int(where.sum()),
                *(f"{w:.2f}" if w == w else "" for w in worst),
            ]
        )
rp.table(
    [
        "",
        "neurons",
        "in all networks",
        "largest change, to zero (points)",
        "largest change, to the mean (points)",
    ],
    rows,
)

# %% [markdown]
# ## Example 2: one easy class takes it all
#
# KL selectivity is a maximum over classes.
# Suppose that the same class is the maximum for every neuron.
# Then an order by KL selectivity asks only how well a neuron tells that class from the others.
#
# The example has three classes and four neurons:
#
# - Neuron $a$ is active for class 0 alone, and neuron $d$ for three quarters of it.
# - Neuron $b$ is active for three quarters of class 1 and one quarter of class 2.
# - Neuron $c$ is active for one quarter of class 1 and three quarters of class 2.

# %%
patterns = ["1100"] * 3 + ["1000"] + ["0010"] * 3 + ["0001"] + ["0001"] * 3 + ["0010"]
inputs = np.array([list(pattern) for pattern in patterns], dtype=np.float32)
samples = nl.given(inputs, labels=np.repeat([0, 1, 2], 4))
network = nl.by_hand(
    weights=[np.eye(4), np.array([[3, 0, 0], [1, 0, 0], [0, 1, -1], [0, -1, 1]])],
    biases=[np.zeros(4), np.array([-1, 0, 0.5])],
)

# %% tags=["hide-input"]
of_neurons = nl.measure(network, samples.validation)
spectrum = nl.specific_information(of_neurons.counts.values[0])
rp.columns(
    {
        "neuron": list("adbc"),
        "mutual information (bits)": of_neurons.mutual_information.values[0],
        "KL selectivity (bits)": of_neurons.kl_selectivity.values[0],
        "reached for class": nl.information.most_specific_label(
            of_neurons.counts.values[0]
        ),
    }
)

# %% mystnb={"figure": {"caption": "Example 2 by hand: specific information in bits that each neuron has about each class. The largest entry of each row is in the column of class 0.", "name": "fig-examples-spectrum"}, "image": {"alt": "Table of shaded cells, four neurons by three classes; the column of class 0 is darkest in every row."}} tags=["hide-input"]
axes = nl.plots.spectra(nl.plots.panel(4.5, 2.4), spectrum, list("adbc"), list("012"))
# %% [markdown]
# By KL selectivity, $b$ and $c$ are the least important neurons, although nothing else tells class 1 from class 2.
# Neuron $d$ is kept, although it tells nothing beyond $a$.
#
# The paper suggests a remedy (Sec. VI): look at the whole spectrum, and choose neurons so that each class is
# represented.
# It does not say how.
# We let the classes take turns.
# Each class takes the remaining neuron that tells most about it, and the neuron taken last is ablated first.

# %% tags=["hide-input"]
orders = nl.ablation_orders(of_neurons, "1", random_orders=1, seed=0)
balanced = nl.class_balanced_orders(of_neurons, "1", seed=0)
together_orders = nl.ablation.joined_orders(orders, balanced)
tried = nl.ablate(network, samples.test, together_orders)
chosen = {"KL selectivity": "kl_selectivity low", "spectrum": "spectrum low"}
rows = [
    [name, "".join("adbc"[j] for j in together_orders.sel(order=order).values[0])]
    + [
        " / ".join(
            f"{100 * share:.0f}"
            for share in (tried.correct / tried.samples)
            .sel(order=order, step=step)
            .values[0]
        )
        for step in (0, 1, 2)
    ]
    for name, order in chosen.items()
]
rp.table(
    [
        "lowest first by",
        "order",
        *(f"accuracy (%) of classes 0 / 1 / 2, {n} ablated" for n in (0, 1, 2)),
    ],
    rows,
)

# %% [markdown]
# ### In trained networks
#
# For how many neurons of the last hidden layer is each class the maximum of KL selectivity?
# A constant neuron tells nothing about any class.

# %% tags=["hide-input"]
last = measured.isel(neuron=np.flatnonzero(measured.layer == measured.layer[-1]))
spectra = nl.specific_information(last.counts.values)
favourite = np.where(spectra.any(axis=2), spectra.argmax(axis=2), spectra.shape[2])
shares = np.stack([np.bincount(row, minlength=11) for row in favourite]).mean(axis=0)
rp.table(
    ["class", *data.label_names, "none"],
    [["neurons of a network", *(f"{s:.1f}" for s in shares)]],
)

# %% [markdown]
# Then the last hidden layer is ablated in four orders.
# We look at the mean over all classes, and at the class that fares worst.

# %%
layer = str(len(setting.hidden))
orders = nl.ablation_orders(measured, layer, random_orders=5, seed=seed)
balanced = nl.class_balanced_orders(measured, layer, seed=seed)
together_orders = nl.ablation.joined_orders(orders, balanced)
curves = nl.ablate(ensemble, data.test, together_orders)
by_class = curves.correct / curves.samples
chosen = {
    "spectrum": by_class.sel(order="spectrum low"),
    "mutual information": by_class.sel(order="mutual_information low"),
    "KL selectivity": by_class.sel(order="kl_selectivity low"),
    "random": by_class.sel(order="random 0"),
}

# %% mystnb={"figure": {"caption": "Trained networks: the last hidden layer ablated lowest first by the class-balanced order of the spectra, by mutual information, by KL selectivity, and at random (one order). Left: mean accuracy of the ten classes; right: accuracy of the class that fares worst. Lines are means over networks, bands one standard deviation.", "name": "fig-examples-balanced"}, "image": {"alt": "Two panels of four falling lines; the table below compares them."}} tags=["hide-input"]
figure, (left, right) = nl.plots.subplots(1, 2, figsize=(9, 3.4), sharey=True)
nl.plots.compared_curves(
    left, {name: c.mean("label") for name, c in chosen.items()}, "mean over classes (%)"
)
nl.plots.compared_curves(
    right, {name: c.min("label") for name, c in chosen.items()}, "worst class (%)"
)
left.legend(fontsize=8)
# %% [markdown]
# The table has the accuracy of the worst class with the class-balanced order, minus that with another order.
# Both are averaged over the curve.

# %% tags=["hide-input"]
means = {name: 100 * c.min("label").mean("step") for name, c in chosen.items()}
rows = []
for other in ("KL selectivity", "mutual information", "random"):
    less = (means["spectrum"] - means[other]).values
    rows.append([other, rp.with_interval(less), f"{(less > 0).sum()} of {less.size}"])
rp.table(
    ["compared with", "points [95 % interval]", "networks in which it is better"], rows
)

# %% [markdown]
# ## Example 3: two neurons that say the same
#
# Two bits $u$ and $v$ name four classes.
# Two neurons copy $u$, and one copies $v$ and errs for one sample in eight.
# Both copies have one bit of mutual information, more than the third neuron, although one copy could go.

# %%
bits = np.array(
    [[u, u, v] for u in (0, 1) for v in (0, 1) for _ in range(4)], dtype=np.float32
)
labels = np.repeat([0, 1, 2, 3], 4)
bits[[0, 4], 2] = 1 - bits[[0, 4], 2]
samples = nl.given(bits, labels)
network = nl.by_hand(
    weights=[np.eye(3), np.array([[-1, -1, 1, 1], [-1, -1, 1, 1], [-1, 1, -1, 1]])],
    biases=[np.zeros(3), np.array([1.5, 0.5, -0.5, -1.5])],
)

# %% tags=["hide-input"]
of_neurons = nl.measure(network, samples.validation)
lost = nl.ablate_sets(network, samples, "1", nl.ablation.singles(network, "1")).sum(
    "label"
)
rp.columns(
    {
        "neuron": ["u", "u again", "v, with errors"],
        "mutual information (bits)": of_neurons.mutual_information.values[0],
        "accuracy lost when ablated (%)": 100 * lost.values[0] / len(labels),
    }
)

# %% [markdown]
# The second neuron can be merged into the first: its outgoing weights are added to those of the first.
# Then the second neuron can be spared:

# %% tags=["hide-input"]
one_copy = nl.pruning.merged(network, samples, "1", np.array([[0, 1]]))
rows = []
for name, some in {"as it was": network, "merged": one_copy}.items():
    cost = nl.ablate_sets(some, samples, "1", np.array([[[1]]])).sum().item()
    right = some.accuracy(*nl.networks.samples_on(some.device, samples.test)).item()
    rows.append(
        [name, f"{100 * right:.1f}", f"{100 * (right - cost / len(labels)):.1f}"]
    )
rp.table(["network", "accuracy (%)", "accuracy without the second copy (%)"], rows)

# %% mystnb={"figure": {"caption": "Example 3 by hand: by mutual information, lowest first, the erring copy of v goes first, and accuracy falls at once. In the order that ablates the merged copy of u first, in the network whose other copy has taken over, the first neuron costs nothing.", "name": "fig-examples-copies"}, "image": {"alt": "Two falling lines over three ablated neurons; the line for the merged copy first stays level for one neuron."}} tags=["hide-input"]
orders = nl.ablation_orders(of_neurons, "1", random_orders=1, seed=0)
by_information = orders.sel(order=["mutual_information low"])
copy_first = by_information.copy(data=[[[1, 2, 0]]])
test = nl.networks.samples_on(network.device, samples.test)
axes = nl.plots.compared_curves(
    nl.plots.panel(5, 3),
    {
        "lowest information first": nl.accuracy(
            nl.ablate(network, samples.test, by_information)
        ).isel(order=0),
        "merged copy first": nl.accuracy(
            nl.ablate(one_copy, samples.test, copy_first)
        ).isel(order=0),
    },
    "accuracy (%)",
)
axes.legend()
# %% [markdown]
# ### In trained networks
#
# Among neurons that vary, exact duplicates would be an accident, but near duplicates may occur.
# In each layer we take the two neurons whose outputs on the training samples are most correlated.
# We ablate the second one, as it is, and after the first one has taken over by least squares.
# For comparison, we do the same with a pair drawn at random from the neurons that vary.

# %% tags=["hide-input"]
outputs = np.split(ensemble.outputs(data.train), np.cumsum(setting.hidden)[:-1], axis=2)
test = nl.networks.samples_on(ensemble.device, data.test)
whole = ensemble.accuracy(*test)
rows = []
for layer, here in zip(("1", "2"), outputs, strict=True):
    alike = [nl.information.most_correlated(of_network) for of_network in here]
    alive = [np.flatnonzero(np.ptp(of_network, axis=0)) for of_network in here]
    draw = np.random.default_rng(seed)
    kinds = {
        "most correlated": np.array([pair for pair, _ in alike]),
        "drawn": np.array([draw.choice(some, 2, replace=False) for some in alive]),
    }
    for kind, pairs in kinds.items():
        ablated = (
            nl.ablate_sets(ensemble, data, layer, pairs[:, None, 1:]).sum(
                ["set", "label"]
            )
            / tested
        )
        left = nl.pruning.merged(ensemble, data, layer, pairs).accuracy(*test)
        cost = [100 * ablated.values, 100 * (whole - left).cpu().numpy()]
        rows.append(
            [
                f"layer {layer}",
                kind,
                *(f"{c.mean():.2f} ± {c.std():.2f}".replace("-", "−") for c in cost),
            ]
        )
    rows[-2][1] += f" (mean {np.mean([r for _, r in alike]):.2f})"
rp.table(
    [
        "layer",
        "pair (mean ± standard deviation over networks)",
        "lost when ablated (points)",
        "lost when merged (points)",
    ],
    rows,
)

# %% [markdown]
# ## Example 4: neither alone, but both together
#
# There are two classes, and the class is the exclusive or of two bits.
# Two neurons of the first layer copy the bits.
# Each has no information about the class, and both together have all of it.
# A third neuron copies the class but errs for one sample in four, and nothing in the network uses it.

# %%
bits = np.array(
    [[u, v, u ^ v ^ (n == 0)] for u in (0, 1) for v in (0, 1) for n in range(4)]
)
labels = bits[:, 0] ^ bits[:, 1]
samples = nl.given(bits.astype(np.float32), labels)
network = nl.by_hand(
    weights=[
        np.eye(3),
        np.array([[1, 1], [1, 1], [0, 0]]),
        np.array([[0, 1], [0, -2]]),
    ],
    biases=[np.zeros(3), np.array([0, -1]), np.array([0.5, 0])],
)

# %% tags=["hide-input"]
of_neurons = nl.measure(network, samples.validation)
lost = nl.ablate_sets(network, samples, "1", nl.ablation.singles(network, "1")).sum(
    "label"
)
rp.columns(
    {
        "neuron": ["first bit", "second bit", "errs, unused"],
        "mutual information (bits)": of_neurons.mutual_information.values[0, :3],
        "accuracy lost when ablated (%)": 100 * lost.values[0] / len(labels),
    }
)

# %%
counts = nl.information.pair_counts(bits == 1, labels, label_count=2)
names = ["first and second", "first and third", "second and third"]
places = [(0, 1), (0, 2), (1, 2)]
rp.columns(
    {
        "pair": names,
        "information together (bits)": [
            float(nl.information.joint_information(counts[p])) for p in places
        ],
        "beyond that of each (bits)": [
            float(nl.information.interaction_information(counts[p])) for p in places
        ],
    }
)

# %% mystnb={"figure": {"caption": "Example 4 by hand: accuracy when the three neurons of the first layer are ablated by mutual information. Lowest first, the two bits go first, and the network guesses from the first neuron on; highest first, the neuron with the most information goes first and nothing is lost.", "name": "fig-examples-xor"}, "image": {"alt": "Two lines from 100 to 50 percent. Lowest information first falls to 50 percent after one neuron; highest first stays at 100 percent after one neuron."}} tags=["hide-input"]
both_ways("mutual_information", "information")
# %% [markdown]
# ### In trained networks
#
# How much do two neurons of a layer tell together, beyond what each tells?
# This is synergy minus redundancy: positive where synergy prevails, negative where redundancy does.
# A finite sample of $N$ adds about $(C - 1) / (2 N \ln 2)$ bits to the estimate {cite:p}`miller1955`.
# It does so even if the two cancel, or if there is neither.

# %% tags=["hide-input"]
labels, classes = data.validation.labels, len(data.label_names)
bias = (classes - 1) / (2 * len(labels) * np.log(2))
bits = nl.information.active_by_layer(ensemble, data.validation)
beyond = {
    f"layer {number}": np.concatenate(
        [nl.information.interaction_of_varying_pairs(b, labels, classes) for b in here]
    )
    for number, here in enumerate(bits, 1)
}
rows = [
    [layer, v.size, *np.percentile(v, [0, 50, 100]), bias]
    for layer, v in beyond.items()
]
rp.table(
    ["", "pairs", "least (bits)", "median (bits)", "most (bits)", "bias (bits)"], rows
)

# %% mystnb={"figure": {"caption": "What pairs of neurons of trained networks say of the class together beyond what each says by itself, in bits, for all pairs of neurons of a layer that are neither dead nor always on. Right of the dotted line, synergy exceeds redundancy by more than the estimate's bias.", "name": "fig-examples-together"}, "image": {"alt": "Two outlined histograms over bits, one for each hidden layer, with a dotted vertical line near zero; the table above gives their extremes and medians."}} tags=["hide-input"]
axes = nl.plots.panel(6, 3)
edges = np.histogram_bin_edges(np.concatenate(list(beyond.values())), 60)
for layer, (colour, dash) in {
    "layer 1": ("#0072B2", "solid"),
    "layer 2": ("#D55E00", "dashed"),
}.items():
    shares = np.histogram(beyond[layer], edges)[0] / len(beyond[layer])
    axes.stairs(
        100 * shares,
        edges,
        color=colour,
        linestyle=dash,
        lw=1.5,
        label=layer,
    )
axes.axvline(bias, color="#404040", linestyle="dotted")
axes.set(xlabel="together beyond each (bits)", ylabel="pairs (%)")
axes.legend()
# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-examples-three
# ```
# Example 4 needs two neurons.
# Build labels from three bits such that no single bit and no pair tells anything.
# Compute what each pair and all three tell.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-examples-three
# :class: dropdown
# ```
# Take the parity of three bits.
# `joint_information` of each pair is zero.
# All three, as one neuron with eight values, have one bit.

# %%
triple = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
parity = triple.sum(axis=1) % 2
counts = nl.information.pair_counts(triple == 1, parity, label_count=2)
codes = triple @ [4, 2, 1]
all_three = np.stack([np.bincount(codes[parity == y], minlength=8) for y in (0, 1)], 1)
(
    [float(nl.information.joint_information(counts[p])) for p in places],
    float(nl.mutual_information(all_three)),
)

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## Summary
#
# Each of the four effects is real in a network of a few neurons, and each shows in its ablation curve, as the paper says.
# Accuracy falls, or holds, contrary to the measure.
# The tables above say how large the effects are in these trained networks.
# {ref}`sec-sensitivity` shows how many neurons are dead or always on under each scaling of the pixels.
#
# **Take with you: a measure of single neurons can miss a constant, a favourite class, a duplicate and a pair. Ablate
# before you conclude.**
