"""The kernel process: how it enters its room and becomes an IPython kernel."""
