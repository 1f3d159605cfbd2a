"""Brokers of a cluster that die and come back, and who leads what."""

from dataclasses import replace

from kafkacompat.cluster.alone import UnknownBroker
from kafkacompat.embedded.host import BrokerError, Host
from kafkacompat.embedded.waiting import PATIENCE_S, wait_until
from kafkacompat.metadata.image import PartitionState
from kafkacompat.server.advertise import host_and_port, reachable
from kafkacompat_protocol.errors import ErrorCode, KafkaError


class ClusterPowers:
    """What can be done with one of several brokers."""

    _host: Host

    @property
    def brokers(self) -> dict[int, bool]:
        """The brokers by id, and whether each lives."""
        brokers = self._host.brokers
        living = self._host.call(lambda: [node.node_id for node in brokers.nodes])
        return {each: each in living for each in brokers.addresses}

    @property
    def addresses(self) -> dict[int, str]:
        """Where each broker listens, or did when it lived, as `host:port`."""
        firsts = {each: ends[0] for each, ends in self._host.brokers.addresses.items()}
        return {
            each: host_and_port(replace(end, host=reachable(end.host)))
            for each, end in firsts.items()
        }

    def kill(self, broker: int) -> None:
        """Have a broker die at once, its connections with it; others lead what it led.

        Errors: BrokerError if it does not live.
        """
        self._change(broker, lives=False)

    def restart(self, broker: int) -> None:
        """Have a broker start again at its address; it is killed first if it lives.

        Half a second later, by the brokers' clock, its replicas are in sync.

        Errors: BrokerError; OSError if its port was taken meanwhile.
        """
        self._change(broker, lives=True)

    def _change(self, broker: int, *, lives: bool) -> None:
        brokers = self._host.brokers
        try:
            self._host.run(brokers.restart(broker) if lives else brokers.kill(broker))
        except UnknownBroker as error:
            raise BrokerError(str(error)) from None

    def leader(self, topic: str, partition: int = 0) -> int:
        """Return the broker that leads a partition, -1 if none does. Errors: KafkaError."""
        return self._state(topic, partition).leader

    def in_sync(self, topic: str, partition: int = 0) -> list[int]:
        """Return the brokers whose replicas of a partition are in sync. Errors: KafkaError."""
        return list(self._state(topic, partition).isr)

    def wait_for_in_sync(
        self, topic: str, partition: int = 0, *, timeout_s: float = PATIENCE_S
    ) -> None:
        """Wait until all replicas of a partition are in sync. Errors: TimeoutError, KafkaError."""

        def is_in_sync() -> bool:
            state = self._state(topic, partition)
            return set(state.isr) == set(state.replicas)

        wait_until(
            is_in_sync, lambda: f"in sync are only {self.in_sync(topic, partition)}", timeout_s
        )

    def _state(self, topic: str, partition: int) -> PartitionState:
        found = self._host.call(lambda: self._host.controller.image.partition(topic, partition))
        if found is None:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"{topic}-{partition}")
        return found
