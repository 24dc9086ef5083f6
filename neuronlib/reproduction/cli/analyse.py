"""The command that writes a report about a network of the reader's own: analyse.

What a command needs is imported when it is called, so that the others do not wait for it.
"""

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any, get_args

from neuronlib.common.choices import Replacement
from neuronlib.common.paths import expanded
from neuronlib.common.regular_files import open_regular
from neuronlib.reproduction.cli.parsers import add_command

_SUMMARIES = ("mean", "max", "active", "positions")


def add_commands(commands: Any) -> None:
    """Add the command to what `argparse.ArgumentParser.add_subparsers` returned."""
    text = "measure and ablate the neurons of your own classifier, and write one HTML page about it"
    more = (
        "MODEL is what torch.export.save(program, path) writes, where program is torch.export.export(model.eval(), "
        "(example,), dynamic_shapes=({0: torch.export.Dim('samples')},)) and example holds two or more inputs. The "
        "samples are what numpy.savez(path, inputs=inputs, labels=labels) writes: inputs as the model takes them, "
        "which it has not learnt from. One half of them is measured, and accuracy is on the other half. Reading a "
        "model runs code that its file may hold: read files of people you trust."
    )
    analyse = add_command(
        commands,
        "analyse",
        text,
        more,
        examples=[
            "model.pt2 --samples samples.npz",
            "model.pt2 --samples samples.npz --layers relu:1 relu:2",
            "a.pt2 b.pt2 --samples samples.npz --replacement mean",
            "model.pt --pickle --samples samples.npz",
        ],
    )
    analyse.set_defaults(command=_analyse)
    analyse.add_argument(
        "models", nargs="+", type=expanded, metavar="MODEL", help="one, or several of one architecture"
    )
    analyse.add_argument(
        "--samples", type=expanded, required=True, metavar="FILE", help="a file .npz with inputs and labels"
    )
    analyse.add_argument("-o", "--output", type=expanded, metavar="FILE", help="where to; MODEL.html here unless given")
    analyse.add_argument(
        "--layers", nargs="+", metavar="NAME", help="which layers; the outputs of all activation functions unless given"
    )
    analyse.add_argument(
        "--summary",
        choices=_SUMMARIES,
        default="mean",
        help="the value of a neuron with several positions, as a channel has (%(default)s)",
    )
    analyse.add_argument(
        "--replacement",
        choices=get_args(Replacement),
        default="zero",
        help="the output of an ablated neuron: zero, or its mean over the measured samples (%(default)s)",
    )
    analyse.add_argument(
        "--random-orders",
        type=int,
        default=20,
        metavar="N",
        help="random orders for each network and layer (%(default)s)",
    )
    analyse.add_argument("--pickle", action="store_true", help="also accept modules that torch.save(model, path) wrote")


def _analyse(options: argparse.Namespace) -> None:
    from neuronlib.common.checks import check
    from neuronlib.common.config import Count
    from neuronlib.networks.files import read_samples
    from neuronlib.reproduction.pages.own_network import examine_own, watch_files
    from neuronlib.reproduction.pages.report import report
    from neuronlib.reproduction.store.atomic import check_target, write_bytes

    check("--random-orders", options.random_orders, Count)
    output = options.output or Path(f"{options.models[0].stem}.html")
    _check_output(output)
    check_target(output)
    data = read_samples(options.samples)
    networks = watch_files(options.models, options.samples, options.layers, options.summary, options.pickle)
    for layer in networks.layers.values():
        print(layer, file=sys.stderr)
    own = examine_own(networks, data, options.replacement, options.random_orders, whole=False)
    files = [*options.models, options.samples]
    lines = [str(layer) for layer in networks.layers.values()]
    page = report(own, [file.name for file in files], lines, _command(options))
    write_bytes(page.encode(), output)
    print(output)


def _check_output(output: Path) -> None:
    from neuronlib.reproduction.pages.report import MARK

    if not output.parent.is_dir():
        raise ValueError(f"{output}: there is no folder {output.parent}")
    try:
        with open_regular(output) as file:
            if file.read(len(MARK)) != MARK.encode():
                raise ValueError(f'{output} was not written by "neuronlib analyse": name another file')
    except FileNotFoundError:
        pass


def _command(options: argparse.Namespace) -> str:
    # With names of files, as the page may go elsewhere, and without what is as it is unless told.
    parts = ["neuronlib", "analyse", *(model.name for model in options.models), "--samples", options.samples.name]
    parts += ["--layers", *options.layers] if options.layers else []
    parts += ["--summary", options.summary] if options.summary != "mean" else []
    parts += ["--replacement", options.replacement] if options.replacement != "zero" else []
    parts += ["--random-orders", str(options.random_orders)] if options.random_orders != 20 else []
    return shlex.join([*parts, *(["--pickle"] if options.pickle else [])])
