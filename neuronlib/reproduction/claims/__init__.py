"""The paper's 85 claims, and the verdict on each."""
