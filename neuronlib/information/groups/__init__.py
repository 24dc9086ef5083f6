"""What several neurons tell together: pairs, O-information, whole layers."""
