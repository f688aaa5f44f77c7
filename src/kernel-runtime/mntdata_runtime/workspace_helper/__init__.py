"""The workspace helper: the only program that touches the content of workspaces.

Workspace content is written by code that nobody vetted, while the helper reads it. So everything
goes through directory descriptors (`openat` semantics) and nothing in a workspace is ever
followed, only regular files are opened, and each is looked at again after it was read. See
`descriptors.py`.

`protocol.py` says how the service talks to it.
"""
