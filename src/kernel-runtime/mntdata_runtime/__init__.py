"""The Python side of mntdata: managed Jupyter Server, rooms, kernels and workspace helper."""
