"""Records that make a run of metadata records one unit (KIP-868)."""

from kafkacompat_protocol.schema import String, at, message


# The records up to the end or abort below apply together.
@message(key=23, versions="0", flexible="0+")
class BeginTransactionRecord:
    name: String | None = at(tag=0, default=None)


# Apply the records since the begin.
@message(key=24, versions="0", flexible="0+")
class EndTransactionRecord:
    pass


# Forget the records since the begin.
@message(key=25, versions="0", flexible="0+")
class AbortTransactionRecord:
    reason: String | None = at(tag=0, default=None)
