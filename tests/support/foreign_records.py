"""kafka-python's record encoders, an oracle independent of ours; mutes the warning they give."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kafka.record.default_records import DefaultRecordBatch
    from kafka.record.memory_records import MemoryRecordsBuilder

__all__ = ["DefaultRecordBatch", "MemoryRecordsBuilder"]
