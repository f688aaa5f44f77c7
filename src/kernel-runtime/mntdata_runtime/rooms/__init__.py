"""Rooms: the namespaces, mounts and limits that one kernel lives in."""
