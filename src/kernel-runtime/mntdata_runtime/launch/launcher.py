"""The port behind which kernels come into being."""

from abc import ABC, abstractmethod

from mntdata_runtime.launch.process import KernelProcess
from mntdata_runtime.launch.request import LaunchRequest


class Launcher(ABC):
    """Starts kernel processes."""

    @abstractmethod
    async def launch(
        self, request: LaunchRequest, descriptors: tuple[int, ...], timeout: float
    ) -> KernelProcess:
        """A kernel that answers; `descriptors` as in LaunchRequest, without the reply channel.

        Raises KernelStartError, or TimeoutError after `timeout` seconds.
        """

    def start(self) -> None:  # noqa: B027 - not every launcher keeps something running
        """Begin to keep running what the launcher needs besides kernels; on the event loop."""

    async def close(self) -> None:  # noqa: B027
        """End it. Kernels are not touched."""
