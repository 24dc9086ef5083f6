"""Short names for what the paper's claims are about: the settings of its figures, and the measures."""

from neuronlib.common.choices import Measure
from neuronlib.reproduction.design.settings import SETTINGS, names_of

MI: Measure = "mutual_information"
KL: Measure = "kl_selectivity"
H: Measure = "entropy"
INFORMATION: tuple[Measure, ...] = (MI, KL)
ENTROPY_AND_MI: tuple[Measure, ...] = (H, MI)

MNIST = names_of("mnist")
LARGE_FASHION = names_of("fashion")
SMALL_FASHION = names_of("small-fashion")


def _shown_in(panel: str) -> str:
    return next(name for name, setting in SETTINGS.items() if panel in setting.panel)


FIG3A, FIG3B, FIG3C, FIG3D = (_shown_in(f"3({letter})") for letter in "abcd")
FIG4A, FIG4B, FIG4C = (_shown_in(f"4({letter})") for letter in "abc")
FIG5A, FIG5B, FIG5C = (_shown_in(f"5({letter})") for letter in "abc")
