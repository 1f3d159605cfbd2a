"""Between clients and broker: requests are delayed, lost, repeated, and overtake one another."""

from dataclasses import dataclass
from typing import Any

from tests.simulation.broker import SimulatedBroker
from tests.simulation.scheduler import Simulation


class TimedOut(Exception):
    """No answer came in time; whether the request was served is not known."""


@dataclass(slots=True)
class Weather:
    """How bad the network is: chances of one in a thousand, delays in milliseconds."""

    lost: int = 30
    repeated: int = 30
    quick_ms: int = 4
    slow_ms: int = 1_500
    slow: int = 20
    in_order: bool = False
    """Nothing arrives after its client has an answer or has given up: an unbroken connection."""


class Network:
    """Carries requests of all clients to one broker."""

    def __init__(self, simulation: Simulation, broker: SimulatedBroker, weather: Weather) -> None:
        self.simulation = simulation
        self.broker = broker
        self.weather = weather
        self._connections: dict[str, int] = {}
        """Client -> how often it has hung up."""

    def hang_up(self, client: str) -> None:
        """End a client's connection: what is still on its way over it never arrives."""
        self._connections[client] = self._connections.get(client, 0) + 1
        self.broker.hang_up(client)

    def _happens(self, per_thousand: int) -> bool:
        return self.simulation.chance.randrange(1_000) < per_thousand

    def _delay_ms(self) -> int:
        weather, chance = self.weather, self.simulation.chance
        slow = self._happens(weather.slow)
        return chance.randint(0, weather.slow_ms if slow else weather.quick_ms)

    async def call(self, client: str, request: Any, version: int, timeout_ms: int = 600) -> Any:
        """Send a request and return its answer. Errors: TimedOut."""
        simulation = self.simulation
        future = simulation.loop.create_future()

        connection = self._connections.get(client)

        def deliver() -> None:
            is_over = future.done() or self._connections.get(client) != connection
            if not (self.weather.in_order and is_over):
                self.broker.serve(client, request, version, answered)

        def answered(response: Any) -> None:
            if not self._happens(self.weather.lost):
                simulation.after(self._delay_ms(), lambda: arrive(response))

        def arrive(response: Any) -> None:
            if not future.done():
                future.set_result(response)

        def give_up() -> None:
            if not future.done():
                future.set_exception(TimedOut())

        if not self._happens(self.weather.lost):
            simulation.after(self._delay_ms(), deliver)
        if self._happens(self.weather.repeated):
            most_ms = 10 if self.weather.in_order else 3_000
            simulation.after(self._delay_ms() + simulation.chance.randint(0, most_ms), deliver)
        simulation.after(timeout_ms, give_up)
        name = type(request).__name__.removesuffix("Request")
        try:
            response = await future
        except TimedOut:
            simulation.note(client, name, "timed out")
            raise
        return response

    def heal(self) -> None:
        """From now on nothing is lost, late or repeated."""
        self.weather.lost = self.weather.repeated = self.weather.slow = 0
