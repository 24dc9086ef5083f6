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
# (sec-own)=
# # Your own network
#
# Everything that this book does to the paper's networks can be done to yours: what its neurons say, what it loses
# without them, and how far it can be pruned.
# It has to be fully connected: linear maps in a row, with batch normalization behind them or not, and ReLU or sigmoid
# between them. Its Python class does not matter, as long as it makes its layers in the order in which it uses them.
#
# Save its parameters, and samples that it has not learnt from, as it takes them:
#
#     torch.save(network.state_dict(), "mine.pt")
#     numpy.savez("samples.npz", inputs=inputs, labels=labels)
#
# and run this chapter on them:
#
#     neuronlib notebook x4_own_network -o mine.ipynb \
#         -p network=mine.pt -p samples=samples.npz
#
# Reading such files runs no code that may be in them.
# If `network` is a folder, the files `*.pt` in it are networks of one architecture, as from several seeds, and what
# follows is shown for all of them together.
#
# Without parameters, the chapter takes a network that plain PyTorch trains here, and MNIST's images.

# %% tags=["parameters"]
network: str = ""  # file or folder of parameters; "" for one trained here
samples: str = ""  # file .npz with inputs and labels; "" for mnist-5k
activation: str = "relu"  # of the hidden layers: relu or sigmoid
replacement: str = "zero"  # what ablated neurons put out: zero or mean
random_orders: int = 20  # random ablation orders a network and layer
epochs: int = 20  # of the network trained here: passes over its samples

# %% tags=["hide-input"]
import torch

import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()

# %% [markdown]
# ## The network
#
# What plain PyTorch does where no network is given:


# %%
def one_epoch(network, optimizer, inputs, labels):
    for batch in torch.randperm(len(labels)).split(32):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(inputs[batch]), labels[batch])
        loss.backward()
        optimizer.step()


def learn(network, samples, epochs):
    both = [torch.from_numpy(of) for of in (samples.pixels, samples.labels)]
    optimizer = torch.optim.Adam(network.parameters())
    for _ in range(epochs):
        one_epoch(network, optimizer, *both)
    return network.eval()


data = nl.read_samples(samples) if samples else nl.load("mnist-5k")
if network:
    networks = nl.read_networks(network, activation)
else:
    torch.manual_seed(0)
    between = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[activation]
    fresh = torch.nn.Sequential(
        torch.nn.Linear(data.train.pixels.shape[1], 100),
        between(),
        torch.nn.Linear(100, 100),
        between(),
        torch.nn.Linear(100, len(data.label_names)),
    )
    networks = [learn(fresh, data.train, epochs)]

# %% [markdown]
# {py:func}`nl.adopt <neuronlib.networks.adopted.adopt>` takes modules over, several of one shape side by side.

# %%
ensemble = nl.adopt(networks)
nl.networks.check_fit(data, ensemble)
test = nl.networks.samples_on(ensemble.device, data.test)
right = ensemble.accuracy(*test).numpy()
measured = nl.measure(ensemble, data.validation)
layers = nl.common.layer_names(ensemble.setting.hidden)

# %% tags=["hide-input"]
results = rp.as_results(measured)
rows = []
for layer, width in zip(layers, ensemble.setting.hidden, strict=True):
    here = rp.activity(results, layer)
    constant = [rp.spread((here == value).sum(axis=1), digits=0) for value in (0, 1)]
    rows.append([nl.common.scope_name(layer), width, *constant])
rp.table(["", "neurons", "never above the threshold", "always above it"], rows)

# %% tags=["hide-input"]
labels = data.test.labels
guessed = 100 * max((labels == label).mean() for label in set(labels))
sizes = [len(networks), len(data.validation.labels), len(data.test.labels)]
rp.table(
    [
        "networks",
        "samples to measure",
        "samples to ablate",
        "accuracy (%)",
        "commonest label (%)",
    ],
    [[*sizes, rp.spread(right, 100), f"{guessed:.1f}"]],
)

# %% [markdown]
# If the accuracy is not what you know of your network, it is not read as you trained it: it has another activation
# function or something that its parameters do not show, as a connection that skips a layer; inputs are scaled otherwise,
# or labels are in another order.
#
# The threshold is 0 for ReLU and 0.5 for sigmoid. A neuron that is never above it is dead; for ReLU, one that always is
# may still matter, though one bit of it says nothing ({ref}`sec-examples`).
#
# ## What its neurons say

# %% mystnb={"figure": {"caption": "What the neurons of the network say, one violin for each hidden layer: entropy, mutual information with the label, and KL selectivity, in bits. Bars mark minimum, maximum and mean, the dotted bar the median. Of several networks, neurons of all of them.", "name": "fig-own-distributions"}, "image": {"alt": "Three panels of violins, one for each measure; the table below has the measures of the neurons that the network misses most."}} tags=["hide-input"]
figure, row = nl.plots.subplots(1, 3, figsize=(9, 3))
for axes, name in zip(row, nl.MEASURES, strict=True):
    rp.violins(axes, results, name).set_title(nl.plots.NAMES[name], fontsize=9)
# %% [markdown]
# The neurons of the first network that it misses most, each ablated to zero by itself:

# %% tags=["hide-input"]
lost = 100 * nl.each_alone(ensemble, data).values[0] / len(data.test.labels)
first = measured.isel(network=0)
told = nl.information.most_specific_label(first.counts.values)
rows = [
    [
        f"{first.layer.values[j]}, {first.index.values[j]}",
        *(first[name].values[j] for name in nl.MEASURES),
        data.label_names[told[j]] if first.entropy.values[j] else "",
        f"{lost[j]:.1f}",
    ]
    for j in (-lost).argsort(kind="stable")[:8]
]
rp.table(
    [
        "layer, neuron",
        *(f"{nl.plots.NAMES[name]} (bits)" for name in nl.MEASURES),
        "says most of",
        "points lost",
    ],
    rows,
)

# %% [markdown]
# ## What is lost without them
#
# Each hidden layer by itself, and all of them in one order.
# Random ablation is what an order has to be compared with: of a single network, the band is over random orders.

# %%
hidden = ensemble.setting.hidden
steps = {
    scope: nl.ablation.steps_through(nl.common.scope_width(hidden, scope))
    for scope in nl.common.scopes(hidden)
}
ablated = nl.ablate_layers(
    ensemble, data, measured, steps, replacement, random_orders, seed=0
)
curves = {scope: nl.accuracy(curve) for scope, curve in ablated.items()}
drawn = {scope: nl.ablation.random_curves(curve) for scope, curve in curves.items()}

# %% mystnb={"figure": {"caption": "Cumulative ablation of the network: accuracy on samples that were not measured, against the number of ablated neurons. A row for each hidden layer and one for the whole network, a column for each measure. Ablated are the lowest values first, the highest first, or neurons drawn at random. Lines are means; bands one standard deviation, for random ablation over orders, else over networks if there are several.", "name": "fig-own-curves"}, "image": {"alt": "Panels of three curves that fall from the accuracy of the whole network; the table below says how far apart they are."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(
    len(curves), 3, figsize=(9, 2.6 * len(curves)), sharey=True, squeeze=False
)
for (scope, curve), row in zip(curves.items(), grid, strict=True):
    each = drawn[scope].drop_vars(["measure", "direction"]).rename(network="of")
    each = each.stack(network=["of", "order"], create_index=False)
    for axes, name in zip(row, nl.MEASURES, strict=True):
        shown = {
            f"{way}est first": curve.sel(order=f"{name} {way}") for way in nl.DIRECTIONS
        }
        nl.plots.compared_curves(
            axes, {**shown, "random": each}, "accuracy (%)" if axes is row[0] else ""
        )
        axes.set_title(
            f"{nl.common.scope_name(scope)}, {nl.plots.NAMES[name]}", fontsize=9
        )
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel("ablated neurons" if axes in grid[-1] else "")
rp.legend_below(figure)
# %% [markdown]
# Accuracy less that of random ablation, in percentage points, mean over the curve; and how many of the random orders do
# more harm than this order to the same network:

# %% tags=["hide-input"]
rows = []
for scope, curve in curves.items():
    area, of_random = curve.mean("step"), drawn[scope].mean("step")
    for name in nl.MEASURES:
        entries = []
        for way in nl.DIRECTIONS:
            gaps = 100 * nl.gap_to_random(area, name, way).values
            less = of_random < area.sel(order=f"{name} {way}", drop=True)
            entries += [
                rp.spread(gaps) if len(gaps) > 1 else rp.signed(gaps[0]),
                f"{int(less.sum())} of {less.size}",
            ]
        rows.append([nl.common.scope_name(scope), nl.plots.NAMES[name], *entries])
header = [
    f"{way}est first{what}"
    for way in nl.DIRECTIONS
    for what in (" (points)", ": random does more harm")
]
rp.table(["", "by", *header], rows)

# %% [markdown]
# How to read this, after what the paper concludes from such curves:
#
# - Lowest first far above random, and highest first far below: the measure tells which neurons this layer needs.
# - All three flat until few neurons are left: the neurons are redundant, if their measures are large; if they are small,
#   most may be inactive or irrelevant.
# - All three falling side by side: the measure does not tell which neurons this layer needs; what they say may be spread
#   evenly, or be said by several together only.
# - Lowest first *below* random, in a layer: what has no entropy may be needed, as an always-on neuron is. Try
#   `replacement=mean`. In the whole network it may also be that the lowest values are all in the layer that is needed
#   most ({ref}`sec-fig2-whole`).
# - A single network is a single sample of what training brings about, and training again may bring about another.
#   Several networks in a folder show what they have in common.
#
# ## Made smaller
#
# {py:func}`nl.prune <neuronlib.pruning.pruning.prune>` removes neurons for good.
# Accuracy of the first network without a quarter, a half and three quarters of one layer, by mutual information and by chance; *repaired*, what stays takes
# over by least squares:

# %% tags=["hide-input"]
rows, skipped = [], []
for layer, width in zip(layers, hidden, strict=True):
    shares = {
        nl.pruning.removed_neurons(width, share): share for share in (0.25, 0.5, 0.75)
    }
    for gone, share in shares.items():
        if not 0 < gone < width:
            skipped.append(f"{gone} of {width} in {nl.common.scope_name(layer)}")
            continue
        entries = []
        for criterion, surgery in (
            ("mutual information", "none"),
            ("mutual information", "refit"),
            ("random", "refit"),
        ):
            smaller = nl.prune(networks[0], criterion, share, layer, data, surgery)
            entries.append(f"{100 * nl.adopt([smaller]).accuracy(*test).item():.1f}")
        kept = sum(parameter.numel() for parameter in smaller.parameters())
        rows.append([nl.common.scope_name(layer), f"{gone} of {width}", kept, *entries])
header = [
    "",
    "neurons removed",
    "parameters left",
    "lowest information (%)",
    "and repaired (%)",
    "by chance, repaired (%)",
]
rp.table(header, rows)

# %% tags=["hide-input"]
rp.markdown(
    f"Left out, as of so few neurons a share is none or all: {', '.join(skipped)}."
    if skipped
    else "Each layer has neurons enough for a quarter, a half and three quarters of them."
)

# %% [markdown]
# ## In a few lines
#
# What this chapter does, for a script of your own:
#
#     import neuronlib as nl
#
#     data = nl.read_samples("samples.npz")
#     networks = nl.adopt(nl.read_networks("mine.pt"))
#     measured = nl.measure(networks, data.validation)
#     orders = nl.ablation_orders(measured, "1", random_orders=20)
#     nl.plot_curves(nl.accuracy(nl.ablate(networks, data.test, orders)))

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-own-dropout
# ```
# Train the network of this chapter again, with Dropout behind each activation function.
# Does random ablation of its first layer do less harm, as redundancy would have it?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-own-dropout
# :class: dropdown
# ```
# Dropout leaves nothing in the parameters, so the network with it is adopted like the one without.
# Below, the accuracy that random ablation of the first layer costs, averaged over the curve; whether one network of each
# kind is enough to tell is a question of its own.

# %%
torch.manual_seed(1)
rows = []
images = nl.load("mnist-5k")
for name, rate in (("without Dropout", 0.0), ("with Dropout", 0.5)):
    unit = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[activation]
    parts = [
        torch.nn.Linear(784, 100),
        unit(),
        torch.nn.Dropout(rate),
        torch.nn.Linear(100, 100),
    ]
    parts += [unit(), torch.nn.Dropout(rate), torch.nn.Linear(100, 10)]
    own = nl.adopt([learn(torch.nn.Sequential(*parts), images.train, epochs)])
    of_own = nl.measure(own, images.validation)
    tried = nl.accuracy(
        nl.ablate_layers(own, images, of_own, {"1": None}, "zero", 10, seed=0)["1"]
    )
    intact = 100 * float(tried.sel(step=0).mean())
    lost = intact - 100 * float(nl.random_accuracy(tried).mean())
    rows.append([name, f"{intact:.1f}", f"{lost:.1f}"])
rp.table(["network", "accuracy (%)", "lost, mean over the random curve (points)"], rows)

# %% [markdown]
# ```{solution-end}
# ```
