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
# (sec-setup)=
# # Setup: networks, neurons, and their outputs as random variables
#
# How does an image become a number that says what a single neuron knows?
# The paper quantizes each neuron's output, and counts it together with the label.
#
# ```{admonition} In this chapter
# :class: tip
#
# You will learn
#
# - how images are divided, scaled and learned from,
# - how all networks of a setting are trained side by side,
# - how the outputs of a neuron become a table of counts.
#
# Reading time: about 15 minutes.
# ```
#
# This chapter follows Sec. III of {cite:t}`amjad2021`, and the training of Sec. V.
#
# What the paper sets up:
#
# - a classifier is a fully-connected network, and neuron $j$ of layer $i$ has the output $t_j^{(i)}$ of Eq. (1);
# - labels, inputs and outputs are random variables, whose joint distribution is that of the samples;
# - a quantizer $Q$ maps outputs to a few values, which turns a neuron into a discrete random variable $T_j^{(i)}$;
# - its joint distribution with the label $Y$ is counted on a validation set, Eq. (2).
#
# Everything later comes from two kinds of numbers: the counts of Eq. (2), and the accuracy on a test set.
# This chapter produces the counts, and checks each step against a plain computation.

# %% tags=["parameters"]
dataset: str = "mnist-5k"  # mnist-5k (embedded), mnist, fashion-mnist or cifar10
activation: str = "relu"  # of the hidden layers: relu or sigmoid
regularizer: str = "dropout"  # none, l2, dropout or dropout-batchnorm
scaling: str = "standard"  # pixels: standard, symmetric or unit
networks: int = 5  # networks trained, at least 1
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
    dataset, activation, regularizer, scaling=scaling, epochs=epochs, seed=seed
)
setting.describe()

# %% [markdown]
# ## Three sets of samples
#
# The paper trains on 80 % of the designated training set, $\mathcal{D}_t$.
# The other 20 % are the validation set $\mathcal{D}$ on which neurons are measured.
# The test set serves only to measure the accuracy of a network, whole or ablated.
#
# The embedded `mnist-5k` holds 5 000 images of MNIST {cite:p}`lecun1998`.
# It has no test set of its own, so 100 images of each digit are set aside for testing.

# %%
data = nl.load(setting.dataset, split=setting.split, scaling=setting.scaling)
parts = {"training": data.train, "validation": data.validation, "test": data.test}
rp.table(
    ["set", "samples", "features", "mean pixel", "standard deviation"],
    [
        [name, *s.pixels.shape, float(s.pixels.mean()), float(s.pixels.std())]
        for name, s in parts.items()
    ],
)

# %% [markdown]
# The paper does not say how pixels are scaled.
# The scaling matters, since it decides how many first-layer ReLU neurons are dead.
# We standardise with the mean and standard deviation of the *training* samples.
# So these are only close to 0 and 1 in the other two sets.
#
# We chose this scaling because pilot networks agreed best with the paper under it.
# This choice favours the paper; {ref}`sec-sensitivity` shows what holds under other scalings.
# The parameter `scaling` repeats this chapter under the other two conventions.

# %% mystnb={"figure": {"caption": "The first training sample of each class, with its label as the title. Darker is more ink; the scaling of the pixels does not show.", "name": "fig-setup-samples"}, "image": {"alt": "A row of ten small grey-scale pictures, one training image of each of the ten classes, with the class above it."}} tags=["hide-input"]
figure, axes = nl.plots.subplots(1, 10, figsize=(9, 1.3))
for label, here in enumerate(axes):
    first = np.flatnonzero(data.train.labels == label)[0]
    nl.plots.picture(
        here,
        data.train.pixels[first],
        data.shape,
        data.label_names[label].split("/")[0],
    )

# %% [markdown]
# ## Networks
#
# A neuron's output is its activation function $\sigma$ of a weighted sum:
#
# ```{math}
# :label: eq-output
# t_j^{(i)}(x_\ell) = \sigma\Bigl(b_j^{(i)} + \sum_p w_{p,j}^{(i-1)}\, t_p^{(i-1)}(x_\ell)\Bigr),
# \qquad t_j^{(0)}(x_\ell) = (x_\ell)_j .
# ```
#
# All networks of a setting are trained side by side, each as if it were alone.
# Each has its own initial weights, order of the samples and Dropout masks.
# These depend only on the seed and on the network's number.
#
# The update rule is RMSProp as in `torch.optim`, with the paper's parameters.
# The learning rate is 0.001, the momentum 0.01 (0.1 for CIFAR-10), and mini-batches have 32 samples.
# The paper leaves the number of epochs open, between 8 and 30.

# %%
ensemble, history = nl.train(setting, data, networks, device)
last = history.isel(epoch=-1)
rp.table(
    ["samples", "accuracy after the last epoch: mean (range over networks)"],
    [
        [name, rp.mean_and_range(last[f"{name}_accuracy"])]
        for name in ("validation", "test")
    ],
)

# %% mystnb={"figure": {"caption": "Accuracy on validation samples (solid, round markers) and on test samples (dashed, square markers) after each epoch; one line of each kind for every network.", "name": "fig-setup-history"}, "image": {"alt": "Line plot of accuracy in percent against the epoch, two lines for each network."}} tags=["hide-input"]
axes = nl.plots.training_history(nl.plots.panel(6, 3), history)
# %% [markdown]
# We check Equation {eq}`eq-output` in NumPy, for the first network and the first validation samples.
# It gives the same outputs as the batched computation.
# (Batch normalization adds a step to Eq. (1), so the check is skipped there.)

# %%
pixels = data.validation.pixels[:200]
module = ensemble.as_module(0).cpu()
weight, bias = module[0].weight.detach().numpy(), module[0].bias.detach().numpy()
z = bias + pixels @ weight.T
by_hand = np.maximum(z, 0) if activation == "relu" else 1 / (1 + np.exp(-z))
batched = ensemble.outputs(data.validation)[0, :200, : setting.hidden[0]]
if not setting.batch_norm:
    print(
        "largest difference below 0.0001:",
        bool(np.abs(by_hand - batched).max() < 1e-4),
    )

# %% [markdown]
# ## From outputs to counts
#
# With one bit, $\mathcal{T} = \{0, 1\}$, a neuron is either inactive or active:
#
# $$Q(t) = \mathbb{1}[t > \theta], \qquad \theta_\text{ReLU} = 0, \quad \theta_\text{sigmoid} = 0.5 .$$
#
# A ReLU neuron with output 0 is inactive, and every positive output makes it active.
# The joint distribution of its value and the label is that of the validation samples:
#
# ```{math}
# :label: eq-joint
# P_{Y,T_j^{(i)}}(c, t) = \frac{1}{N} \sum_{\ell=1}^N \mathbb{1}\bigl[y_\ell = c,\; Q(t_j^{(i)}(x_\ell)) = t\bigr] .
# ```
#
# `measure` counts all neurons of all networks in one pass over the validation samples.
# Counts are whole numbers and exact; the division by $N$ comes later.

# %%
measured = nl.measure(ensemble, data.validation)
dict(measured.counts.sizes)

# %% [markdown]
# The table shows one neuron of the first network's last hidden layer.
# Its activity varies most from class to class.

# %%
counts = measured.counts.sel(network=0).isel(
    neuron=measured.layer == str(len(setting.hidden))
)
active = counts.sel(value=1) / counts.sum("value")
chosen = int(active.std("label").argmax())
rows = [
    ["inactive", *counts.values[chosen, 0]],
    ["active", *counts.values[chosen, 1]],
]
rp.table(
    [f"neuron {chosen + 1}", *(name.split("/")[0] for name in data.label_names)],
    rows,
)

# %% [markdown]
# Counting by hand gives the same numbers as the batched counts.
# The check takes the first layer's first neuron and the first 200 samples.

# %% tags=["hide-input"]
some = nl.Samples(data.validation.pixels[:200], data.validation.labels[:200])
values = nl.quantize(
    ensemble.outputs(some)[0, :, 0], nl.information.one_bit_thresholds(activation)
)
plain = [
    [((values == t) & (some.labels == y)).sum() for y in range(10)] for t in (0, 1)
]
counted = nl.measure(ensemble, some).counts.values[0, 0]
rows = [
    ["by hand", *map(int, plain[1])],
    ["batched", *counted[1]],
    ["equal", *(counted == plain).all(axis=0)],
]
rp.table(["active samples", *map(str, range(10))], rows)

# %% [markdown]
# How active are neurons?
# A ReLU neuron that is inactive for every validation sample is *dead*; one that is active for every sample is *always
# on*.
# Both have zero entropy, and the next chapter shows why it matters to tell them apart.

# %% tags=["hide-input"]
shares = measured.counts.sel(value=1).sum("label") / measured.counts.sum(
    ["value", "label"]
)
rows = []
for layer in np.unique(measured.layer):
    here = shares.isel(neuron=measured.layer == layer)
    rows.append(
        [
            f"layer {layer}",
            here.size,
            int((here == 0).sum()),
            int((here == 1).sum()),
            f"{100 * here.mean().item():.1f} %",
        ]
    )
rp.table(
    [
        "all networks",
        "neurons",
        "dead",
        "always on",
        "mean share of active samples",
    ],
    rows,
)

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-setup-threshold
# ```
# Suppose that the ReLU threshold were 0.5 instead of 0.
# Predict: would the mean share of active samples rise or fall?
# Could a neuron that is now *always on* become dead?
# Then compute both for the first layer of the first network.
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-setup-threshold
# :class: dropdown
# ```
# A higher threshold can only turn active samples into inactive ones, so the share falls or stays.
# A neuron that is always on with outputs below 0.5 would indeed become dead.

# %%
outputs = ensemble.outputs(data.validation)[0, :, : setting.hidden[0]]
at_0, at_half = (nl.quantize(outputs.T, np.array([c])).mean(axis=1) for c in (0.0, 0.5))
{
    "mean share at 0": round(float(at_0.mean()), 3),
    "mean share at 0.5": round(float(at_half.mean()), 3),
    "always on at 0": int((at_0 == 1).sum()),
    "of these dead at 0.5": int(((at_0 == 1) & (at_half == 0)).sum()),
}

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ```{exercise-start}
# :label: ex-setup-large-n
# ```
# The paper assumes $N \gg C$ and needs no smoothing of Eq. (2).
# With $N$ validation samples and 10 labels, how many samples stand behind one column of a neuron's table on average?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-setup-large-n
# :class: dropdown
# ```
# $N / 10$, whatever the classes' shares; a rare class has fewer.

# %%
len(data.validation.labels) / len(data.label_names)

# %% [markdown]
# ```{solution-end}
# ```

# %% [markdown]
# ## Summary
#
# We split and scaled images and trained networks on them, and every hidden neuron became a table of counts.
# From here on, a neuron *is* its table, {eq}`eq-joint`, until it is ablated, first in {ref}`sec-examples`.
#
# **Take with you: every measure of a single neuron in this book is a function of one small table of counts.**

# %% tags=["remove-input"]
rp.markdown(
    f"*This page: {networks} networks, {setting.describe()}, inputs “{scaling}”, seed {seed}; "
    f"{len(data.train.labels)} training, {len(data.validation.labels)} validation and {len(data.test.labels)} test "
    f"samples.*"
)
