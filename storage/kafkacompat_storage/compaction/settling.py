"""Make durable what follows from sealed segments, so that recovery begins after them.

Where it begins, retries of a producer's last five batches are known from snapshots; of batches that
were compacted only the last is left. So nothing is compacted above the recovery point.
"""

from ..folder import FileFolder
from ..log import PartitionLog


class Settling:
    """The sealed segments of a log that are not synced with all that follows from them."""

    def __init__(self, log: PartitionLog) -> None:
        assert isinstance(log.folder, FileFolder)
        self._log = log
        self._folder: FileFolder = log.folder
        self._segments = list(log._parts.unsynced)
        self._paths = log.folder.unsynced_paths()
        # What a commit that is under way has taken is none of ours, and nor is what follows it.
        is_next = bool(self._segments) and self._segments[0].base_offset <= log.recovery_point
        self._end = self._segments[-1].next_offset if is_next else -1

    def sync(self) -> None:
        """Sync them. May block; any thread. Errors: OSError."""
        if self._end < 0:
            return
        files = self._folder.files
        for segment in self._segments:
            for path in segment.paths():
                self._paths.append(path)
        for path in self._paths:
            if files.exists(path):
                files.open(path).sync()
        files.sync_directory(self._folder.path)
        files.sync_directory(self._folder.path.rpartition("/")[0])  # The folder may be new.

    def note(self) -> int:
        """Have the recovery point follow; return what is below it. Owner only."""
        log = self._log
        if self._end >= 0 and log.fault is None and log.high_watermark >= self._end:
            log._parts.drop_unsynced(self._segments)
            log.recovery_point = max(log.recovery_point, self._end)
        return log.recovery_point
