"""What is computed: the paper's settings, how they are cut into jobs, and studies beyond them."""
