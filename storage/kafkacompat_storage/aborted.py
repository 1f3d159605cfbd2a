"""Aborted transactions of a segment, found again in its batches: the index is not as it was."""

from kafkacompat_protocol.errors import ErrorCode, KafkaError

from . import names
from .files import Files
from .folder import FileFolder
from .later import Later
from .producer_state import ProducerState
from .scan import BadBatch, scan
from .txn_index import AbortedTransaction


def find_aborted_again(files: Files, path: str, base_offset: int) -> list[AbortedTransaction]:
    """Return the transactions whose abort markers are in a segment of a partition's folder.

    From the producer snapshot before it on all batches are read. May block.

    Errors: KAFKA_STORAGE_ERROR.
    """
    state = ProducerState()
    offset = -1
    snapshot = FileFolder(files, path, Later()).latest_snapshot(base_offset)
    if snapshot is not None:
        offset = snapshot[0]
        state.restore(snapshot[1])
    bases = names.offsets_of(files.listdir(path), names.LOG)
    aborted: list[AbortedTransaction] = []
    for base, following in zip(bases, [*bases[1:], 1 << 63], strict=True):
        if following <= offset or base > base_offset:
            continue
        file = files.open(f"{path}/{names.offset_file(base, names.LOG)}")
        try:
            for batch in scan(file, 0, file.size(), verify=True):
                if batch.header.base_offset < offset:
                    continue
                ended = state.note(batch.header, batch.content, 0)
                if ended is not None and base == base_offset:
                    aborted.append(ended)
        except BadBatch as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"{file.path} {error}") from error
        finally:
            file.close()
    return aborted
