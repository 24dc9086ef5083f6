"""Networks side by side: the fully-connected ensemble, and networks that were trained elsewhere."""
