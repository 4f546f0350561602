"""People: who lives near, what serves them, what places are called."""
