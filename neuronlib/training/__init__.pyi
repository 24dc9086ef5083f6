from .backpropagation import loss_and_gradients as loss_and_gradients
from .training import DivergenceError as DivergenceError
from .training import train as train
from .training import train_with_snapshots as train_with_snapshots
