"""What neurons tell about the label, in bits, from joint counts of quantized outputs and labels."""
