"""The case, the workflow, the atlas and the command line of the toolkit."""
