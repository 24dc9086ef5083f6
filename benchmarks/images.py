"""Images for the benchmarks, and for how many epochs networks look at them."""

import torch

from neuronlib.data.images import ImageData, Samples

# So many that a program of its own is worth it; they are never all trained.
ENDLESS = 10**6


def random_images(samples: int) -> ImageData:
    """Noise of MNIST's shape: times do not depend on what the pixels show."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randn(samples, 784, generator=generator).numpy()
    labels = torch.randint(10, (samples,), generator=generator).numpy()
    everything = Samples(pixels, labels)
    return ImageData("mnist", (1, 28, 28), tuple("0123456789"), everything, everything, everything)


def first(samples: Samples, number: int) -> Samples:
    """The first few."""
    return Samples(samples.pixels[:number], samples.labels[:number])
