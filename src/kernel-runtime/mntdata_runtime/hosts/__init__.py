"""Kernels in rooms on several hosts, under Enterprise Gateway."""
