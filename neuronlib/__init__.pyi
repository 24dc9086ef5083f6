# Rooms that have more names of their own.
from . import ablation as ablation
from . import common as common
from . import data as data
from . import information as information
from . import networks as networks
from . import plain as plain
from . import plots as plots
from . import pruning as pruning
from . import reproduction as reproduction
from . import training as training

# Cumulative ablation, and comparisons with random ablation.
from .ablation.cumulative import ablate as ablate
from .ablation.cumulative import mean_outputs as mean_outputs
from .ablation.curves import accuracy as accuracy
from .ablation.curves import compare_with_random as compare_with_random
from .ablation.curves import gap_to_random as gap_to_random
from .ablation.curves import random_accuracy as random_accuracy
from .ablation.orders import ablation_orders as ablation_orders
from .ablation.orders import class_balanced_orders as class_balanced_orders
from .ablation.significance import Comparison as Comparison
from .ablation.significance import bootstrap_interval as bootstrap_interval
from .ablation.significance import wilcoxon_p as wilcoxon_p
from .ablation.subsets import ablate_sets as ablate_sets
from .ablation.subsets import each_alone as each_alone

# Settings and images.
from .common.choices import DIRECTIONS as DIRECTIONS
from .common.choices import MEASURES as MEASURES
from .common.config import Setting as Setting
from .common.errors import NeuronlibError as NeuronlibError
from .data.images import ImageData as ImageData
from .data.images import Samples as Samples
from .data.images import given as given
from .data.images import load as load

# All in one call, and its picture.
from .experiment import ablate_layers as ablate_layers
from .experiment import run as run

# What neurons tell about the label, in bits.
from .information.counts import joint_counts as joint_counts
from .information.measures import class_selectivity as class_selectivity
from .information.measures import entropy as entropy
from .information.measures import kl_selectivity as kl_selectivity
from .information.measures import mutual_information as mutual_information
from .information.measures import specific_information as specific_information
from .information.measuring import measure as measure
from .information.quantizers import quantize as quantize

# Networks: trained here, written by hand, or trained elsewhere.
from .networks.adopted import adopt as adopt
from .networks.adopted import from_state as from_state
from .networks.ensemble import Ensemble as Ensemble
from .networks.files import read_model as read_model
from .networks.files import read_networks as read_networks
from .networks.files import read_samples as read_samples
from .networks.initialization import by_hand as by_hand
from .networks.initialization import initialize as initialize
from .networks.interface import Networks as Networks
from .networks.watched import layers as layers
from .networks.watched import watch as watch
from .plots.curves import plot_curves as plot_curves

# Networks that are really smaller.
from .pruning.pruning import prune as prune
from .training.rewarded import train_rewarding as train_rewarding
from .training.training import train as train
