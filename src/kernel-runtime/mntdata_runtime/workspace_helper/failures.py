"""What can go wrong, as the service is told."""

import errno

SPACE_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class OperationError(Exception):
    """An operation failed as a whole; `code` is stable, the message is for a person.

    Codes: `invalid_request`, `workspace_missing`, `no_space`, `cancelled`, `failed`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class CancelledError(OperationError):
    """The service no longer wants the answer."""

    def __init__(self) -> None:
        super().__init__("cancelled", "The operation was cancelled.")


class FileError(Exception):
    """One file could not be handled, the others can; the message is a clause about "it"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def describe(error: OSError) -> str:
    """What the operating system said, without the path, which may be hostile or ours."""
    return error.strerror or type(error).__name__
