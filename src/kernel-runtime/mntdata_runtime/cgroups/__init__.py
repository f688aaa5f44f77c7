"""Control groups: limits that hold for a kernel and all its processes together, where Linux lets us."""
