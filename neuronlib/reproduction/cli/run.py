"""The commands that compute what is stored, check it, and bring it elsewhere: run, verify, copy.

What a command needs is imported when it is called, so that the others do not wait for it.
"""

import argparse
from collections.abc import Callable
from typing import Any, get_args

from neuronlib.common.choices import Device, Scaling
from neuronlib.reproduction.cli.parsers import SIDE_BY_SIDE, add_command, add_names, folder, wanted_names
from neuronlib.reproduction.cli.strays import name_strays
from neuronlib.reproduction.store.paths import weights_beside


def add_commands(commands: Any) -> None:
    """Add the commands to what `argparse.ArgumentParser.add_subparsers` returned."""
    text = "train, measure and ablate what is missing of some settings, and store it"
    more = (
        "Finished jobs are stored at once: an interrupted run goes on where it stopped. The number of epochs is "
        "chosen from pilot networks, which are computed first. Trained networks are kept in a folder 'weights' "
        "beside the store, up to 17 MB each; what is deleted there is trained anew where it is needed. "
        "Exit status 75: all that was left is being computed by another run."
    )
    run = add_command(
        commands,
        "run",
        text,
        more,
        examples=[
            "mnist-relu-dropout --networks 10",
            "small-fashion-relu-l2 --networks 5 --values 4 --results mine",
            "small-fashion-relu-l2 --networks 10 --scaling unit --epochs 8 30",
            "mnist-relu-dropout fashion-relu-dropout --processes 8",
            "--all --scheduler tcp://login:8786",
            "--all --shard 3/40",
            "pruning-mnist-relu",
            "--all",
        ],
    )
    run.set_defaults(command=_run)
    add_names(run, "all 40 settings, those that the paper shows or names first, and then the studies")
    run.add_argument(
        "--networks",
        type=int,
        metavar="N",
        help="networks of each setting (as many as the paper has, 50 or 35, unless given)",
    )
    run.add_argument("--device", choices=get_args(Device), default="auto", help="where to compute (%(default)s)")
    run.add_argument(
        "--processes",
        type=int,
        metavar="N",
        help="work at N jobs side by side, each with its share of the cores (1; with --all, unless on a GPU, as many "
        "as cores, at most 4)",
    )
    run.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="let the workers of the Dask cluster with this scheduler do the jobs, as tcp://host:8786; all machines "
        "need the store on the same path",
    )
    run.add_argument(
        "--shard",
        metavar="I/N",
        help="do the I-th of N parts of the jobs, as one task of a Slurm array or of an indexed Kubernetes job",
    )
    run.add_argument(
        "--grid",
        type=int,
        metavar="N",
        help="divide a curve of more than 200 neurons into N steps; other curves than the book's, which shows 50",
    )
    run.add_argument(
        "--values", type=int, metavar="N", help="a quantizer with N values, cut at quantiles; the book shows 2"
    )
    run.add_argument(
        "--epochs",
        type=int,
        nargs="+",
        metavar="N",
        default=[],
        help="measure and ablate after N epochs, or after each of several, for which networks are trained once; the "
        "book shows as many as the pilots say",
    )
    run.add_argument("--scaling", choices=get_args(Scaling), help="how pixels are scaled; the book shows standard")
    run.add_argument("--data", type=folder, metavar="DIR", help="where the images are, or are to be downloaded to")

    text = "compute one stored network of each setting, or of a study that is named, anew, and compare"
    verify = add_command(
        commands,
        "verify",
        text,
        examples=["small-fashion-relu-l2", "mnist-relu-dropout fashion-relu-l2 --seed 7", "early-version"],
    )
    verify.set_defaults(command=_verify)
    add_names(verify, "all settings of which something is stored, as when none is named")
    verify.add_argument("--seed", type=int, default=0, help="decides which network it is (%(default)s)")
    verify.add_argument("--device", choices=get_args(Device), default="auto", help="where to compute (%(default)s)")
    verify.add_argument("--data", type=folder, metavar="DIR", help="where the images are")

    text = "copy the results that a store lacks from another, each a folder or an address such as s3://bucket/results"
    more = (
        "Each file is verified. What TARGET holds under the same name stays. So results go to an object store where "
        "they are too many for git, and stores of machines without a common disk are joined into one."
    )
    copy = add_command(
        commands, "copy", text, more, examples=["results s3://bucket/results", "/mnt/second/results results"]
    )
    copy.set_defaults(command=_copy)
    copy.add_argument("source", metavar="SOURCE", help="the store to copy from")
    copy.add_argument("target", metavar="TARGET", help="the store to copy to; a folder is made if it is missing")


def _run(options: argparse.Namespace) -> None:
    from neuronlib.common.devices import resolve_device
    from neuronlib.reproduction.compute import scheduler as runner
    from neuronlib.reproduction.compute.workers import Executor, processes
    from neuronlib.reproduction.design.protocol import paper_order
    from neuronlib.reproduction.design.settings import SETTINGS
    from neuronlib.reproduction.design.studies import ALL_STUDIES

    names, studies = wanted_names(options)
    if not names and not studies and not options.all:
        raise ValueError('nothing to run: name one or more settings (see "neuronlib settings"), or pass --all')
    stages = [(name, SETTINGS[name].networks) for name in names] or (paper_order() if options.all else [])
    if options.networks is not None:
        stages = list({name: (name, options.networks) for name, _ in stages}.values())
    where = runner.Where(
        results=options.results,
        weights=weights_beside(options.results),
        images=options.data,
        device=options.device,
    )
    given = {"points": options.grid, "values": options.values, "scaling": options.scaling}
    differing = {name: value for name, value in given.items() if value is not None}
    if studies and (differing or options.epochs or options.networks is not None):
        raise ValueError(
            f"{studies[0]}: a study is computed as it is; leave out --networks, --grid, --values, --epochs, --scaling"
        )
    shard = runner.Shard.parse(options.shard) if options.shard is not None else runner.WHOLE
    name_strays(where.results, where.weights)
    lines = []

    def report(line: object) -> None:
        lines.append(line)
        print(line)

    def settings_by(executor: Executor | None) -> None:
        runner.run(stages, where, executor, report, options.epochs, shard, **differing)

    def studies_by(executor: Executor | None) -> None:
        runner.run_studies(list(ALL_STUDIES) if options.all else studies, where, executor, report, shard)

    def by_cluster(executor: Executor) -> None:
        _one_and_other(lambda: settings_by(executor), lambda: studies_by(executor))

    def by_processes(count: int) -> None:
        with processes(count) as executor:
            settings_by(executor)

    if options.scheduler is not None:
        if options.processes is not None:
            raise ValueError("--processes is for this machine; a cluster has as many as there are workers")
        from neuronlib.reproduction.compute.cluster import on_cluster

        on_cluster(options.scheduler, where, by_cluster, report)
    else:
        at_once = options.processes
        if at_once is None:
            on_cpu = resolve_device(options.device).type == "cpu"
            at_once = SIDE_BY_SIDE if options.all and on_cpu else 1
        # This machine's processes share its cores, and a study uses all of them.
        _one_and_other(lambda: by_processes(at_once), lambda: studies_by(None))
    if not lines:
        print("nothing is missing")


def _one_and_other(one: Callable[[], None], other: Callable[[], None]) -> None:
    from neuronlib.reproduction.compute.scheduler import AnotherRun

    try:
        one()
    except AnotherRun:
        other()  # which may be free
        raise
    other()


def _verify(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.compute import scheduler as runner
    from neuronlib.reproduction.compute import verify as verification
    from neuronlib.reproduction.design.settings import SETTINGS
    from neuronlib.reproduction.store import status as audit
    from neuronlib.reproduction.store.atomic import StoreError

    settings, studies = wanted_names(options)
    name_strays(options.results)
    names = [*settings, *studies]
    if not names:
        names = [one.name for one in audit.status(list(SETTINGS), options.results) if one.networks]
    if not names:
        raise ValueError(f'{options.results}: nothing is stored; "neuronlib run" computes it')
    where = runner.Where(results=options.results, images=options.data, device=options.device)
    unsound = []
    for one in verification.verify(names, where, options.seed):
        differences = f"accuracy {100 * one.accuracy:.3g}, counts {100 * one.counts:.3g}, curves {100 * one.curves:.3g}"
        all_else = f"; all else {one.others:.3g}"
        outcome = "identical" if one.identical else f"differs by at most (percentage points): {differences}{all_else}"
        print(f"{one.name:<40} network {one.network:>2}: {outcome}")
        unsound += [] if one.sound else [one.name]
    if unsound:
        raise StoreError(f"not what this version computes: {', '.join(unsound)}")


def _copy(options: argparse.Namespace) -> None:
    from neuronlib.reproduction.store.transfer import copy_results

    print(f"{copy_results(options.source, options.target)} files copied to {options.target}")
