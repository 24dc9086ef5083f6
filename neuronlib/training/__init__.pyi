from .backpropagation import loss_and_gradients as loss_and_gradients
from .rewarded import rewarded_term as rewarded_term
from .rewarded import train_rewarding as train_rewarding
from .training import DivergenceError as DivergenceError
from .training import train as train
from .training import train_with_snapshots as train_with_snapshots
