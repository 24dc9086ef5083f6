"""The command ``neuronlib``, as ``python -m neuronlib``."""

import sys

from neuronlib.reproduction.cli.main import main

sys.exit(main())
