"""From results to one number for each network."""
