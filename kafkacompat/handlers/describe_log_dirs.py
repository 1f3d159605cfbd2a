"""DescribeLogDirs (key 35): which replicas are in which log directory, and how large they are.

v3 adds error_code, v4 the size of what a directory is on and the space left, v5 whether it is
cordoned (none is: nothing but what is asked for is put elsewhere).
"""

from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter
from os.path import abspath

from kafkacompat.server.call import Call, Operation, Resource
from kafkacompat.server.routes import handles, needs
from kafkacompat_protocol.errors import ErrorCode
from kafkacompat_protocol.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)
from kafkacompat_storage.names import METADATA_TOPIC, TopicPartition
from kafkacompat_storage.usage import DirUse, ReplicaUse


def refuse(
    request: DescribeLogDirsRequest, code: ErrorCode, message: str | None
) -> DescribeLogDirsResponse:
    """Answer with an error, which only v3 and later can say."""
    return DescribeLogDirsResponse(error_code=code, results=[])


@handles(
    DescribeLogDirsRequest,
    versions="0-5",
    authorise=needs(Operation.DESCRIBE, Resource.CLUSTER),
    refuse=refuse,
)
async def describe_log_dirs(call: Call, request: DescribeLogDirsRequest) -> DescribeLogDirsResponse:
    """Describe all directories, each with the replicas asked about, or all.

    Errors, per directory: KAFKA_STORAGE_ERROR where it cannot be looked at.
    """
    code = call.check(Operation.DESCRIBE, Resource.CLUSTER, "kafka-cluster")
    if code:
        return refuse(request, code, None)
    store, image = call.node.store, call.node.image
    describe = store.prepare_usage()
    known = set(store.partitions())
    unused: dict[str, list[ReplicaUse]] = {}
    elsewhere: set[TopicPartition] = set()
    for topic in image.topics.values():
        for index, state in topic.partitions.items():
            place = TopicPartition(topic.name, index)
            if call.node.node_id not in state.replicas:
                elsewhere.add(place)
            elif place not in known:
                directory = state.directory_of(call.node.node_id) or store.directory_id
                log_dir = store.directories.get(directory, store.log_dirs[0])
                unused.setdefault(log_dir, []).append(ReplicaUse(place, 0))
    found = await call.node.in_thread(describe)
    is_wanted = _filter(request)
    results = []
    for use in found:
        used = [replica for replica in use.replicas if replica.place not in elsewhere]
        replicas = [*used, *unused.get(use.path, ())]
        results.append(_result(use, filter(is_wanted, replicas)))
    return DescribeLogDirsResponse(results=results)


def _filter(request: DescribeLogDirsRequest) -> Callable[[ReplicaUse], bool]:
    """Return what says whether a replica is asked about; nobody asks about the metadata's."""
    if request.topics is None:
        return lambda replica: replica.place.topic != METADATA_TOPIC
    wanted = {(topic.topic, index) for topic in request.topics for index in topic.partitions}
    return lambda replica: replica.place in wanted and replica.place.topic != METADATA_TOPIC


def _result(use: DirUse, replicas: Iterable[ReplicaUse]) -> DescribeLogDirsResult:
    if not use.is_readable:
        return DescribeLogDirsResult(
            error_code=ErrorCode.KAFKA_STORAGE_ERROR, log_dir=abspath(use.path), topics=[]
        )
    by_topic = groupby(sorted(replicas, key=attrgetter("place")), lambda each: each.place.topic)
    return DescribeLogDirsResult(
        error_code=0,
        log_dir=abspath(use.path),
        topics=[
            DescribeLogDirsTopic(name=name, partitions=[_partition(each) for each in group])
            for name, group in by_topic
        ],
        total_bytes=use.total_bytes,
        usable_bytes=use.usable_bytes,
    )


def _partition(replica: ReplicaUse) -> DescribeLogDirsPartition:
    return DescribeLogDirsPartition(
        partition_index=replica.place.partition,
        partition_size=replica.size_bytes,
        offset_lag=replica.offset_lag,
        is_future_key=replica.is_future,
    )
