"""What nodes share, and what the metadata tell them."""

import asyncio

from kafkacompat.broker import Node
from kafkacompat.clock import SystemClock
from kafkacompat.cluster.core import Core
from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.commands import NewTopic
from kafkacompat.metadata.config_commands import Alteration, Change
from kafkacompat.metadata.image import RESOURCE_TOPIC
from tests.support.node import QUICK


def test_all_nodes_follow_what_is_decided_once() -> None:
    async def use() -> None:
        clock = SystemClock()
        configs = [BrokerConfig(QUICK | {"node.id": each}) for each in ("1", "2")]
        core = Core(configs[0], clock, several=True)
        core.open()
        await core.begin()
        nodes = [Node(config, clock) for config in configs]
        for node in nodes:
            node.take_addresses()
            await node.join(core)
        controller = core.controller
        made = await controller.create_topic(NewTopic("t", 2, 2))
        assert [state.leader for state in made.partitions.values()] == [1, 2]
        found = [nodes[0].partitions.find("t", 0), nodes[1].partitions.find("t", 1)]
        await controller.alter_configs(
            RESOURCE_TOPIC,
            "t",
            [Change("max.message.bytes", Alteration.SET, "100")],
            validate_only=False,
        )
        assert [each.log.rules.max_message_bytes for each in found] == [100, 100]
        await controller.delete_topic(made.topic_id)
        assert [each.is_leader for each in found] == [False, False]
        while core.to_delete:
            await asyncio.sleep(0)
        for node in nodes:
            await node.stop()
        assert core.members.nodes == {}
        core.close(clean=True)

    asyncio.run(use())
