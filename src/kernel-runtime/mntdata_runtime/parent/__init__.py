"""The preloaded parent: one process that has everything imported, and forks for each kernel."""
