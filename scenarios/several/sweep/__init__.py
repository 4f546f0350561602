"""One question over many values of its parameters: a folder of ordinary runs, and what they say."""
