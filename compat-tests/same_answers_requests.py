"""Requests of the story that `same_answers_story.py` tells, in short forms."""

from collections.abc import Callable
from typing import Any, NamedTuple

from kafkacompat_protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from kafkacompat_protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafkacompat_protocol.messages.delete_topics import DeleteTopicsRequest
from kafkacompat_protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
)
from kafkacompat_protocol.messages.describe_groups import DescribeGroupsRequest
from kafkacompat_protocol.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    TopicRequest,
)
from kafkacompat_protocol.messages.find_coordinator import FindCoordinatorRequest
from kafkacompat_protocol.messages.heartbeat import HeartbeatRequest
from kafkacompat_protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafkacompat_protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafkacompat_protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsTopic,
)
from kafkacompat_protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafkacompat_protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafkacompat_protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafkacompat_protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
)
from kafkacompat_protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafkacompat_protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from tests.support.produced import batch, fetch_request, produce_request

SUBSCRIPTION = bytes.fromhex("0000" + "00000001" + "000174" + "ffffffff")
UNKNOWN_ID = bytes(15) + b"\x09"


class Step(NamedTuple):
    """A request by name; `make` gets what was learnt (topic ids, member ids) so far."""

    name: str
    version: int
    make: Callable[[dict[str, Any]], Any]
    learn: Callable[[Any, dict[str, Any]], None] | None = None


def topic(name: str, partitions: int = 1, replicas: int = 1, **more: Any) -> CreatableTopic:
    return CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=replicas,
        assignments=more.get("assignments", []),
        configs=[CreatableTopicConfig(name=k, value=v) for k, v in more.get("configs", ())],
    )


def create(*topics: CreatableTopic, **more: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda known: CreateTopicsRequest(topics=list(topics), timeout_ms=10_000, **more)


def assigned(*brokers: list[int]) -> list[CreatableReplicaAssignment]:
    return [
        CreatableReplicaAssignment(partition_index=index, broker_ids=ids)
        for index, ids in enumerate(brokers)
    ]


def delete(*names: str) -> Callable[[dict[str, Any]], Any]:
    return lambda known: DeleteTopicsRequest(topic_names=list(names), timeout_ms=10_000)


def join(group: str, member: str = "", **fields: Any) -> Callable[[dict[str, Any]], Any]:
    protocols = fields.pop("protocols", [("range", SUBSCRIPTION)])
    values = {
        "group_id": group,
        "session_timeout_ms": 30_000,
        "rebalance_timeout_ms": 30_000,
        "protocol_type": "consumer",
        "protocols": [JoinGroupRequestProtocol(name=n, metadata=m) for n, m in protocols],
    } | fields
    return lambda known: JoinGroupRequest(member_id=known.get(member, member), **values)


def sync(member: str, generation: int = 1, **fields: Any) -> Callable[[dict[str, Any]], Any]:
    def make(known: dict[str, Any]) -> Any:
        member_id = known.get(member, member)
        return SyncGroupRequest(
            group_id=fields.get("group", "g"),
            generation_id=generation,
            member_id=member_id,
            assignments=[SyncGroupRequestAssignment(member_id=member_id, assignment=b"mine")],
            **{k: v for k, v in fields.items() if k != "group"},
        )

    return make


def beat(member: str, generation: int = 1, group: str = "g", **fields: Any) -> Any:
    return lambda known: HeartbeatRequest(
        group_id=group, generation_id=generation, member_id=known.get(member, member), **fields
    )


def commit(member: str = "", generation: int = -1, group: str = "g", **fields: Any) -> Any:
    name, index = fields.pop("topic", "t"), fields.pop("index", 0)
    part = OffsetCommitRequestPartition(
        partition_index=index,
        committed_offset=fields.pop("offset", 5),
        committed_metadata=fields.pop("metadata", "note"),
    )
    by_id = fields.pop("topic_id", None)
    return lambda known: OffsetCommitRequest(
        group_id=group,
        generation_id_or_member_epoch=generation,
        member_id=known.get(member, member),
        topics=[
            OffsetCommitRequestTopic(
                name=name, topic_id=known.get(by_id, UNKNOWN_ID), partitions=[part]
            )
        ],
        **fields,
    )


def offsets(group: str = "g", *topics: tuple[str, list[int]]) -> Any:
    wanted = [OffsetFetchRequestTopic(name=n, partition_indexes=i) for n, i in topics] or None
    return lambda known: OffsetFetchRequest(group_id=group, topics=wanted)


def offsets_of(*groups: str, topics: Any = (), **fields: Any) -> Any:
    return lambda known: OffsetFetchRequest(
        groups=[
            OffsetFetchRequestGroup(
                group_id=group,
                topics=[
                    OffsetFetchRequestTopics(
                        name=name, topic_id=known.get(name, UNKNOWN_ID), partition_indexes=indexes
                    )
                    for name, indexes in topics
                ]
                or None,
            )
            for group in groups
        ],
        **fields,
    )


def leave(*members: tuple[str, str | None], group: str = "g") -> Any:
    return lambda known: LeaveGroupRequest(
        group_id=group,
        member_id=known.get(members[0][0], members[0][0]),
        members=[
            MemberIdentity(member_id=known.get(m, m), group_instance_id=instance)
            for m, instance in members
        ],
    )


def produce(records: bytes | None, **fields: Any) -> Any:
    return lambda known: produce_request(
        records, topic_id=known.get(fields.get("topic", "t"), UNKNOWN_ID), **fields
    )


def fetch(offset: int = 0, **fields: Any) -> Any:
    return lambda known: fetch_request(
        offset, topic_id=known.get(fields.get("topic", "t"), UNKNOWN_ID), **fields
    )


def list_offsets(*timestamps: int, name: str = "t", index: int = 0, epoch: int = -1) -> Any:
    return lambda known: ListOffsetsRequest(
        replica_id=-1,
        topics=[
            ListOffsetsTopic(
                name=name,
                partitions=[
                    ListOffsetsPartition(
                        partition_index=index, current_leader_epoch=epoch, timestamp=timestamp
                    )
                    for timestamp in timestamps
                ],
            )
        ],
    )


def metadata(*names: str | None, **fields: Any) -> Any:
    return lambda known: MetadataRequest(
        topics=[MetadataRequestTopic(name=name) for name in names], **fields
    )


def describe_configs(kind: int, name: str, *wanted: str, **fields: Any) -> Any:
    return lambda known: DescribeConfigsRequest(
        resources=[
            DescribeConfigsResource(
                resource_type=kind, resource_name=name, configuration_keys=list(wanted)
            )
        ],
        **fields,
    )


def leader_epoch(epoch: int, current: int = -1, name: str = "t", index: int = 0) -> Any:
    part = OffsetForLeaderPartition(
        partition=index, current_leader_epoch=current, leader_epoch=epoch
    )
    topics = [OffsetForLeaderTopic(topic=name, partitions=[part])]
    return lambda known: OffsetForLeaderEpochRequest(replica_id=-1, topics=topics)


def find(*keys: str, kind: int = 0) -> Any:
    return lambda known: FindCoordinatorRequest(
        key=keys[0], key_type=kind, coordinator_keys=list(keys)
    )


def pages(limit: int, *names: str, cursor: tuple[str, int] | None = None) -> Any:
    where = None if cursor is None else Cursor(topic_name=cursor[0], partition_index=cursor[1])
    return lambda known: DescribeTopicPartitionsRequest(
        topics=[TopicRequest(name=name) for name in names],
        response_partition_limit=limit,
        cursor=where,
    )


def topic_id(name: str) -> Callable[[Any, dict[str, Any]], None]:
    return lambda answer, known: known.update({name: answer.topics[0].topic_id})


def member(name: str) -> Callable[[Any, dict[str, Any]], None]:
    return lambda answer, known: known.update({name: answer.member_id})


def sequenced(sequence: int, epoch: int = 0, producer: int = 7) -> bytes:
    return batch(b"x", producer_id=producer, producer_epoch=epoch, base_sequence=sequence)


def corrupted() -> bytes:
    content = bytearray(batch(b"x"))
    content[-1] ^= 1
    return bytes(content)


def grow(name: str, count: int) -> CreatePartitionsRequest:
    wanted = CreatePartitionsTopic(name=name, count=count, assignments=None)
    return CreatePartitionsRequest(topics=[wanted], timeout_ms=10_000)


def no_fetch() -> Any:
    request = fetch_request(0, max_wait_ms=10_000)
    request.topics = []
    return request


def describe_group(*names: str, **fields: Any) -> DescribeGroupsRequest:
    return DescribeGroupsRequest(groups=list(names), **fields)


def delete_offsets(group: str, name: str, index: int) -> OffsetDeleteRequest:
    part = OffsetDeleteRequestPartition(partition_index=index)
    topics = [OffsetDeleteRequestTopic(name=name, partitions=[part])]
    return OffsetDeleteRequest(group_id=group, topics=topics)
