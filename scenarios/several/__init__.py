"""What reads results and scripts, not counties: several runs compared, swept and combined.

What is found of several runs is a result like any other, so it is kept, checked, drawn and handed
on as one. Questions are run by name through `running`; none is imported.
"""

COMMANDS = ("compare", "measures", "strategy", "sweep")
"""The commands over several runs; each is a folder here that holds a `command`."""
