"""The command ``neuronlib``."""
