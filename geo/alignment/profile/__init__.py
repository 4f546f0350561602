"""How a road lies in height: grades and vertical curves, and the program that finds them."""
