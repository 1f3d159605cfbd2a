"""Before records are appended whose topic wants more of them than their batch's header says.

Old message formats, compression.type, keys on compacted topics: the records themselves are
read. What is small is done at once; the rest in another process, and the request waits. Later
requests of the connection wait behind it, so that records keep their order.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kafkacompat.handlers.produce import keep_records
from kafkacompat.partitions.partition import Partition
from kafkacompat.server.call import Call
from kafkacompat.server.reply import Held, Reply, pass_on, run
from kafkacompat.worker import WorkerError
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafkacompat_protocol.records.batch import HEADER, HEADER_SIZE
from kafkacompat_storage.prepare import Wanted, prepare, wanted

if TYPE_CHECKING:
    from kafkacompat.broker import Node

SMALL_BYTES = 16 << 10
SMALL_RECORDS = 500
SMALL_OLD_BYTES = 4 << 10
"""Up to how much there is no detour: about half a millisecond. Old formats are slower to read."""
SWOLLEN = 4
"""What is small may become so many times as large when it is decompressed."""

Find = Callable[[Call, TopicProduceData, int], Partition]
Result = ProduceResponse | Held | Reply | None


class _Work(NamedTuple):
    data: PartitionProduceData
    content: bytes
    wishes: Wanted


def prepare_all(
    call: Call, request: ProduceRequest, find: Find, *, is_old: bool, then: Callable[[], Result]
) -> Result:
    """Prepare the records of every partition that is there, then go on with `then`.

    A partition's records become what they are to be, or the error that refuses them.
    """
    large: list[_Work] = []
    for topic in request.topic_data:
        for data in topic.partition_data:
            work = _work(call, topic, data, find, is_old=is_old)
            if work is None:
                continue
            if not is_small(work.content, is_old=is_old):
                large.append(work)
                continue
            try:
                cap = SWOLLEN * (SMALL_OLD_BYTES if is_old else SMALL_BYTES)
                data.records = _prepared(work.content, work.wishes, cap)
            except KafkaError as error:
                if error.code == ErrorCode.MESSAGE_TOO_LARGE:
                    large.append(work)  # it is more than it seemed
                else:
                    data.records = _refused(error)
    if not large:
        return then()
    return _elsewhere(call, request, large, then)


def _work(
    call: Call, topic: TopicProduceData, data: PartitionProduceData, find: Find, *, is_old: bool
) -> _Work | None:
    """Return what is to be done for a partition; None if nothing, or if it will be refused."""
    records: Any = data.records
    if not records:
        return None
    try:
        partition = find(call, topic, data.index)
    except KafkaError:
        return None
    place = f"{partition.topic}-{partition.index}"
    now_ms = call.node.clock.wall_ms()
    wishes = wanted(place, partition.log.rules, now_ms, is_old=is_old)
    return None if wishes is None else _Work(data, bytes(records), wishes)


def is_small(content: bytes, *, is_old: bool) -> bool:
    """Whether records can be looked at without holding anybody up."""
    if is_old:
        return len(content) <= SMALL_OLD_BYTES
    if len(content) > SMALL_BYTES:
        return False
    return len(content) < HEADER_SIZE or HEADER.unpack_from(content)[-1] <= SMALL_RECORDS


def _prepared(content: bytes, wishes: Wanted, max_bytes: int) -> Any:
    return memoryview(prepare(content, wishes, max_bytes))


def _refused(error: KafkaError) -> Any:
    return error


def _elsewhere(
    call: Call, request: ProduceRequest, large: list[_Work], then: Callable[[], Result]
) -> Reply:
    keep_records(request)
    reply = Reply()
    size = sum(len(work.content) for work in large)
    listener = call.connection.listener
    listener.account(call.connection, size)

    async def work() -> Result:
        try:
            for item in large:
                item.data.records = await _in_worker(call.node, item)
        finally:
            listener.account(call.connection, -size)
        return then()

    run(call.node, work()).when_done(lambda result: pass_on(call.node, result, reply))
    return reply


async def _in_worker(node: "Node", item: _Work) -> Any:
    try:
        return memoryview(await node.in_worker(prepare, item.content, item.wishes))
    except KafkaError as error:
        return error
    except WorkerError as error:
        return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))
