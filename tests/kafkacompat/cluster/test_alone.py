"""One broker behind the calls of several."""

import asyncio

from kafkacompat.cluster.alone import Alone
from kafkacompat.config.values import BrokerConfig
from kafkacompat_storage.memory_store import MemoryStore
from tests.support.node import QUICK


def test_it_goes_on_with_other_data_at_its_address() -> None:
    async def use() -> None:
        alone = Alone(BrokerConfig(QUICK))
        await alone.start()
        before, port = alone.node, alone.node.listeners[0].endpoint.port
        store = before.store
        assert isinstance(store, MemoryStore)
        assert (alone.nodes, alone.core.store) == ([before], store)
        await alone.exchange(store.copy())
        assert before.is_stopping
        assert alone.node is not before
        assert alone.node.listeners[0].endpoint.port == port
        assert alone.configs == [before.config.static]
        await alone.stop()
        assert alone.node.is_stopping

    asyncio.run(use())
