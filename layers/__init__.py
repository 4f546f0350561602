"""The county as checked, unchanging layers, and the rules that apply to it."""
