"""Programs of torch.export are watched as the models that they came from, and TorchScript is refused."""

import io
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.export import Dim, ExportedProgram
from watchable import Branches, Sequences, Words, model_and_samples

import neuronlib as nl
from neuronlib.networks.watched import layers, watch


def exported(model: nn.Module, inputs: torch.Tensor, of_any_number: bool = True) -> ExportedProgram:
    with warnings.catch_warnings():  # of attributes that a recurrent module sets while it is exported
        warnings.simplefilter("ignore")
        return torch.export.export(model, (inputs,), dynamic_shapes=({0: Dim("samples")},) if of_any_number else None)


def from_a_file(program: ExportedProgram) -> ExportedProgram:
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    return torch.export.load(file)


FORMS = {
    "program": lambda program: program,
    "module": lambda program: program.module(),
    "decomposed": lambda program: program.run_decompositions(),
    "file": from_a_file,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["branches", "tokens", "tanh"])
def test_a_program_has_the_layers_measures_and_curves_of_its_model(kind, form):
    model, inputs, data = model_and_samples(kind)
    program = FORMS[form](exported(model, inputs))
    assert [str(layer) for layer in layers(program, inputs)] == [str(layer) for layer in layers(model, inputs)]
    both = [watch(one, inputs) for one in (model, program)]
    assert all(networks.traced for networks in both)
    measured = [nl.measure(networks, data.test) for networks in both]
    assert measured[0].identical(measured[1])
    for layer in [*both[0].widths, "whole"]:
        orders = nl.ablation_orders(measured[0], layer, random_orders=2)
        for replacement in ("zero", nl.mean_outputs(both[0], data.test)):
            curves = [nl.ablate(networks, data.test, orders, replacement) for networks in both]
            assert curves[0].identical(curves[1])


@pytest.mark.parametrize("kind", ["branches", "tokens"])
def test_any_module_within_a_program_is_a_layer(kind):
    model, inputs, data = model_and_samples(kind)
    names = {"branches": ["first", "norm", "head"], "tokens": ["embed", "norm:2", "attention[0]"]}[kind]
    values = []
    for one in (model, exported(model, inputs)):
        ((of_each, _),) = watch(one, inputs, layers=names).output_chunks(data.test)
        values.append(of_each)
    torch.testing.assert_close(values[0], values[1])


@pytest.mark.parametrize(
    ("make", "inputs"),
    [
        (Sequences, torch.randn(3, 5, 3)),
        (Words, torch.randint(0, 20, (3, 7), generator=torch.Generator().manual_seed(0))),
        (lambda: Words(encoder=True), torch.randint(0, 20, (3, 7), generator=torch.Generator().manual_seed(0))),
        (lambda: nn.Sequential(nn.Linear(3, 4), nn.Hardswish(), nn.Linear(4, 4), nn.Softsign(), nn.Linear(4, 2)), None),
    ],
)
def test_layers_of_a_program_are_called_as_those_of_its_model(make, inputs):
    torch.manual_seed(0)
    model, inputs = make().eval(), torch.randn(3, 3) if inputs is None else inputs
    found = [[str(layer) for layer in layers(one, inputs)] for one in (exported(model, inputs), model)]
    assert found[0] == found[1]


def test_a_program_is_left_as_it_was():
    model, inputs, data = model_and_samples("branches")
    module = exported(model, inputs).module()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    nodes, mode = [node.name for node in module.graph.nodes], module.training
    nl.measure(watch(module, inputs), data.test)
    assert ([node.name for node in module.graph.nodes], module.training) == (nodes, mode)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


class Both(nn.Module):
    def forward(self, one, other):
        return torch.relu(one + other)


def of_two_inputs():
    either = {0: Dim("samples")}
    return torch.export.export(Both(), (torch.zeros(3, 4), torch.zeros(3, 4)), dynamic_shapes=(either, either))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda inputs: exported(Branches().eval(), inputs[:3], False),
            "exported for batches of exactly 3 samples: .*Dim",
        ),
        (
            lambda inputs: exported(Branches().eval(), inputs[:1], False),
            "exported for batches of exactly 1 sample: .*Dim",
        ),
        (
            lambda inputs: exported(Branches().train(), inputs),
            r"exported for training, with batch_norm: .*model.eval\(\)",
        ),
        (
            lambda inputs: exported(nn.Sequential(nn.Dropout(), nn.Flatten(), nn.Linear(32, 3)).train(), inputs),
            "exported for training, with dropout",
        ),
        (lambda inputs: of_two_inputs(), "the program takes 2 inputs: expected one"),
        (
            lambda inputs: exported(nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Linear(16, 3)), torch.zeros(3, 2, 2, 4)),
            r"the program fails on inputs torch.float32 \(2, 2, 4, 4\): AssertionError: Guard failed",
        ),
        (lambda inputs: Both(), r"Both fails on inputs torch.float32 \(2, 2, 4, 4\): TypeError: .*'other'"),
        (lambda inputs: "model.pt2", r"a model is a str: .*; nl.read_model\(path\) reads a file"),
        (lambda inputs: [3], "a model is a int: expected a module, or a program of torch.export"),
    ],
)
def test_what_cannot_be_watched_is_refused_in_one_line(make, message):
    inputs = model_and_samples("branches")[1]
    with pytest.raises(ValueError, match=message) as refused:
        watch(make(inputs), inputs)
    assert "\n" not in str(refused.value)


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_torchscript_is_refused_with_the_way_to_export():
    model, inputs, _ = model_and_samples("tanh")
    for scripted in (torch.jit.script(model), torch.jit.trace(model, inputs)):
        with pytest.raises(ValueError, match=r"nothing inside TorchScript can be watched: .*torch.export.export\("):
            watch(scripted, inputs)


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16])
def test_a_program_keeps_its_precision(kind):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 3)).to(kind).eval()
    inputs = torch.randn(20, 6).to(kind)
    networks = watch(exported(model, inputs), inputs)
    data = nl.given(inputs.float().numpy(), np.arange(20) % 3)
    orders = nl.ablation_orders(nl.measure(networks, data.test), "1", random_orders=1)
    correct = nl.ablate(networks, data.test, orders).correct.sum("label").values[0, :, 0]
    with torch.no_grad():
        assert (correct == (model(inputs).argmax(dim=1) == torch.arange(20) % 3).sum().item()).all()
