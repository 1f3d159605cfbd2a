"""What a topic's configuration says about appending to its partitions."""

from collections.abc import Callable
from typing import Final
from zlib import crc32

from kafkacompat.config import keys
from kafkacompat.config.values import TopicConfig
from kafkacompat_protocol.records.compression import Compression
from kafkacompat_storage.log import AppendRules

CODECS: dict[str, int] = {
    "producer": -1,
    "uncompressed": Compression.NONE,
    "gzip": Compression.GZIP,
    "snappy": Compression.SNAPPY,
    "lz4": Compression.LZ4,
    "zstd": Compression.ZSTD,
}
LEVELS: dict[int, Callable[[TopicConfig], int]] = {
    Compression.GZIP: lambda config: config.get(keys.COMPRESSION_GZIP_LEVEL),
    Compression.LZ4: lambda config: config.get(keys.COMPRESSION_LZ4_LEVEL),
    Compression.ZSTD: lambda config: config.get(keys.COMPRESSION_ZSTD_LEVEL),
}
TIMESTAMP_TYPES = {"CreateTime": 0, "LogAppendTime": 1}
READING_KEYS: Final = frozenset(
    (keys.COMPRESSION_TYPE.name, keys.CLEANUP_POLICY.name, keys.TIMESTAMP_BEFORE_MAX_MS.name)
)
"""Topic keys by which the records themselves may have to be looked at."""


def append_rules(config: TopicConfig, topic: str, index: int) -> AppendRules:
    """Return the rules of one partition."""
    codec = CODECS[config.get(keys.COMPRESSION_TYPE)]
    compacted = "compact" in config.get(keys.CLEANUP_POLICY)
    segment_ms = config.get(keys.SEGMENT_MS)
    if compacted:  # An active segment is not compacted, however late it is for it.
        segment_ms = min(segment_ms, config.get(keys.MAX_COMPACTION_LAG_MS))
    return AppendRules(
        max_message_bytes=config.get(keys.MAX_MESSAGE_BYTES),
        segment_bytes=config.get(keys.SEGMENT_BYTES),
        segment_ms=segment_ms,
        segment_jitter_ms=config.get(keys.SEGMENT_JITTER_MS),
        roll_spread=crc32(f"{topic}-{index}".encode()),
        file_delete_delay_ms=config.get(keys.FILE_DELETE_DELAY_MS),
        index_interval_bytes=config.get(keys.INDEX_INTERVAL_BYTES),
        segment_index_bytes=config.get(keys.SEGMENT_INDEX_BYTES),
        timestamp_type=TIMESTAMP_TYPES[config.get(keys.TIMESTAMP_TYPE)],
        timestamp_before_max_ms=config.get(keys.TIMESTAMP_BEFORE_MAX_MS),
        timestamp_after_max_ms=config.get(keys.TIMESTAMP_AFTER_MAX_MS),
        compacted=compacted,
        codec=codec,
        compression_level=LEVELS[codec](config) if codec in LEVELS else None,
    )
