"""The Jupyter Server that the service starts, and nothing of Jupyter that it does not need."""
