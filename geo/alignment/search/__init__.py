"""The search for where a road runs: lattice, legs, the space searched and its bounds."""
