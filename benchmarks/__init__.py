"""What the core is compared with, and the measurement."""
