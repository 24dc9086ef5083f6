"""The numbers of the front page for single test images."""

from dataclasses import dataclass

import xarray as xr
from jaxtyping import Float
from numpy import ndarray

from neuronlib.common.choices import Direction, Measure
from neuronlib.common.scopes import WHOLE
from neuronlib.reproduction.analysis.effects import gap, random_curve
from neuronlib.reproduction.store.encoding import decode_images


@dataclass(frozen=True, kw_only=True)
class Headline:
    """A number of the front page: what is compared, after how many ablated neurons.

    Attributes:
        setting: The networks' setting.
        scope: A layer, such as "1", or "whole".
        measure: The measure that orders the neurons; None to compare random ablation in layers 1 and 2.
        direction: Whether its lowest or its highest values are ablated first.
        step: The number of ablated neurons.

    Example:
        >>> HEADLINES["N5"].told()
        'mnist-relu-dropout, layer 1: mutual information, lowest first, less random, without 80'
    """

    setting: str = "mnist-relu-dropout"
    scope: str = "1"
    measure: Measure | None = None
    direction: Direction = "low"
    step: int = 80

    def told(self) -> str:
        """Say in a line what is compared."""
        if self.measure is None:
            return f"{self.setting}, at random: layer 1 less layer 2, each without {self.step}"
        scope = "whole network" if self.scope == WHOLE else f"layer {self.scope}"
        order = f"{self.measure.replace('_', ' ')}, {self.direction}est first, less random"
        return f"{self.setting}, {scope}: {order}, without {self.step}"

    def of_networks(self, results: xr.DataTree) -> Float[ndarray, " network"]:
        """Return the number for each network, from its curves, in percentage points."""
        if self.measure is not None:
            return gap(results, self.scope, self.measure, self.direction, self.step)
        first, second = (random_curve(results, layer).sel(step=self.step).values for layer in ("1", "2"))
        return 100 * (first - second)


HEADLINES = {
    "N2": Headline(scope=WHOLE, measure="entropy", step=101),
    "N4": Headline(),
    "N5": Headline(measure="mutual_information"),
    "N6": Headline(measure="mutual_information", direction="high"),
    "N9": Headline(setting="mnist-sigmoid-dropout", measure="entropy"),
}
"""The five numbers that the front page begins with, by claim."""


def differences_by_image(study: xr.Dataset, headline: Headline) -> Float[ndarray, "network image"]:
    """Compute a number of the front page for each network and test image.

    Args:
        study: What `ablate_by_image` returns.
        headline: Which number.

    Returns:
        From -100 to 100, in percentage points: right (100) or wrong (0) after ordered ablation less the same after
        random ablation, averaged over the random orders. Its mean over images is the network's number.

    Example:
        >>> import numpy as np
        >>> ordered = (("ablation", "network", "byte"), np.packbits([[[True, False]]], axis=-1))
        >>> intact = (("network", "byte"), np.packbits([[True, True]], axis=-1))
        >>> random = (("scope", "network", "image"), np.array([[[4, 1]]]))
        >>> places = {"ablation": ["1 mutual_information low"], "scope": ["1"]}
        >>> attributes = {"test_samples": 2, "random_orders": 4}
        >>> stored = xr.Dataset({"ordered": ordered, "intact": intact, "random": random}, places, attributes)
        >>> differences_by_image(stored, HEADLINES["N5"])
        array([[  0., -25.]])
    """
    correct = decode_images(study)
    if headline.measure is None:
        one, other = (correct.random.sel(scope=layer) for layer in ("1", "2"))
    else:
        one = correct.ordered.sel(ablation=f"{headline.scope} {headline.measure} {headline.direction}")
        other = correct.random.sel(scope=headline.scope)
    return 100 * (one - other).transpose("network", "image").values
