"""What clients before Fetch v4 get: batches converted to message formats v0 and v1.

A little is converted at once, more in another process, for which the answer waits.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from kafkacompat.server.reply import Reply, run
from kafkacompat.worker import WorkerError
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.messages.fetch import FetchResponse, PartitionData
from kafkacompat_protocol.records.legacy import downgrade

if TYPE_CHECKING:
    from kafkacompat.broker import Node

FIRST_VERSION_WITH_MAGIC_1 = 2
SMALL_BYTES = 4 << 10


class _Work(NamedTuple):
    data: PartitionData
    content: bytes
    magic: int


def convert(node: "Node", version: int, response: FetchResponse) -> FetchResponse | Reply:
    """Return the answer in the format of a version before 4, or a promise of it."""
    magic = 0 if version < FIRST_VERSION_WITH_MAGIC_1 else 1
    large: list[_Work] = []
    for topic in response.responses:
        for data in topic.partitions:
            records: Any = data.records
            if not records:
                continue
            work = _Work(data, b"".join(records), magic)
            if len(work.content) > SMALL_BYTES:
                large.append(work)
                continue
            try:
                data.records = downgrade(work.content, magic, max_bytes=4 * SMALL_BYTES)
            except KafkaError as error:
                if error.code == ErrorCode.MESSAGE_TOO_LARGE:
                    large.append(work)
                else:
                    _refuse(data, error.code)
    return _elsewhere(node, response, large) if large else response


def _elsewhere(node: "Node", response: FetchResponse, large: list[_Work]) -> Reply:
    async def work() -> FetchResponse:
        for data, content, magic in large:
            try:
                data.records = await node.in_worker(downgrade, content, magic)
            except KafkaError as error:
                _refuse(data, error.code)
            except WorkerError:
                _refuse(data, ErrorCode.KAFKA_STORAGE_ERROR)
        return response

    return run(node, work())


def _refuse(data: PartitionData, code: ErrorCode) -> None:
    data.error_code = code
    data.high_watermark = -1
    data.records = b""
