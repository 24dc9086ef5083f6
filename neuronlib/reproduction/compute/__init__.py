"""From a job to stored results: in this process, in several, or on the spot."""
