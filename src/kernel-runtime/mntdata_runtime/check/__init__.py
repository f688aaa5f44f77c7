"""Whether rooms can be built on this machine, and what helps where they cannot."""
