"""Starting kernels: what is asked of a new kernel process, and who is asked."""
