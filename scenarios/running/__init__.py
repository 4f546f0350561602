"""Scripts, run folders, and the running of a question."""

COUNTY = "jingning"
"""The county where neither a command nor a script names one."""
