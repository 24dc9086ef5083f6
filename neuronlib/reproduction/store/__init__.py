"""Results on disk: each file whole or not there, verified at every reading."""
