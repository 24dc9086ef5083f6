"""Number claims N1 to N14, each answered from its own row of claims.csv."""

import re
from functools import partial

from neuronlib.ablation.significance import kolmogorov_smirnov_p
from neuronlib.common.checks import check
from neuronlib.common.choices import Direction
from neuronlib.reproduction.analysis.effects import change, gap, random_curve
from neuronlib.reproduction.claims.questions.comparisons import Asked, asked
from neuronlib.reproduction.claims.table import Claim
from neuronlib.reproduction.claims.verdicts import Effect, Number, Question
from neuronlib.reproduction.compute.sources import Source
from neuronlib.reproduction.design.settings import SETTINGS


def number(claim: Claim, source: Source) -> Asked:
    """Answer a claim that is a number of percentage points after so many ablated neurons."""
    if claim.compares_layers:
        return _layers_at_random(claim, source)
    # A row that names several settings, as "MNIST: mnist-relu-l2; …", has a reading for each.
    by_reading = dict(re.findall(r"([\w-]+): ([\w-]+)", claim.settings)) or {"": claim.settings}
    asked_of = {reading: asked(partial(_gap, claim, source, name)) for reading, name in by_reading.items()}
    if claim.id != "N10":
        return asked_of
    # The drop may be meant against random ablation, or against the whole network.
    return {
        "against random": asked_of[""],
        "against the whole network": asked(partial(_loss, claim, source)),
    }


def _gap(claim: Claim, source: Source, name: str) -> Question:
    results = source(name, claim.replacement)
    values = gap(results, claim.scope, claim.measure_name, _direction(claim), claim.step)
    return _is_paper(claim, Effect(values=values, setting=name))


def _loss(claim: Claim, source: Source) -> Question:
    values = change(source(claim.settings), claim.scope, claim.measure_name, _direction(claim), claim.step)
    return _is_paper(claim, Effect(values=values, name="against the whole network", setting=claim.settings))


def _layers_at_random(claim: Claim, source: Source) -> Question:
    results = source(claim.settings)
    first, second = (random_curve(results, layer).sel(step=claim.step).values for layer in ("1", "2"))
    p = kolmogorov_smirnov_p(first, second)
    return _is_paper(claim, Effect(values=100 * (first - second), setting=claim.settings, p=p))


def _direction(claim: Claim) -> Direction:
    return check("order", claim.order, Direction)


def _is_paper(claim: Claim, test: Effect) -> Question:
    networks = SETTINGS[test.setting].networks
    return Number(tests=[test], paper=float(claim.paper), significant=claim.significant, networks=networks)
