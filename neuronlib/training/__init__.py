"""Training of all networks of a setting at once."""
