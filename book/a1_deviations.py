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
# (sec-deviations)=
# # What the paper leaves open, and what is chosen here
#
# {cite:t}`amjad2021` state their architectures, regularizers, optimizer, quantizer and measures.
# What they do not state has to be chosen, and some of it changes results.
# Every choice below was made before the networks shown in this book were trained.
# The scaling was chosen by how pilot networks agree with the paper, so that agreement under it is partly by choice;
# {ref}`sec-sensitivity` has the claims under the others.
#
# | open in the paper | chosen here | why, and what depends on it |
# |:--|:--|:--|
# | scaling of the pixels | mean 0 and standard deviation 1 over the training pixels, per channel | inferred: of three usual scalings it agrees best with the paper's numbers and panels; how many first-layer neurons are dead depends on it, and with that the curves: {ref}`sec-sensitivity` |
# | epochs of each setting (8 to 30) | the one-standard-error rule on pilot networks, below | the figure below has the pilots' accuracy after each epoch; {ref}`sec-sensitivity` asks the claims after 8 and after 30 epochs, too |
# | initial weights | PyTorch's default for linear layers | what a user of PyTorch gets; others were not tried |
# | L2 regularization | weight decay of the optimizer, on weights and biases | as PyTorch's optimizers do it; without decay of biases was not tried |
# | order within a hidden layer | linear map, batch normalization, activation, Dropout | the usual one; the measures look at outputs of the activation; others were not tried |
# | last mini-batch of an epoch | may be smaller | so that every sample is seen in every epoch; the paper's data sets, as it divides them, fill their last one |
# | the split into training and validation samples | drawn once, the same for all networks | so networks differ by weights, order and Dropout masks alone |
# | a sigmoid output of exactly 0.5 | counts as inactive | as ReLU's 0 does in the paper |
# | unit of information | bits | as usual where values are few; another unit multiplies all measures by one number, and changes no order |
# | neurons of equal value | ordered by a random permutation, the same for all measures | decides how neurons follow one another that have the same value, as all that have no entropy, dead or always on |
# | random orders of a network | 10 for MNIST and Fashion-MNIST, 1 for CIFAR-10 | their mean is that network's random accuracy |
# | steps of a curve | every neuron; with more than 200 neurons 50 equal steps | counts of neurons on CIFAR-10 are coarse by a fiftieth of the layer |
# | Wilcoxon's test | normal approximation without continuity correction | the paper's smallest p-values are exactly those of this variant with 50 networks |
# | settings of the panels of Fig. 1, 2 and 5 | inferred from the text | the copy of the paper at hand lacks their captions |
#
# Deviations in computation:
#
# - Cumulative ablation does not run each ablated network anew, but takes from the next layer's inputs what the neuron
#   added; this rounds differently, and moves a sample only where two classes tie to the last digits.
# - Networks are trained side by side, each on its own order of the samples with its own random numbers, so that each is
#   the network it would be alone.
# - The number of networks is what has been computed so far; every figure and claim says how many.

# %% tags=["hide-input"]
import neuronlib as nl
import neuronlib.reproduction as rp

nl.plots.use_house_style()

# %% [markdown]
# ## Epochs, from pilot networks
#
# For each setting a few pilot networks, none of which is among the networks reported, are trained for 30 epochs.
# Chosen is the smallest number of epochs from 8 to 30 whose mean validation accuracy is at most one standard error, over
# pilots, below the largest.

# %% tags=["hide-input"]
histories = {}
for name in rp.SETTINGS:
    try:
        histories[name] = rp.pilots(name)
    except rp.NotStored:
        continue
rp.table(
    ["setting", "pilots", "validation accuracy (%)", "epochs"],
    [
        [
            name,
            history.sizes["network"],
            f"{100 * float(history.validation_accuracy.mean('network').max()):.2f}",
            rp.best_epochs(history),
        ]
        for name, history in histories.items()
    ],
)

# %% mystnb={"figure": {"caption": "Mean validation accuracy of the pilot networks after each epoch, a panel for each architecture. Grey: no regularizer; blue: L2; red: Dropout; green: Dropout and batch normalization. Solid: ReLU; dashed: sigmoid. The mark on each line is the chosen number of epochs.", "name": "fig-pilots"}, "image": {"alt": "Lines that rise steeply in the first epochs and are almost flat afterwards, with a mark on each; the table above gives the numbers."}} tags=["hide-input"]
figure, grid = nl.plots.subplots(2, 3, figsize=(8.6, 5.4))
for axes, architecture in zip(grid.flat, rp.ARCHITECTURES, strict=False):
    rp.pilot_accuracy(axes, histories, architecture)
grid.flat[-1].set_axis_off()

# %% [markdown]
# (sec-what-intervals-cover)=
# ## What intervals cover
#
# Intervals in this book resample networks: they say how far a mean would move had other networks been trained, on the same
# images.
# They cover neither the division into training and validation samples, drawn once for all networks, nor the test set.
# Other test images of the same kind would move every network's accuracy, and all of them together.
#
# For the five numbers that the first page begins with, some networks were ablated again, and the answer to each test image
# was kept.
# Networks, test images, or both, independently of one another, are drawn with replacement 2000 times; both at once is
# {cite:t}`owen2007`'s pigeonhole bootstrap.
# These three intervals are by quantiles and of the same few networks, so that they differ in what is drawn alone.
# The other chapters have more networks, and so narrower intervals.
# What the test images add does not shrink with that: the last column has those numbers, and by what factor their intervals
# would be wider, taking variances to add up.
# Numbers are points of test accuracy, with 95 % intervals:

# %% tags=["hide-input"]
rp.image_intervals(rp.StoredResults())

# %% [markdown]
# Random ablation is averaged over each network's random orders, so other random orders are covered as far as networks
# differ by them.
# What remains open is the fixed division: training on another 80 % of the training images is in no interval of this book.
