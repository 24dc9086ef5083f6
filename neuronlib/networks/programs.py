"""Programs of `torch.export`: graphs of operators that remember the modules they came from.

A program computes what its model computed in the mode, and for the numbers of samples, that it was exported for.
"""

from dataclasses import dataclass
from operator import attrgetter, getitem
from typing import Any, TypeGuard

import torch
from torch import fx, nn
from torch._ops import OpOverload
from torch.export import ExportedProgram

HOW_TO_EXPORT = (
    "torch.export.export(model.eval(), (example,), dynamic_shapes=({0: torch.export.Dim('samples')},)), "
    "with an example of at least two samples"
)
"""What a person types to export a model that can be watched."""

# Operators that behave otherwise in training, by the place of the argument that says so.
_TRAINING = {
    **dict.fromkeys(("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "native_dropout"), 2),
    **dict.fromkeys(("batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_functional"), 5),
    "rrelu": 3,
}


@dataclass(frozen=True)
class ModuleOutput:
    """An output of a module.

    Attributes:
        path: The module's name.
        kind: The module's class.
        first: Whether it is the first of several outputs.
    """

    path: str
    kind: type[nn.Module]
    first: bool = False

    @property
    def name(self) -> str:
        """The module's name, with ``[0]`` for the first of several outputs."""
        return f"{self.path}[0]" if self.first else self.path


def is_program(module: nn.Module) -> TypeGuard[fx.GraphModule]:
    """Return whether a module is what ``ExportedProgram.module()`` returns."""
    return isinstance(module, fx.GraphModule) and any(
        isinstance(node.target, OpOverload) for node in module.graph.nodes
    )


def check_program(program: fx.GraphModule) -> None:
    """Raise ValueError unless a program takes one input, with any number of samples, and computes no training."""
    inputs = [node for node in program.graph.nodes if node.op == "placeholder" and node.meta.get("val") is not None]
    if len(inputs) != 1:
        raise ValueError(f"the program takes {len(inputs)} inputs: expected one, with samples on its first axis")
    shape = getattr(inputs[0].meta["val"], "shape", ())
    if shape and isinstance(shape[0], int):
        samples = f"{shape[0]} sample" + ("s" if shape[0] != 1 else "")
        raise ValueError(f"the program was exported for batches of exactly {samples}: export it with {HOW_TO_EXPORT}")
    for node in program.graph.nodes:
        name = operator_name(node.target)
        place = _TRAINING.get(name)
        # Batch normalization without running statistics uses those of the batch in both modes.
        counts = not name.endswith("batch_norm") or node.args[3] is not None
        if place is not None and counts and len(node.args) > place and node.args[place] is True:
            raise ValueError(f"the program was exported for training, with {name}: export it with {HOW_TO_EXPORT}")


def input_dtype(program: ExportedProgram) -> torch.dtype:
    """Return the type of numbers that a program takes."""
    names = program.graph_signature.user_inputs
    inputs = [node.meta["val"] for node in program.graph.nodes if node.op == "placeholder" and node.name in names]
    return next((value.dtype for value in inputs if isinstance(value, torch.Tensor)), torch.float32)


def operator_name(target: Any) -> str:
    """Return the name of an operator of PyTorch's, without the mark of one that works in place.

    Example:
        >>> operator_name(torch.ops.aten.relu_.default), operator_name(torch.relu)
        ('relu', '')
    """
    return target._schema.name.partition("::")[2].rstrip("_") if isinstance(target, OpOverload) else ""


def innermost(node: fx.Node) -> ModuleOutput | None:
    """Return the innermost module in which a node is computed; None where none is recorded."""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    if not stack:
        return None
    path, kind = stack[-1]
    return ModuleOutput(path, kind if isinstance(kind, type) else _class(kind))


def outputs_of_modules(module: fx.GraphModule) -> dict[fx.Node, ModuleOutput]:
    """Return which nodes are outputs of PyTorch's own modules."""
    if is_program(module):
        return _outputs_in_program(module)
    outputs = {}
    for node in module.graph.nodes:
        if node.op == "call_module":
            outputs[node] = ModuleOutput(str(node.target), type(module.get_submodule(str(node.target))))
        elif node.target is getitem and node.args[1] == 0 and node.args[0] in outputs:
            of = outputs[node.args[0]]
            outputs[node] = ModuleOutput(of.path, of.kind, first=True)
    return outputs


def _outputs_in_program(module: fx.GraphModule) -> dict[fx.Node, ModuleOutput]:
    # Each use of a module has its own key, and computes one or several nodes.
    uses: dict[str, list[fx.Node]] = {}
    for node in module.graph.nodes:
        if node.op == "call_function" and node.meta.get("nn_module_stack"):
            uses.setdefault(list(node.meta["nn_module_stack"])[-1], []).append(node)
    outputs = {}
    for nodes in uses.values():
        of = innermost(nodes[0])
        # As torch.fx has it, what is defined elsewhere is no module but what is computed in it.
        if of is None or not of.kind.__module__.startswith("torch.nn") or of.kind is nn.Sequential:
            continue
        left = [node for node in nodes if any(user not in nodes for user in node.users)]
        if issubclass(of.kind, nn.RNNBase):
            for node in nodes:
                if node.target is getitem and node.args[1] == 0:
                    outputs[node.args[0]] = of
                    outputs[node] = ModuleOutput(of.path, of.kind, first=True)
        elif len(left) == 1:
            several = of.kind is nn.MultiheadAttention
            outputs[left[0]] = ModuleOutput(of.path, of.kind, first=several)
    return {node: outputs[node] for node in module.graph.nodes if node in outputs}


def _class(path: str) -> type[nn.Module]:
    # Programs know classes by name. Of others than PyTorch's, which may not be there, nothing is asked.
    if path.startswith("torch.nn."):
        try:
            found = attrgetter(path.removeprefix("torch."))(torch)
        except AttributeError:
            found = nn.Module
        if isinstance(found, type) and issubclass(found, nn.Module):
            return found
    return type("Module", (nn.Module,), {})
