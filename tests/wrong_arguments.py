"""Valid calls of everything public, and the same calls with one argument that is wrong; run as a script, it counts.

Run by itself, the library is as a user has it: without the checks of shapes that tests switch on.
"""

import collections
import contextlib
import dataclasses
import inspect
import io
import json
import linecache
import signal
import sys
import tempfile
import time
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import torch
import xarray as xr
from matplotlib.figure import Figure
from torch import nn

import neuronlib as nl

Call = tuple[Callable[..., Any], Callable[[], dict[str, Any]]]
ROOMS = ("ablation", "common", "data", "information", "networks", "plain", "plots", "pruning", "training")
HERE = Path(nl.__file__).parent

# Public, and not called with arguments that a person chooses.
EXCUSED = {
    "NeuronlibError": "an exception",
    "DataError": "an exception",
    "DivergenceError": "an exception",
    "Networks": "a protocol",
    "Selection": "a protocol",
    "Lattice": "made by `lattice` alone",
    "subplots": "hands all that it is given to matplotlib",
    "use_house_style": "takes no argument",
    "Layer.affine": "a kernel of the compiled training step",
    "Normalization.in_training": "a kernel of the compiled training step",
    "Normalization.gradients": "a kernel of the compiled training step",
}


# Called through a function of the calls' own, as they take any number of arguments.
BY_PLACE = ("joined_orders", "stream")


class Fixture:
    """Small networks and images, made once."""

    def __init__(self, folder: Path):
        random = np.random.default_rng(0)
        labels = np.array([0, 1, 2] * 5)
        self.data = nl.given(np.eye(3)[labels] + random.normal(0, 0.3, (15, 3)), labels)
        self.setting = nl.Setting(dataset="mnist-5k", hidden=(4, 3), dropout=(), epochs=1, batch_size=8)
        self.networks = nl.initialize(self.setting, 3, 3, [0, 1])
        self.measured = nl.measure(self.networks, self.data.test)
        self.orders = nl.ablation_orders(self.measured, "1", 2)
        self.curves = nl.ablate(self.networks, self.data.test, self.orders)
        self.accuracies = nl.accuracy(self.curves)
        self.module = self.networks.as_module(0)
        self.images = dataclasses.replace(self.data, name="mnist-5k")
        self.outputs = self.networks.outputs(self.data.test)[0].astype(np.float64)
        self.active = np.array([[s, t, u, s ^ t] for s in (0, 1) for t in (0, 1) for u in (0, 1)], dtype=bool)
        self.layer = np.array([[s, t] for s in (0, 1) for t in (0, 1)] * 10, dtype=bool)
        self.eight = np.array([0, 1, 1, 0, 1, 0, 0, 1])
        self.tables = nl.information.pair_counts(self.active, self.eight, 2)[0, 1]
        self.values = np.array([0.1, 0.25, 0.3, -0.2])
        self.pixels = torch.from_numpy(self.data.test.pixels)
        self.labels = torch.from_numpy(self.data.test.labels)
        self.moments = nl.pruning.moments(self.networks, self.data, "1")
        self.ordered = nl.pruning.noise_out(self.networks, self.data, "1")
        self.diverse = nl.pruning.Diverse.of(self.networks, self.data, "1", 0)
        self.axes = Figure().gca()
        self.folder = folder
        torch.save(self.module.state_dict(), folder / "mine.pt")
        np.savez(folder / "samples.npz", inputs=self.data.test.pixels, labels=labels)
        program = torch.export.export(self.module, (self.pixels,), dynamic_shapes=({0: torch.export.Dim("samples")},))
        torch.export.save(program, folder / "mine.pt2")


def calls(f: Fixture) -> dict[str, Call]:
    """One valid call of everything public, by its name in the front door or in a room."""
    counts = np.array([[6, 0], [1, 2]])
    sets = np.array([[[0, 1]], [[1, 2]]])
    history = xr.Dataset(
        {name: (("network", "epoch"), [[0.8, 0.9]]) for name in ("validation_accuracy", "test_accuracy")},
        {"epoch": [1, 2]},
    )
    layer = f.networks.layers[0]
    normalization = nl.networks.Normalization(*(torch.ones(2, 4) for _ in range(4)))
    one = torch.ones(2, 4)
    merges = f.ordered.merges
    assert merges is not None
    two = np.array([[0, 1], [2, 3]])
    ties = np.array([2, 0, 1, 3])
    drawn = lambda: nl.common.stream(0, "example")  # noqa: E731
    table = {"counts": lambda: {"counts": counts}, "tables": lambda: {"counts": f.tables}}
    bits = lambda: {"active": f.active}  # noqa: E731
    states = np.array([[1, 0], [0, 2], [0, 3], [1, 0]])
    # Samples enough for what learns from them, in which one neuron is the label and the other says nothing.
    learned = lambda: {"active": f.layer, "labels": f.layer[:, 0].astype(int), "label_count": 2}  # noqa: E731
    pairs = lambda: {"active": f.active, "labels": f.eight, "label_count": 2}  # noqa: E731
    on = lambda: {"networks": f.networks, "samples": f.data.test}  # noqa: E731
    of_layer = lambda: {"networks": f.networks, "data": f.data, "layer": "1"}  # noqa: E731
    widths = {"hidden": (4, 3), "layer": "1"}
    return {
        # Ablation.
        "ablate": (
            nl.ablate,
            lambda: {
                **on(),
                "orders": f.orders,
                "replacement": torch.zeros(2, 7),
                "steps": [0, 2, 4],
                "remains": torch.full((2, 7), 0.5),
            },
        ),
        "mean_outputs": (nl.mean_outputs, on),
        "mean_outputs_by_position": (
            nl.ablation.mean_outputs_by_position,
            lambda: {"networks": nl.watch(f.module, f.pixels[:1]), "samples": f.data.test},
        ),
        "accuracy": (nl.accuracy, lambda: {"curves": f.curves, "by_label": False}),
        "compare_with_random": (
            nl.compare_with_random,
            lambda: {"accuracies": f.accuracies, "measure": "entropy", "direction": "low", "step": 2, "exact": False},
        ),
        "gap_to_random": (
            nl.gap_to_random,
            lambda: {"accuracies": f.accuracies, "measure": "entropy", "direction": "low"},
        ),
        "random_accuracy": (nl.random_accuracy, lambda: {"accuracies": f.accuracies}),
        "random_curves": (nl.ablation.random_curves, lambda: {"accuracies": f.accuracies}),
        "steps_through": (nl.ablation.steps_through, lambda: {"neurons": 600, "points": 3, "each_up_to": 200}),
        "ablation_orders": (
            nl.ablation_orders,
            lambda: {"measured": f.measured, "layer": "1", "random_orders": 2, "seed": 0, "measures": ["entropy"]},
        ),
        "class_balanced": (
            nl.ablation.class_balanced,
            lambda: {"spectra": np.array([[0.9, 0.0], [0.8, 0.0], [0.0, 0.1], [0.0, 0.3]]), "ties": ties},
        ),
        "class_balanced_orders": (nl.class_balanced_orders, lambda: {"measured": f.measured, "layer": "1", "seed": 0}),
        "joined_orders": (lambda one: nl.ablation.joined_orders(one, f.orders), lambda: {"one": f.orders}),
        "ranked": (
            nl.ablation.ranked,
            lambda: {"values": np.array([0.3, 0.1, 0.3, 0.5]), "direction": "low", "ties": ties},
        ),
        "Comparison": (nl.Comparison, lambda: {"values": f.values, "name": "gap", "setting": "mnist", "p": 0.5}),
        "bootstrap_interval": (nl.bootstrap_interval, lambda: {"values": f.values, "seed": 0}),
        "wilcoxon_p": (nl.wilcoxon_p, lambda: {"differences": f.values, "exact": False}),
        "wilcoxon_p_values": (nl.ablation.wilcoxon_p_values, lambda: {"differences": f.values[None], "exact": False}),
        "equivalence_p": (nl.ablation.equivalence_p, lambda: {"differences": f.values, "margin": 0.4}),
        "not_above_p": (nl.ablation.not_above_p, lambda: {"differences": f.values, "margin": 0.4}),
        "holm": (nl.ablation.holm, lambda: {"p_values": np.array([0.01, 0.04, 0.03])}),
        "kolmogorov_smirnov_p": (nl.ablation.kolmogorov_smirnov_p, lambda: {"one": f.values, "other": f.values + 1}),
        "pigeonhole_interval": (
            nl.ablation.pigeonhole_interval,
            lambda: {"values": np.eye(3), "images_vary": True, "seed": 0, "draws": 5},
        ),
        "replication_interval": (
            nl.ablation.replication_interval,
            lambda: {"values": f.values, "original": 0.2, "original_networks": 50, "coverage": 0.95},
        ),
        "spearman": (nl.ablation.spearman, lambda: {"one": f.values, "other": f.values[::-1].copy()}),
        "student_interval": (nl.ablation.student_interval, lambda: {"values": f.values}),
        "ablate_sets": (
            nl.ablate_sets,
            lambda: {"networks": f.networks, "data": f.data, "layer": "1", "sets": sets, "replacement": "mean"},
        ),
        "each_alone": (nl.each_alone, lambda: {"networks": f.networks, "data": f.data}),
        "singles": (nl.ablation.singles, lambda: {"networks": f.networks, "layer": "1"}),
        # Settings, and what all rooms share.
        "check": (nl.common.check, lambda: {"name": "width", "value": 3, "kind": int}),
        "did_you_mean": (nl.common.did_you_mean, lambda: {"name": "mnst", "known": ["mnist", "cifar10"]}),
        "Setting": (nl.Setting, lambda: dataclasses.asdict(nl.Setting())),
        "Setting.replace": (lambda **new: nl.Setting().replace(**new), lambda: {"epochs": 3, "hidden": (7, 7)}),
        "permutation": (nl.common.permutation, lambda: {"source": drawn(), "size": 4}),
        "stream": (lambda seed, key: nl.common.stream(seed, key), lambda: {"seed": 0, "key": "order"}),
        "layer_names": (nl.common.layer_names, lambda: {"hidden": (4, 3)}),
        "layer_slice": (nl.common.layer_slice, lambda: dict(widths)),
        "layer_width": (nl.common.layer_width, lambda: dict(widths)),
        "scope_name": (nl.common.scope_name, lambda: {"scope": "1"}),
        "scope_width": (nl.common.scope_width, lambda: {"hidden": {"conv": 4, "head": 3}, "scope": "conv"}),
        "scopes": (nl.common.scopes, lambda: {"hidden": [4, 3]}),
        # Images.
        "Images": (nl.data.Images, lambda: {"pixels": np.zeros((2, 4), np.uint8), "labels": np.array([0, 1])}),
        "ImageData": (
            nl.ImageData,
            lambda: {one.name: getattr(f.data, one.name) for one in dataclasses.fields(f.data)},
        ),
        "Samples": (nl.Samples, lambda: {"pixels": f.data.test.pixels, "labels": f.data.test.labels}),
        "given": (nl.given, lambda: {"inputs": f.data.test.pixels, "labels": f.data.test.labels}),
        "images_folder": (nl.data.images_folder, lambda: {"root": "images"}),
        "load": (
            nl.load,
            lambda: {"name": "mnist-5k", "root": None, "split": "paper", "scaling": "unit", "seed": 0},
        ),
        # All in one call.
        "ablate_layers": (
            nl.ablate_layers,
            lambda: {
                "networks": f.networks,
                "data": f.data,
                "measured": f.measured,
                "steps": {"1": [0, 4], "2": None},
                "replacement": "zero",
                "random_orders": 1,
                "seed": 0,
            },
        ),
        "run": (
            nl.run,
            lambda: {
                "setting": f.setting,
                "networks": 2,
                "layers": ["1"],
                "replacement": "zero",
                "random_orders": 1,
                "device": "cpu",
                "root": None,
            },
        ),
        # Information.
        "joint_counts": (
            nl.joint_counts,
            lambda: {
                "chunks": [(f.pixels[None, :3, :2], torch.tensor([0, 1, 1]))] * 2,
                "thresholds": np.array([0.0, 0.5]),
                "labels": 2,
            },
        ),
        "class_selectivity": (
            nl.class_selectivity,
            lambda: {"outputs": np.array([[3.0, 1.0], [0.5, 1.0], [1.0, 0.0]]), "labels": np.array([0, 1, 1])},
        ),
        **{
            name: (getattr(nl.information, name), table["counts"])
            for name in (
                "entropy",
                "kl_selectivity",
                "mutual_information",
                "specific_information",
                "active_share",
                "information_bias",
                "most_specific_label",
            )
        },
        **{
            name: (getattr(nl.information, name), table["tables"])
            for name in ("broja", "williams_beer", "interaction_information", "joint_information", "single_information")
        },
        "Decomposition": (
            nl.information.Decomposition,
            lambda: {"redundancy": np.ones(2), "unique": (np.ones(2),) * 2, "synergy": np.ones(2), "gap": np.zeros(2)},
        ),
        "measure": (nl.measure, lambda: {**on(), "values": 3, "cuts": "uniform"}),
        "quantize": (
            nl.quantize,
            lambda: {"outputs": np.array([[-1.0, 0.2, 0.9]]), "thresholds": np.array([0.0, 0.5])},
        ),
        "active_by_layer": (nl.information.active_by_layer, on),
        "information_of_layer": (
            nl.information.information_of_layer,
            lambda: {"values": f.active, "labels": f.eight, "label_count": 2},
        ),
        "of_layers": (nl.information.of_layers, lambda: {"networks": f.networks, "data": f.data}),
        "distinct_varying_neurons": (nl.information.distinct_varying_neurons, bits),
        "of_groups": (nl.information.of_groups, lambda: {**bits(), "groups": np.array([[0, 1, 2], [1, 2, 3]])}),
        "of_groups_gaussian": (
            nl.information.of_groups_gaussian,
            lambda: {
                "values": np.random.default_rng(0).normal(size=(20, 4)),
                "groups": np.array([[0, 1, 2], [1, 2, 3]]),
            },
        ),
        "of_triplets": (nl.information.of_triplets, bits),
        "plug_in_bias": (nl.information.plug_in_bias, lambda: {"size": 3, "samples": 1000}),
        "triplets": (nl.information.triplets, lambda: {"neurons": 4}),
        "each_pair": (nl.information.each_pair, pairs),
        "pair_counts": (nl.information.pair_counts, pairs),
        "interaction_of_varying_pairs": (nl.information.interaction_of_varying_pairs, pairs),
        "most_correlated": (nl.information.most_correlated, lambda: {"outputs": f.outputs}),
        "anneal": (nl.information.anneal, lambda: {**bits(), "size": 3, "direction": "low", "seed": 0, "steps": 2}),
        "greedy": (nl.information.greedy, lambda: {**bits(), "size": 3, "direction": "low"}),
        "beyond_chance": (nl.information.beyond_chance, lambda: {**bits(), "seed": 0}),
        "shuffled": (nl.information.shuffled, lambda: {**bits(), "seed": 0}),
        **{
            name: (getattr(nl.information, name), lambda: {"counts": states})
            for name in ("shannon_invariants", "shared_exclusion_atoms", "representational_complexity")
        },
        "ShannonInvariants": (
            nl.information.ShannonInvariants,
            lambda: {"information": np.full(2, 2.0), "alone": np.full(2, 3.0), "lost": np.ones(2)},
        ),
        "group_counts": (
            nl.information.group_counts,
            lambda: {**pairs(), "groups": np.array([[0, 1], [1, 3]])},
        ),
        "random_groups": (
            nl.information.random_groups,
            lambda: {"neurons": 5, "size": 3, "number": 2, "seed": 0},
        ),
        "of_sampled_groups": (
            nl.information.of_sampled_groups,
            lambda: {**learned(), "sizes": [1, 2], "number": 2, "seed": 0},
        ),
        "layer_bracket": (nl.information.layer_bracket, learned),
        "lattice": (nl.information.lattice, lambda: {"sources": 2}),
        "by_neuron": (
            nl.information.by_neuron,
            lambda: {"counts": np.ones((1, 3, 2, 2), int), "widths": {"1": 2, "2": 1}, "networks": [0]},
        ),
        "one_bit_thresholds": (nl.information.one_bit_thresholds, lambda: {"activation": "relu"}),
        "quantile_thresholds": (
            nl.information.quantile_thresholds,
            lambda: {"outputs": f.outputs.T.copy(), "values": 3},
        ),
        "uniform_thresholds": (nl.information.uniform_thresholds, lambda: {"outputs": f.outputs.T.copy(), "values": 3}),
        # Networks.
        "adopt": (nl.adopt, lambda: {"modules": [f.module]}),
        "check_fit": (nl.networks.check_fit, lambda: {"data": f.data, "ensemble": f.networks}),
        "from_state": (nl.from_state, lambda: {"state": dict(f.module.state_dict()), "activation": "relu"}),
        "by_hand": (
            nl.by_hand,
            lambda: {
                "weights": [np.ones((2, 3)), np.ones((3, 2))],
                "biases": [np.zeros(3), np.zeros(2)],
                "activation": "relu",
            },
        ),
        "initialize": (
            nl.initialize,
            lambda: {"setting": f.setting, "inputs": 3, "labels": 3, "networks": [0, 1], "device": "cpu"},
        ),
        "samples_on": (nl.networks.samples_on, lambda: {"device": torch.device("cpu"), "samples": f.data.test}),
        "read_example": (nl.networks.read_example, lambda: {"path": f.folder / "samples.npz", "model": f.module}),
        "read_model": (nl.read_model, lambda: {"path": f.folder / "mine.pt2", "pickled": False}),
        "read_networks": (nl.read_networks, lambda: {"path": f.folder / "mine.pt", "activation": "relu"}),
        "read_samples": (nl.read_samples, lambda: {"path": f.folder / "samples.npz", "seed": 0}),
        "layers": (nl.layers, lambda: {"model": f.module, "example": f.pixels[:2]}),
        "watch": (
            nl.watch,
            lambda: {
                "model": f.module,
                "example": f.pixels[:2],
                "layers": ["1"],
                "summary": "mean",
                "axes": {"1": 1},
                "threshold": None,
            },
        ),
        "Ensemble": (
            nl.Ensemble,
            lambda: {"setting": f.setting, "networks": (0, 1), "layers": list(f.networks.layers)},
        ),
        "Ensemble.part": (f.networks.part, lambda: {"which": slice(1)}),
        "Ensemble.around": (f.networks.around, lambda: {"layer": "1"}),
        "Ensemble.activate": (f.networks.activate, lambda: {"z": f.pixels}),
        "Ensemble.hidden_outputs": (f.networks.hidden_outputs, lambda: {"pixels": f.pixels}),
        "Ensemble.pre_activations": (f.networks.pre_activations, lambda: {"samples": f.data.test}),
        "Ensemble.logits": (f.networks.logits, lambda: {"pixels": f.pixels}),
        "Ensemble.outputs_in_chunks": (f.networks.outputs_in_chunks, lambda: {"pixels": f.pixels, "labels": f.labels}),
        "Ensemble.output_chunks": (f.networks.output_chunks, lambda: {"samples": f.data.test}),
        "Ensemble.correct_when_ablated": (
            f.networks.correct_when_ablated,
            lambda: {
                "samples": f.data.test,
                "layer": "1",
                "orders": f.orders.values,
                "steps": [0, 2],
                "replacement": torch.zeros(2, 7),
                "remains": torch.full((2, 7), 0.5),
            },
        ),
        "Ensemble.outputs": (f.networks.outputs, lambda: {"samples": f.data.test}),
        "Ensemble.accuracy": (f.networks.accuracy, lambda: {"pixels": f.pixels, "labels": f.labels}),
        "Ensemble.as_module": (f.networks.as_module, lambda: {"position": 0}),
        "Layer": (
            nl.networks.Layer,
            lambda: {"weight": layer.weight, "bias": layer.bias, "normalization": normalization},
        ),
        "Layer.part": (layer.part, lambda: {"which": slice(1)}),
        "Layer.columns": (layer.columns, lambda: {"kept": np.array([[0, 1], [1, 2]])}),
        "Layer.to": (layer.to, lambda: {"device": "cpu"}),
        "Layer.as_modules": (layer.as_modules, lambda: {"position": 0}),
        "Normalization": (
            nl.networks.Normalization,
            lambda: {"scale": one, "shift": one, "running_mean": one, "running_variance": one},
        ),
        "Normalization.part": (normalization.part, lambda: {"which": slice(1)}),
        "Normalization.as_module": (normalization.as_module, lambda: {"position": 0}),
        # The plain twins.
        "plain.entropy": (nl.plain.entropy, lambda: {"table": counts}),
        "plain.mutual_information": (nl.plain.mutual_information, lambda: {"table": counts}),
        "plain.kl_selectivity": (nl.plain.kl_selectivity, lambda: {"table": counts}),
        "plain.joint_counts": (
            nl.plain.joint_counts,
            lambda: {
                "outputs": np.array([0.0, 2.0, 0.5]),
                "labels": np.array([0, 1, 1]),
                "thresholds": [0.0, 1.0],
                "label_count": 2,
            },
        ),
        "plain.cumulative_ablation": (
            nl.plain.cumulative_ablation,
            lambda: {
                "module": f.module,
                "inputs": f.pixels,
                "labels": f.labels,
                "order": [0, 2, 1],
                "replacement": torch.zeros(7),
                "label_count": 3,
                "remains": torch.full((7,), 0.5),
            },
        ),
        "plain.antichains": (nl.plain.antichains, lambda: {"sources": 2}),
        "plain.shared_exclusion_atoms": (nl.plain.shared_exclusion_atoms, lambda: {"table": states}),
        "plain.rewarded_term": (
            nl.plain.rewarded_term,
            lambda: {
                "term": "mutual_information",
                "z": np.array([1.0, 2.0, -2.0, -1.0]),
                "outputs": np.array([1.0, 2.0, 0.0, 0.0]),
                "labels": np.array([0, 0, 1, 1]),
                "label_count": 2,
                "temperature": 0.25,
            },
        ),
        "plain.joint_order": (
            nl.plain.joint_order,
            lambda: {
                "criterion": "CMIM",
                "active": f.active,
                "labels": f.eight,
                "label_count": 2,
                "ties": np.arange(4),
            },
        ),
        "plain.o_information": (nl.plain.o_information, lambda: {"values": f.active}),
        # Figures.
        "plot_curves": (nl.plot_curves, lambda: {"accuracies": f.accuracies, "axes": f.axes}),
        "panel": (lambda **size: closed(nl.plots.panel(**size)), lambda: {"width": 2.0, "height": 2.0}),
        "compared_curves": (
            nl.plots.compared_curves,
            lambda: {
                "axes": f.axes,
                "curves": {"mine": f.accuracies.isel(order=0, drop=True)},
                "label": "accuracy",
            },
        ),
        "intervals": (
            nl.plots.intervals,
            lambda: {"axes": f.axes, "numbers": {"which?": {"this": f.values}}, "label": "points"},
        ),
        "training_history": (nl.plots.training_history, lambda: {"axes": f.axes, "history": history}),
        "against": (
            nl.plots.against,
            lambda: {
                "axes": f.axes,
                "measures": f.measured,
                "horizontal": "entropy",
                "vertical": "mutual_information",
            },
        ),
        "picture": (
            nl.plots.picture,
            lambda: {"axes": f.axes, "pixels": np.arange(4.0), "shape": (1, 2, 2), "title": "seven"},
        ),
        "spectra": (
            nl.plots.spectra,
            lambda: {"axes": f.axes, "specific": np.array([[0.0, 1.0]]), "neurons": ["a"], "labels": ["0", "1"]},
        ),
        # Pruning.
        "Merges": (
            nl.pruning.Merges,
            lambda: {one.name: getattr(merges, one.name) for one in dataclasses.fields(merges)},
        ),
        "Moments": (nl.pruning.Moments, lambda: {"mean": f.moments.mean, "covariance": f.moments.covariance}),
        "balanced": (
            nl.pruning.balanced,
            lambda: {"ensemble": f.networks, "layer": "1", "kept": two, "known": f.moments},
        ),
        "refitted": (
            nl.pruning.refitted,
            lambda: {"ensemble": f.networks, "layer": "1", "kept": two, "known": f.moments},
        ),
        "merge": (
            nl.pruning.merge,
            lambda: {"ensemble": f.networks, "layer": "1", "merges": merges, "steps": 2},
        ),
        "merged": (
            nl.pruning.merged,
            lambda: {"ensemble": f.networks, "data": f.data, "layer": "1", "pairs": two},
        ),
        "moments": (nl.pruning.moments, of_layer),
        "only": (nl.pruning.only, lambda: {"ensemble": f.networks, "layer": "1", "kept": two}),
        "Diverse": (
            nl.pruning.Diverse,
            lambda: {"kernels": f.diverse.kernels, "seed": 0, "keys": f.diverse.keys},
        ),
        "Diverse.of": (nl.pruning.Diverse.of, lambda: {**of_layer(), "seed": 0}),
        "Diverse.kept": (f.diverse.kept, lambda: {"count": 2}),
        "Diverse.own_surgery": (
            f.diverse.own_surgery,
            lambda: {"ensemble": f.networks, "layer": "1", "count": 2, "known": f.moments},
        ),
        "joint_order": (
            nl.pruning.joint_order,
            lambda: {
                "criterion": "CMIM",
                "active": f.active,
                "labels": f.eight,
                "label_count": 2,
                "ties": np.arange(4),
            },
        ),
        "sample_determinantal": (
            nl.pruning.sample_determinantal,
            lambda: {"kernel": np.eye(4) + 0.1, "count": 2, "source": drawn()},
        ),
        "Ordered": (nl.pruning.Ordered, lambda: {"order": f.ordered.order, "merges": merges}),
        "Ordered.kept": (f.ordered.kept, lambda: {"count": 2}),
        "Ordered.own_surgery": (
            f.ordered.own_surgery,
            lambda: {"ensemble": f.networks, "layer": "1", "count": 2, "_known": f.moments},
        ),
        "noise_out": (nl.pruning.noise_out, of_layer),
        "srinivas_babu": (nl.pruning.srinivas_babu, lambda: {"networks": f.networks, "layer": "1"}),
        "prune": (
            nl.prune,
            lambda: {
                "network": f.module,
                "criterion": "mutual information",
                "share": 0.5,
                "layer": "1",
                "data": f.data,
                "surgery": "balance",
                "seed": 0,
            },
        ),
        "removed_neurons": (nl.pruning.removed_neurons, lambda: {"width": 100, "share": 0.75}),
        "score_order": (nl.pruning.score_order, lambda: {"criterion": "Taylor", **of_layer(), "seed": 0}),
        "select": (nl.pruning.select, lambda: {"criterion": "activity", **of_layer(), "seed": 0}),
        # Training.
        "loss_and_gradients": (
            nl.training.loss_and_gradients,
            lambda: {
                "layers": list(f.networks.layers),
                "activation": "relu",
                "dropout": (0.5, 0.5),
                "inputs": torch.ones(2, 3, 3),
                "labels": torch.tensor([[0, 1, 2]] * 2),
                "kept": torch.ones(2, 3, 7, dtype=torch.bool),
                "label_smoothing": 0.1,
            },
        ),
        "train": (
            nl.train,
            lambda: {"setting": f.setting, "data": f.images, "networks": [0, 1], "device": "cpu", "start": f.networks},
        ),
        "rewarded_term": (
            nl.training.rewarded_term,
            lambda: {
                "term": "mutual_information",
                "z": torch.tensor([[[1.0], [2.0], [-2.0], [-1.0]]]),
                "outputs": torch.tensor([[[1.0], [2.0], [0.0], [0.0]]]),
                "labels": torch.tensor([[0, 0, 1, 1]]),
                "label_count": 2,
                "temperature": 0.25,
            },
        ),
        "train_rewarding": (
            nl.train_rewarding,
            lambda: {
                "setting": f.setting,
                "data": f.images,
                "networks": [0, 1],
                "term": "kl_selectivity",
                "strength": 0.1,
                "temperature": 0.25,
                "device": "cpu",
            },
        ),
        "train_with_snapshots": (
            nl.training.train_with_snapshots,
            lambda: {
                "setting": f.setting,
                "data": f.images,
                "networks": 2,
                "epochs": [1],
                "device": "cpu",
                "start": f.networks,
            },
        ),
    }


def closed(result: Any) -> Any:
    """Close the figures that matplotlib keeps."""
    import matplotlib.pyplot as plt

    plt.close("all")
    return type(result).__name__


def public() -> Iterator[str]:
    """Names of everything public that is called: functions, classes, and methods of classes that take arguments."""
    for room in ("", *ROOMS):
        place = getattr(nl, room) if room else nl
        names = place.__all__ if hasattr(place, "__all__") else [n for n in vars(place) if not n.startswith("_")]
        for name in names:
            value = getattr(place, name)
            home = str(getattr(inspect.unwrap(value) if callable(value) else value, "__module__", ""))
            if not callable(value) or not home.startswith("neuronlib") or (room == "plain" and home != place.__name__):
                continue
            yield f"plain.{name}" if room == "plain" else name
            if isinstance(value, type) and not issubclass(value, Exception) and name not in EXCUSED:
                for method, function in vars(value).items():
                    function = getattr(function, "__func__", function)
                    if not method.startswith("_") and isinstance(function, types.FunctionType):
                        if len(inspect.signature(function).parameters) > 1:
                            yield f"{name}.{method}"


# Bad values, by what they are; those of EQUAL kinds mean the same as the valid value.
EQUAL = "equal: "


def generic() -> Iterator[tuple[str, Any]]:
    """Yield values that hardly any argument takes."""
    yield "None", None
    yield "word", "wrong"
    yield "empty word", ""
    yield "zero", 0
    yield "minus one", -1
    yield "seven", 7
    yield "huge", 2**63
    yield "fraction", 1.5
    yield "NaN", float("nan")
    yield "infinity", float("inf")
    yield "true", True
    yield "complex", 1j
    yield "bytes", b"1"
    yield "empty list", []
    yield "empty tuple", ()
    yield "empty dict", {}
    yield "dict", {"a": 1}
    yield "set", {1, 2}
    yield "generator", (one for one in (0, 1))
    yield "object", object()
    yield "class", int
    yield "function", len
    yield "list of words", ["wrong", "words"]
    yield "list of None", [None]
    yield "whole array", np.array([3, 1])
    yield "0-d array", np.array(3.0)
    yield "matrix", np.zeros((2, 2))
    yield "empty array", np.zeros(0)
    yield "words array", np.array(["a", "b"])
    yield "object array", np.array([None, {}], dtype=object)
    yield "tensor", torch.zeros(3)
    yield "other labelled", xr.DataArray(np.zeros((2, 2)), dims=("apples", "pears"))
    yield "other data set", xr.Dataset({"apples": ("pears", [1.0])})
    yield "module", nn.Identity()


def special(v: Any) -> Iterator[tuple[str, Any]]:
    """Yield values that resemble a valid one."""
    if v is not None and not isinstance(v, str | int | float):
        yield "its class", type(v)
    if isinstance(v, str):
        yield from (("upper", v.upper()), ("title", v.title()), ("misspelt", v + "x"), ("spaced", f" {v}"))
        yield from (("its bytes", v.encode()), ("its list", [v]))
        if v.isdigit():
            yield from (("its number", int(v)), ("its fraction", v + ".0"))
    elif isinstance(v, bool):
        yield from (("its number", int(v)), ("its word", str(v)), ("no", "no"), (EQUAL + "numpy", np.bool_(v)))
    elif isinstance(v, int | float):
        yield from (("its word", str(v)), ("its list", [v]), ("its complex", complex(v)), ("minus", -v - 1))
        yield from (("minus infinity", -float("inf")), ("numpy NaN", np.float64("nan")))
        if isinstance(v, int):
            yield from (
                (EQUAL + "numpy", np.int64(v)),
                ("its fraction", v + 0.5),
                ("numpy fraction", np.float64(v + 0.5)),
            )
            yield EQUAL + "numpy 8", np.int16(v)
        else:
            yield EQUAL + "numpy", np.float64(v)
    elif isinstance(v, np.ndarray):
        yield from arrays(v)
    elif isinstance(v, torch.Tensor):
        yield from tensors(v)
    elif isinstance(v, xr.DataArray | xr.Dataset):
        yield from labelled(v)
    elif isinstance(v, Mapping):
        yield from (("its items", list(v.items())), ("its values", list(v.values())), ("its keys", set(v)))
        yield from (("None inside", dict.fromkeys(v)), ("keys of numbers", dict(enumerate(v.values()))))
        yield from (("words inside", dict.fromkeys(v, "wrong")), ("one more", {**v, "apples": 1}))
        yield "one less", dict(list(v.items())[1:])
        yield EQUAL + "ordered", collections.OrderedDict(v)
    elif isinstance(v, Sequence):
        yield from sequences(v)
    elif dataclasses.is_dataclass(v):
        fields = {one.name: getattr(v, one.name) for one in dataclasses.fields(v)}
        yield from (("its dict", fields), ("look-alike", types.SimpleNamespace(**fields)), ("its list", [v]))
        yield "unknown field", {**fields, "apples": 1}
    elif isinstance(v, nn.Module):
        yield from (("its state", v.state_dict()), ("its list", [v]), ("empty module", nn.Sequential()))


def arrays(v: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield arrays of other shapes, types and entries."""
    yield "one axis more", v[None]
    yield "two axes more", v[None, None]
    yield "one axis less", v[0]
    for axis in range(v.ndim):
        yield f"shorter on {axis}", np.delete(v, 0, axis)
        yield f"longer on {axis}", np.concatenate([v, v], axis)
        yield f"empty on {axis}", v.take([], axis)
    yield from (("of objects", v.astype(object)), ("of words", v.astype(str)), ("of complex numbers", v + 1j))
    yield from (("its list", v.tolist()), ("its tensor", torch.from_numpy(v.copy())))
    yield "other axes", xr.DataArray(v, dims=[f"apples {i}" for i in range(v.ndim)])
    yield EQUAL + "Fortran", np.asfortranarray(v)
    yield EQUAL + "view", np.concatenate([v, v])[: len(v)]
    if v.dtype.kind == "b":
        yield from ((EQUAL + "bits", v.astype(int)), ("bits from 1", v + 1), ("counts", 7 * v), ("fractions", v * 0.5))
        yield "words of bits", np.where(v, "True", "False")
        return
    first = (0,) * v.ndim
    for kind, value in (("minus one", -1), ("huge", 10**6), ("copy", v.flat[-1])):
        other = v.copy()
        with contextlib.suppress(OverflowError):
            other[first] = value
            yield f"{kind} inside", other
    for kind, number in (("NaN", np.nan), ("infinity", np.inf), ("half", 0.5)):
        fractions = v.astype(float if v.dtype.kind in "iu" else v.dtype)
        fractions[first] += number
        yield f"{kind} inside", fractions
    yield from (("reversed", v[::-1].copy()), ("bool", v.astype(bool)), ("all NaN", np.full(v.shape, np.nan)))
    yield from (("all zero", np.zeros_like(v)), ("unsigned", v.astype(np.uint64)), ("minus", -v))
    yield "times", v.astype("datetime64[s]")
    if v.dtype == np.int64:
        yield EQUAL + "narrow", v.astype(np.int32)
    if v.dtype == np.float64:
        yield "single", v.astype(np.float32)


def tensors(v: torch.Tensor) -> Iterator[tuple[str, Any]]:
    """Yield tensors of other shapes, types and entries."""
    yield from (("one axis more", v[None]), ("one axis less", v[0]), ("its array", v.numpy()), ("its list", v.tolist()))
    for axis in range(v.ndim):
        yield f"shorter on {axis}", v.narrow(axis, 1, v.shape[axis] - 1)
        yield f"longer on {axis}", torch.cat([v, v], axis)
        yield f"empty on {axis}", v.narrow(axis, 0, 0)
    yield from (("complex", v + 1j), ("bool", v.bool()), ("8 bits", v.to(torch.uint8)))
    yield "sparse", v.to_sparse()
    yield "without content", v.to("meta")
    if v.is_floating_point():
        learnt = v.clone().requires_grad_()
        yield EQUAL + "to be learnt", learnt
        yield from (("double", v.double()), ("half", v.half()), ("whole", v.long()))
        for kind, value in (("NaN", torch.nan), ("infinity", torch.inf)):
            other = v.clone()
            other[(0,) * v.ndim] = value
            yield f"{kind} inside", other
    elif v.dtype != torch.bool:
        yield from (("real", v.float()), ("minus", -v - 1), ("huge", v + 10**6), (EQUAL + "narrow", v.to(torch.int32)))


def labelled(v: Any) -> Iterator[tuple[str, Any]]:
    """Yield labelled arrays with other axes, coordinates and entries."""
    yield "its values", v.values if isinstance(v, xr.DataArray) else {name: v[name].values for name in v}
    yield "its other kind", v.to_dataset(name="apples") if isinstance(v, xr.DataArray) else v.to_dataarray()
    for axis in v.dims:
        yield f"renamed {axis}", v.rename({axis: "apples"})
        yield f"without {axis}", v.isel({axis: 0}, drop=True)
        yield f"empty {axis}", v.isel({axis: slice(0)})
        yield (
            f"doubled {axis}",
            xr.concat([v, v], axis, data_vars="all") if isinstance(v, xr.Dataset) else xr.concat([v, v], axis),
        )
    for name in v.coords:
        yield f"without coordinate {name}", v.drop_vars(name)
    yield from (("NaN", v * np.nan), ("minus", -v - 1), ("words", v.astype(str)), ("complex", v + 1j))
    yield "half", v + 0.5
    if isinstance(v, xr.Dataset):
        for name in v:
            yield f"without {name}", v.drop_vars(str(name))
        yield "no variable", v.drop_vars(list(v))
    else:
        yield EQUAL + "transposed", v.transpose(*reversed(v.dims))


def sequences(v: Any) -> Iterator[tuple[str, Any]]:
    """Yield sequences that are none, or of other entries."""
    if len(v):
        same = list(v)
        with contextlib.suppress(TypeError):
            yield "its set", set(v)
        yield from (("its iterator", iter(same)), ("its keys", dict(enumerate(v))), ("its word", str(v)))
        yield from (("twice", same + same), ("one less", same[1:]), ("nested", [same]), ("reversed", same[::-1]))
        yield from (("None first", [None, *same[1:]]), ("word first", ["wrong", *same[1:]]))
        yield from (("NaN first", [float("nan"), *same[1:]]), ("half first", [0.5, *same[1:]]))
        yield from (
            ("minus first", [-1, *same[1:]]),
            ("huge first", [2**63, *same[1:]]),
            ("true first", [True, *same[1:]]),
        )
    yield EQUAL + "tuple or list", tuple(v) if isinstance(v, list) else list(v)
    if len(v) and all(isinstance(one, int) for one in v):
        yield EQUAL + "array", np.array(v)
        yield "fractions", [one + 0.5 for one in v]


class TooLong(BaseException):
    """A call that does not end."""


def _ring(*_: Any) -> None:
    raise TooLong


@dataclasses.dataclass
class Outcome:
    """What a call with one wrong argument came to."""

    call: str
    argument: str
    kind: str
    outcome: str
    text: str


def outcome(
    name: str, function: Callable[..., Any], argument: str, kind: str, given: dict[str, Any], valid: Any
) -> Outcome:
    """Call, and judge."""
    signal.setitimer(signal.ITIMER_REAL, 3)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("error")
            result = drained(function(**given))
        signal.setitimer(signal.ITIMER_REAL, 0)
        if kind.startswith(EQUAL):
            return Outcome(
                name, argument, kind, "right" if same(result, valid) else "wrong", f"returned {result!r:.200}"
            )
        return Outcome(name, argument, kind, "accepted", f"returned {result!r:.200}")
    except TooLong:
        return Outcome(name, argument, kind, "deep", "does not end")
    except Exception as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return Outcome(name, argument, kind, "clean" if is_clean(error, argument) else "deep", shown(error))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def drained(result: Any) -> Any:
    return list(result) if isinstance(result, types.GeneratorType) else result


def is_clean(error: Exception, argument: str) -> bool:
    """Return whether an error is one line that a statement of the library's own raised on purpose."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    file = trace.tb_frame.f_code.co_filename
    raised = linecache.getline(file, trace.tb_lineno).strip().startswith("raise ")
    one_line = "\n" not in str(error) and 0 < len(str(error)) < 400
    own = Path(file).is_relative_to(HERE) and raised
    return own and one_line and isinstance(error, ValueError | TypeError | nl.NeuronlibError)


def shown(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    return (
        f"{type(error).__name__}: {str(error)[:300]!r} at {trace.tb_frame.f_code.co_filename[-40:]}:{trace.tb_lineno}"
    )


def same(one: Any, other: Any) -> bool:
    """Return whether two results are equal, whatever they are."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other)
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, xr.DataArray | xr.Dataset):
        return one.broadcast_equals(other)
    if isinstance(one, xr.DataTree):
        return all(same(one[part].to_dataset(), other[part].to_dataset()) for part in ("measures", "history"))
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one))
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, nn.Module):
        return same(dict(one.state_dict()), dict(other.state_dict()))
    if isinstance(one, int | float | str | np.generic | None):
        return type(one) is type(other) and (one == other or one != one)
    return type(one) is type(other)


def fuzz(only: str = "") -> list[Outcome]:
    """Replace each argument of each valid call by every bad value."""
    mpl.use("agg")
    signal.signal(signal.SIGALRM, _ring)
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        fixture = Fixture(Path(folder))
        for name, (function, arguments) in calls(fixture).items():
            if only and not name.startswith(only):
                continue
            valid = drained(function(**arguments()))
            for argument, value in arguments().items():
                for kind, bad in (*generic(), *special(value)):
                    given = arguments() | {argument: bad}
                    if identical(bad, value):
                        continue
                    outcomes.append(outcome(name, function, argument, kind, given, valid))
                    if fixture.axes.has_data():
                        fixture.axes.clear()
                if name not in BY_PLACE:
                    given = dict(arguments())
                    given[argument + "x"] = given.pop(argument)
                    outcomes.append(outcome(name, function, argument, "misspelt keyword", given, valid))
    return outcomes


def identical(one: Any, other: Any) -> bool:
    return isinstance(one, int | float | str | None) and type(one) is type(other) and one == other


if __name__ == "__main__":
    begun = time.perf_counter()
    found = fuzz(*sys.argv[1:])
    print(f"{time.perf_counter() - begun:.1f} s", collections.Counter(one.outcome for one in found), file=sys.stderr)
    json.dump([dataclasses.asdict(one) for one in found], sys.stdout)
