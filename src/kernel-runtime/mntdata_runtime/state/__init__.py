"""What the runtime leaves on disk for the service, and for its own next start."""
