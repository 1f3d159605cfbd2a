"""Records of topics and their partitions."""

from kafkacompat_protocol.schema import Int8, Int32, String, Uuid, at, message


# A topic was created; its partitions follow.
@message(key=2, versions="0", flexible="0+")
class TopicRecord:
    name: String
    topic_id: Uuid


# A partition as a whole. v1 adds directories (KIP-858), v2 eligible leaders (KIP-966).
@message(key=3, versions="0-2", flexible="0+")
class PartitionRecord:
    partition_id: Int32 = at(default=-1)
    topic_id: Uuid
    replicas: list[Int32]
    isr: list[Int32]
    removing_replicas: list[Int32]
    adding_replicas: list[Int32]
    leader: Int32 = at(default=-1)
    leader_recovery_state: Int8 = at(tag=0, default=0)
    leader_epoch: Int32 = at(default=-1)
    partition_epoch: Int32 = at(default=-1)
    directories: list[Uuid] = at("1+", default_factory=list)
    eligible_leader_replicas: list[Int32] | None = at("2+", tag=1, default=None)
    last_known_elr: list[Int32] | None = at("2+", tag=2, default=None)


# What changed of a partition: null, or leader -2, is as before; leader -1 is none.
# v1 adds directories (KIP-858), v2 eligible leaders (KIP-966).
@message(key=5, versions="0-2", flexible="0+")
class PartitionChangeRecord:
    partition_id: Int32 = at(default=-1)
    topic_id: Uuid
    isr: list[Int32] | None = at(tag=0, default=None)
    leader: Int32 = at(tag=1, default=-2)
    replicas: list[Int32] | None = at(tag=2, default=None)
    removing_replicas: list[Int32] | None = at(tag=3, default=None)
    adding_replicas: list[Int32] | None = at(tag=4, default=None)
    leader_recovery_state: Int8 = at(tag=5, default=-1)
    directories: list[Uuid] | None = at("1+", tag=8, default=None)
    eligible_leader_replicas: list[Int32] | None = at("2+", tag=6, default=None)
    last_known_elr: list[Int32] | None = at("2+", tag=7, default=None)


# A topic and all of its partitions are gone.
@message(key=9, versions="0", flexible="0+")
class RemoveTopicRecord:
    topic_id: Uuid


# Forget the eligible leaders of one topic, or of all (KIP-966).
@message(key=28, versions="0", flexible="0+")
class ClearElrRecord:
    topic_name: String
