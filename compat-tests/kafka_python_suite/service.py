"""What kafka-python's fixtures ask of a service; the module of that name is not in its sources."""


class ExternalService:
    """A broker that somebody else started."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    def open(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Nothing to do."""

    def dump_logs(self) -> None:
        """Whoever runs this has the logs."""


class SpawnedService:
    """Only brokers of others are used."""

    def __init__(self, *_: object) -> None:
        raise RuntimeError("this suite runs against a broker that is there")
