"""Commands one at a time, durable before they are answered."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kafkacompat_protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from tests.support.node import RunningNode, running_node


def create(broker: RunningNode, name: str) -> int:
    topic = CreatableTopic(
        name=name, num_partitions=2, replication_factor=1, assignments=[], configs=[]
    )
    code: int = broker.call(CreateTopicsRequest(topics=[topic]), 5).topics[0].error_code
    return code


def test_of_many_who_make_one_topic_at_once_one_succeeds() -> None:
    with running_node() as broker, ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda _: create(broker, "t"), range(8)))
        assert codes == [0] + [36] * 7
        assert len(broker.node.image.topics["t"].partitions) == 2


def test_what_was_answered_is_there_after_a_restart(tmp_path: Path) -> None:
    on_disk = {"log.dirs": str(tmp_path / "data"), "kafkacompat.durability": "fsync"}
    with running_node(on_disk) as broker:
        assert create(broker, "kept") == 0
        kept = broker.node.image.topics["kept"].topic_id
        epoch = broker.node.metadata_log.leader_epoch
        cluster = broker.node.cluster_id
    with running_node(on_disk) as broker:
        assert broker.node.image.topics["kept"].topic_id == kept
        assert broker.node.metadata_log.leader_epoch == epoch + 1
        assert broker.node.cluster_id == cluster
        assert not broker.node.image.brokers[1].fenced
