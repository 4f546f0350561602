"""How a county is kept on disk: held by one at a time, layers replaced whole, undone, packed."""
