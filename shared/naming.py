"""What things are called on the bus: one place, so that services, provisioning and permissions agree."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

SERVICES = ("intake", "dispatch", "partners", "evaluation")


@dataclass(frozen=True, slots=True)
class Names:
    """Names within one namespace; the empty one in production, one for each test otherwise."""

    namespace: str = ""

    def database(self, service: str) -> str:
        return f"{self.namespace}_{service}" if self.namespace else service

    def stream(self, service: str) -> str:
        """The stream that keeps what a service says; also for `aside` and `advisories`."""
        return f"{self.namespace}_{service}".upper() if self.namespace else service.upper()

    def _root(self, service: str) -> str:
        return f"{self.namespace}-{service}" if self.namespace else service

    def all_messages(self, service: str) -> str:
        """`<service>.<event>.v<n>.<jurisdiction>.<shard>`: everything a service says."""
        return f"{self._root(service)}.*.*.*.*"

    def messages(self, service: str, event: str, version: int) -> str:
        """One type of message, of every jurisdiction and shard."""
        return f"{self._root(service)}.{event}.v{version}.>"

    def subject(self, service: str, event: str, version: int, jurisdiction: str, order_id: UUID) -> str:
        """Where one message goes. The shard is the last byte of the id: UUIDv7 begins with the time."""
        return f"{self._root(service)}.{event}.v{version}.{jurisdiction}.{order_id.hex[-2:]}"

    def control(self, service: str, verb: str) -> str:
        """A request to a service, e.g. `dispatch.tell_again`; not kept by its stream."""
        return f"{self._root(service)}.{verb}"

    def aside(self, listener: str, sender: str) -> str:
        return f"{self._root('aside')}.{listener}.{sender}"

    def all_aside(self) -> str:
        return f"{self._root('aside')}.>"

    def given_up(self, sender: str, listener: str = "*") -> str:
        """What the server says when a listener's deliveries of a message of this sender are used up."""
        return f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{self.stream(sender)}.{listener}"
