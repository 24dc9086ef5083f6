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
# This chapter does to your network what the book does to the paper's. It measures what neurons say, ablates them, and
# compares each order with random orders. It takes two kinds of files.
#
# **A classifier of any architecture**, as a program of `torch.export`:
#
#     samples = torch.export.Dim("samples")
#     program = torch.export.export(
#         model.eval(), (example,), dynamic_shapes=({0: samples},)
#     )
#     torch.export.save(program, "mine.pt2")
#
# `example` holds two or more inputs. Reading a program runs code that its file may hold, so read only files of people
# you trust.
#
# **The parameters of linear maps in a row**, with ReLU or sigmoid between them, with or without batch normalization:
#
#     torch.save(network.state_dict(), "mine.pt")
#
# Reading parameters runs no code, and a damaged file is refused. A file `mine.safetensors` will do as well, but it has no
# checksums: a damaged number in it goes unnoticed. It also keeps no order of the layers, which follows from numbers in
# their names or from their widths. The network's Python class does not matter, as long as it makes its layers in the
# order in which it uses them. A folder of such files holds networks of one architecture, for example from several
# seeds. The chapter then shows all of them together.
#
# Either kind needs samples that the network has not learnt from, as the network takes them:
#
#     numpy.savez("samples.npz", inputs=inputs, labels=labels)
#
# Run the chapter on your files:
#
#     neuronlib notebook x4_own_network -o mine.ipynb \
#         -p network=mine.pt2 -p samples=samples.npz
#
# `neuronlib analyse mine.pt2 --samples samples.npz` writes the same findings as one HTML page.
#
# Without files, the chapter trains a network with plain PyTorch on MNIST's images.

# %% tags=["parameters"]
network: str = ""  # program .pt2, or parameters .pt or .safetensors, or a folder; "": one trained here
samples: str = ""  # file .npz with inputs and labels; "" for mnist-5k
activation: str = "relu"  # of hidden layers, for a file of parameters: relu or sigmoid
replacement: str = "zero"  # the output of an ablated neuron: zero or mean
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
# Plain PyTorch trains a network if no file is given:


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
modules = []
if network and not network.endswith(".pt2"):
    modules = nl.read_networks(network, activation)
elif not network:
    torch.manual_seed(0)
    between = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[activation]
    fresh = torch.nn.Sequential(
        torch.nn.Linear(data.train.pixels.shape[1], 100),
        between(),
        torch.nn.Linear(100, 100),
        between(),
        torch.nn.Linear(100, len(data.label_names)),
    )
    modules = [learn(fresh, data.train, epochs)]

# %% [markdown]
# {py:func}`nl.adopt <neuronlib.networks.adopted.adopt>` takes over modules of linear maps, several of one shape side by
# side. {py:func}`nl.watch <neuronlib.networks.watched.watch>` takes any other classifier, and finds its layers.

# %%
if modules:
    networks = nl.adopt(modules)
    nl.networks.check_fit(data, networks)
else:
    networks = rp.watch_files([network], samples)
own = rp.examine_own(networks, data, replacement, random_orders)
layers, measured = list(networks.widths), own.measured

# %% tags=["hide-input"]
rp.table(*rp.own_accuracy_table(own))

# %% [markdown]
# If the accuracy is not what you know of your network, the chapter has not read the network that you trained:
#
# - The inputs are scaled otherwise, or the labels are in another order.
# - For a file of parameters: the activation function is another one.
# - For a file of parameters: the network does something that its parameters do not show, for example it skips a layer.
#
# ## What its neurons say

# %% tags=["hide-input"]
rp.table(*rp.own_layer_table(own))

# %% [markdown]
# A neuron is active if its output is above a threshold: 0.5 for sigmoid, and 0 for other activation functions.
# A neuron that is never active is dead. A neuron that is always active may still matter, though one bit of it says
# nothing ({ref}`sec-examples`).

# %% mystnb={"figure": {"caption": "What the neurons of the network say, one violin for each layer: entropy, mutual information with the label, and KL selectivity, in bits. Bars mark minimum, maximum and mean, the dotted bar the median. Violins of several networks hold the neurons of all.", "name": "fig-own-distributions"}, "image": {"alt": "Three panels of violins, one for each measure; the table above has the mean of each layer."}} tags=["hide-input"]
figure, row = nl.plots.subplots(1, 3, figsize=(9, 3))
for axes, name in zip(row, nl.MEASURES, strict=True):
    rp.draw_own_measure(axes, own, name)
# %% [markdown]
# The table shows the eight neurons whose single-neuron ablation to zero costs the first network most:

# %% tags=["hide-input"]
lost = 100 * nl.each_alone(networks, data).values[0] / len(data.test.labels)
first = measured.isel(network=0)
label_of = nl.information.most_specific_label(first.counts.values)
rows = [
    [
        f"{first.layer.values[j]}, {first.index.values[j]}",
        *(first[name].values[j] for name in nl.MEASURES),
        data.label_names[label_of[j]] if first.entropy.values[j] else "",
        f"{lost[j]:.1f}",
    ]
    for j in (-lost).argsort(kind="stable")[:8]
]
rp.table(
    [
        "layer, neuron",
        *(f"{nl.plots.NAMES[name]} (bits)" for name in nl.MEASURES),
        "says most of",
        "accuracy lost (points)",
    ],
    rows,
)

# %% [markdown]
# ## What is lost without them
#
# Each layer is ablated by itself, and the neurons of all layers in one order.
# Compare each order with random ablation. For a single network, the band of random ablation is over random orders.

# %% mystnb={"figure": {"caption": "Cumulative ablation of the network: accuracy on samples that were not measured, against the number of ablated neurons. Each row is a layer, and the last the whole network; each column is a measure. Neurons are ablated lowest values first, highest first, or at random. Lines are means. Bands are one standard deviation: of random ablation over orders, else over networks if there are several.", "name": "fig-own-curves"}, "image": {"alt": "Panels of three curves that fall from the accuracy of the whole network; the table below says how far apart they are."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(
    len(own.curves), 3, figsize=(9, 2.6 * len(own.curves)), sharey=True, squeeze=False
)
for scope, row in zip(own.curves, grid, strict=True):
    for axes, name in zip(row, nl.MEASURES, strict=True):
        rp.draw_own_curves(axes, own, scope, name)
        axes.set_xlabel("ablated neurons" if axes in grid[-1] else "")
        axes.set_ylabel("accuracy (%)" if axes is row[0] else "")
rp.legend_below(figure)
# %% [markdown]
# The table compares each order with random ablation: accuracy minus that of random ablation, in percentage points, mean
# over the curve. Negative is worse. It also counts the random orders that do more harm to the same network.

# %% tags=["hide-input"]
rp.table(*rp.own_gap_table(own))

# %% [markdown]
# The paper reads such curves as follows:
#
# | curves | what they say |
# |:--|:--|
# | lowest first far above random, highest first far below | The measure tells which neurons this layer needs. |
# | all three flat until few neurons are left | The neurons are redundant if their measures are large. If the measures are small, most neurons are inactive or irrelevant. |
# | all three fall side by side | The measure does not tell which neurons this layer needs. Information may be spread evenly, or several neurons may say it only together. |
# | lowest first *below* random, in a layer | Neurons without entropy are needed, as always-on neurons are. Try `replacement=mean`. |
# | lowest first *below* random, in the whole network | The lowest values may all be in the layer that is needed most ({ref}`sec-fig2-whole`). |
#
# A single network is a single sample of what training brings about; training again may bring about another.
# Several networks show what they have in common.
#
# ## Made smaller
#
# {py:func}`nl.prune <neuronlib.pruning.pruning.prune>` removes neurons of linear maps in a row for good. We remove a
# quarter, a half and three quarters of one layer of the first network, by mutual information and by chance. In a
# *repaired* network, least squares lets the remaining neurons take over.

# %% tags=["hide-input"]
rows, skipped = [], []
test = nl.networks.samples_on(networks.device, data.test) if modules else ()
for layer, width in networks.widths.items() if modules else ():
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
            smaller = nl.prune(modules[0], criterion, share, layer, data, surgery)
            entries.append(f"{100 * nl.adopt([smaller]).accuracy(*test).item():.1f}")
        kept = sum(parameter.numel() for parameter in smaller.parameters())
        rows.append([nl.common.scope_name(layer), f"{gone} of {width}", kept, *entries])
header = [
    "",
    "neurons removed",
    "parameters left",
    "lowest information removed (%)",
    "lowest removed, repaired (%)",
    "random removed, repaired (%)",
]
rp.table(header, rows) if modules else rp.markdown("")

# %% tags=["hide-input"]
if not modules:
    note = "A program is not pruned: its graph is fixed."
elif skipped:
    note = (
        f"Left out, as the share is none or all of the neurons: {', '.join(skipped)}."
    )
else:
    note = "Each layer has enough neurons for a quarter, a half and three quarters."
rp.markdown(note)

# %% [markdown]
# ## What this network says
#
# Code writes these sentences from the curves above. With 20 random orders, an order stands out if all of them do more
# harm, or all do less. An order that knows nothing about the neurons stands out on either side one time in 21.

# %% tags=["hide-input"]
rp.markdown("\n".join(f"- {one}" for one in rp.own_sentences(own)))

# %% [markdown]
# ## In a few lines
#
# A script of your own does what this chapter does:
#
#     import neuronlib as nl
#
#     data = nl.read_samples("samples.npz")
#     model = nl.read_model("mine.pt2")
#     networks = nl.watch(model, nl.networks.read_example("samples.npz", model))
#     measured = nl.measure(networks, data.validation)
#     layer = list(networks.widths)[0]
#     orders = nl.ablation_orders(measured, layer, random_orders=20)
#     nl.plot_curves(nl.accuracy(nl.ablate(networks, data.test, orders)))

# %% [markdown]
# ## Exercises
#
# ```{exercise-start}
# :label: ex-own-dropout
# ```
# Train the network of this chapter again, with Dropout behind each activation function.
# Redundancy predicts that random ablation of its first layer does less harm. Does it?
# ```{exercise-end}
# ```

# %% [markdown]
# ```{solution-start} ex-own-dropout
# :class: dropdown
# ```
# Dropout has no parameters, so `nl.adopt` takes the network with Dropout like the one without.
# The table shows the accuracy that random ablation of the first layer costs, mean over the curve. One network of each
# kind may not be enough to tell.

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
    adopted = nl.adopt([learn(torch.nn.Sequential(*parts), images.train, epochs)])
    of_own = nl.measure(adopted, images.validation)
    tried = nl.accuracy(
        nl.ablate_layers(adopted, images, of_own, {"1": None}, "zero", 10, seed=0)["1"]
    )
    intact = 100 * float(tried.sel(step=0).mean())
    lost = intact - 100 * float(nl.random_accuracy(tried).mean())
    rows.append([name, f"{intact:.1f}", f"{lost:.1f}"])
rp.table(["network", "accuracy (%)", "lost, mean over the random curve (points)"], rows)

# %% [markdown]
# ```{solution-end}
# ```
