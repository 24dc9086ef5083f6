"""Models that tests watch, and the plain way to ablate them."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import neuronlib as nl


class Sequences(nn.Module):
    """An LSTM, whose outputs are several; scores come from its last output, or from its last state."""

    def __init__(self, of: str = "output"):
        super().__init__()
        self.of = of
        self.lstm, self.out = nn.LSTM(3, 6, batch_first=of != "time first"), nn.Linear(6, 4)

    def forward(self, x):
        outputs, (state, _) = self.lstm(x)
        if self.of == "time first":
            return self.out(outputs[-1])
        return self.out(outputs[:, -1] if self.of == "output" else state[-1])


class Unused(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.unused, self.out = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x):
        torch.relu(self.unused(x))
        return self.out(torch.relu(self.used(x)))


class Branches(nn.Module):
    """Convolutions with a skip connection, a functional activation, one module used twice, and sizes in its graph."""

    def __init__(self, classes: int = 4):
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
        self.norm, self.relu = nn.BatchNorm2d(6), nn.ReLU(inplace=True)
        self.head = nn.Linear(6 * 4, 5)
        self.out = nn.Linear(5, classes)

    def forward(self, x):
        x = self.relu(self.first(x))
        y = self.relu(self.norm(self.second(x)))
        y += x
        y = functional.max_pool2d(y, 2)
        y = functional.gelu(self.head(y.view(y.size(0), -1)))
        return self.out(functional.dropout(y, 0.5, self.training))


class Tokens(nn.Module):
    """A transformer's block on tokens, of which there are as many as samples in a batch may be."""

    def __init__(self, classes: int = 3):
        super().__init__()
        self.embed, self.norm = nn.Linear(4, 8), nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(8, 12), nn.GELU(), nn.Linear(12, 8))
        self.out = nn.Linear(8, classes)

    def forward(self, x):
        x = self.embed(x)
        h = self.norm(x)
        x = x + self.attention(h, h, h, need_weights=False)[0]
        return self.out((x + self.mlp(self.norm(x))).mean(dim=1))


class Words(nn.Module):
    """Scores from numbers of words, in a dictionary, with arguments that nobody gives, as Hugging Face's models do."""

    def __init__(self, encoder: bool = False):
        super().__init__()
        self.embed, self.dense, self.out = nn.Embedding(20, 8), nn.Linear(8, 16), nn.Linear(16, 3)
        layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False) if encoder else nn.Identity()

    def forward(self, input_ids, attention_mask=None, labels=None):
        hidden = functional.gelu(self.dense(self.encoder(self.embed(input_ids))))
        if attention_mask is not None:
            hidden = hidden * attention_mask[..., None]
        loss = None if labels is None else hidden.sum()
        return {"loss": loss, "logits": self.out(hidden.mean(dim=1)), "hidden_states": (hidden,)}


MODELS: dict[str, Any] = {
    "branches": (Branches, (2, 4, 4)),
    "tokens": (Tokens, (5, 4)),
    "tanh": (lambda: nn.Sequential(nn.Linear(6, 7), nn.Tanh(), nn.Linear(7, 5), nn.Sigmoid(), nn.Linear(5, 3)), (6,)),
}


def model_and_samples(kind: str, samples: int = 23):
    torch.manual_seed(0)
    make, shape = MODELS[kind]
    model = make()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None and module.running_var is not None:
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    generator = np.random.default_rng(1)
    inputs = generator.normal(size=(samples, *shape)).astype(np.float32)
    data = nl.given(inputs.reshape(samples, -1), generator.integers(0, 3, samples))
    return model.eval(), torch.from_numpy(inputs), data


def ablated_by_a_hook(model, inputs, place, axis, neurons, constant):
    """Run a model with some neurons of the use of a layer that ``place`` names replaced, by a hook on its module."""
    name, _, use = place.partition(":")
    used = [0]

    def hook(_module, _inputs, output):
        used[0] += 1
        if use and used[0] != int(use):
            return output
        output = output.clone()
        index = [slice(None)] * output.ndim
        index[axis] = torch.as_tensor(neurons)
        shape = [1] * output.ndim
        shape[axis] = len(neurons)
        output[tuple(index)] = constant.reshape(shape)
        return output

    handle = model.get_submodule(name).register_forward_hook(hook)
    try:
        with torch.no_grad():
            scores = model(inputs)
            return scores.argmax(dim=1) if scores.shape[1] > 1 else (scores[:, 0] > 0).long()
    finally:
        handle.remove()
