"""What is asked of the tools that write, read and measure records, in their order.

`{at}` is the broker's address, `{logs}` its log directory, `<name` a file of `INPUT` that a tool
reads. A command that does not name the address has it appended as `--bootstrap-server`.
"""

from java_commands import GROUPS, TRANSACTIONS, Command
from kafka_tools.sides import IS_4, tool

TOPICS = tool("kafka-topics")
PRODUCER = tool("kafka-console-producer")
CONSUMER = tool("kafka-console-consumer")
SHARE_CONSUMER = tool("kafka-console-share-consumer")
VERIFIABLE_PRODUCER = tool("kafka-verifiable-producer")
OFFSETS = tool("kafka-get-offsets")
GROUPS_OF_ALL_KINDS = tool("kafka-groups")
VERSIONS = tool("kafka-broker-api-versions")
CONFIGS = tool("kafka-configs")
RESETTER = tool("kafka-streams-application-reset")
DUMP = tool("kafka-dump-log")

INPUT = {
    "plain": "one\ntwo\n\nthree\n",
    "keyed": "k1:one\nk2:two\nk1:three\nk3:\n",
    "headers": "h1=a,h2=b\tk1:one\nh1=a\tk2:NIL\nNIL\tk3:three\n",
    "keyless": "k1:one\nno key\n",
    "many": "".join(f"{number}:value {number % 7}\n" for number in range(60)),
    "unicode": "grüße:日本\n",
}
WRITES = "--reader-property" if IS_4 else "--property"
SHOWS = "--formatter-property" if IS_4 else "--property"
PRODUCES = "--command-property" if IS_4 else "--producer-property"
CONSUMES = "--command-property" if IS_4 else "--consumer-property"
KEYED = (WRITES, "parse.key=true", WRITES, "key.separator=:")
ALL_SHOWN = tuple(
    word
    for name in ("key", "headers", "timestamp", "offset", "partition")
    for word in (SHOWS, f"print.{name}=true")
)
ALL_OF_0 = ("--partition", "0", "--offset", "earliest", "--timeout-ms", "1500")
"""All of a partition, however much that is: the consumer ends when nothing comes for a while."""
COUNT = "--num-records" if IS_4 else "--messages"


def create(topic: str, partitions: int, *more: str) -> Command:
    return (TOPICS, "--create", "--topic", topic, "--partitions", str(partitions), *more)


def produce(topic: str, file: str, *more: str) -> Command:
    return (PRODUCER, "--topic", topic, f"<{file}", *more)


def consume(topic: str, *more: str) -> Command:
    return (CONSUMER, "--topic", topic, *more)


def formatted(name: str) -> Command:
    return ("--formatter", f"org.apache.kafka.tools.consumer.{name}", *ALL_OF_0)


PRODUCING: tuple[Command, ...] = (
    create("t", 1),
    create("w", 3, "--config", "retention.ms=-1"),
    produce("t", "plain"),
    produce("t", "keyed", *KEYED),
    produce(
        *("t", "headers", *KEYED, WRITES, "parse.headers=true", WRITES, "headers.separator=,"),
        *(WRITES, "headers.key.separator==", WRITES, "null.marker=NIL"),
    ),
    produce("t", "keyless", *KEYED),
    produce("t", "keyless", *KEYED, WRITES, "ignore.error=true"),
    produce("t", "unicode", *KEYED, "--sync"),
    *(produce("w", "many", *KEYED, "--compression-codec", codec) for codec in ("gzip", "zstd")),
    produce("w", "many", *KEYED, "--compression-codec", "snappy", "--request-required-acks", "1"),
    produce("w", "many", *KEYED, "--compression-codec", "lz4", "--request-required-acks", "0"),
    produce("w", "many", *KEYED, PRODUCES, "enable.idempotence=false"),
    produce("made", "plain"),
    produce("bad name", "plain"),
    (PRODUCER, "--topic", "t", "--nonsense"),
    (PRODUCER, "<plain"),
)
FORMATTED_TRANSACTIONS = consume(
    "__transaction_state", *formatted("TransactionLogMessageFormatter")
)
CONSUMING: tuple[Command, ...] = (
    consume("t", "--from-beginning", "--max-messages", "13"),
    consume("t", "--from-beginning", "--max-messages", "13", *ALL_SHOWN),
    consume(
        *("t", "--partition", "0", "--offset", "7", "--max-messages", "3", *ALL_SHOWN),
        *(SHOWS, "key.separator=|", SHOWS, "headers.separator=;", SHOWS, "null.literal=NIL"),
    ),
    consume("t", "--partition", "0", "--offset", "earliest", "--max-messages", "1"),
    consume("t", "--partition", "0", "--offset", "latest", "--timeout-ms", "500"),
    consume("t", "--partition", "0", "--offset", "900", "--timeout-ms", "500"),
    consume("t", "--partition", "0", "--offset", "soon"),
    consume("t", "--offset", "1"),
    consume("w", "--from-beginning", "--max-messages", "300", *ALL_SHOWN),
    consume("w", "--partition", "2", "--offset", "5", "--max-messages", "10", *ALL_SHOWN),
    consume("t", "--group", "g", "--from-beginning", "--max-messages", "5"),
    (GROUPS, "--describe", "--group", "g"),
    consume("t", "--group", "g", "--max-messages", "2"),
    (GROUPS, "--describe", "--group", "g"),
    (CONSUMER, "--include", "t|made", "--from-beginning", "--max-messages", "16", *ALL_SHOWN),
    (CONSUMER, "--include", "[", "--from-beginning"),
    *(
        consume("txn", "--isolation-level", level, *ALL_OF_0, *ALL_SHOWN)
        for level in ("read_committed", "read_uncommitted")
    ),
    consume("txn", "--isolation-level", "read_none"),
    consume("w", "--from-beginning", CONSUMES, "max.poll.records=7", "--max-messages", "100"),
    consume("__consumer_offsets", *formatted("OffsetsMessageFormatter")),
    consume("__consumer_offsets", *formatted("GroupMetadataMessageFormatter")),
    FORMATTED_TRANSACTIONS,
    consume("t", *formatted("LoggingMessageFormatter"), "--max-messages", "2"),
    consume("t", *formatted("NoOpMessageFormatter"), "--max-messages", "2"),
)
MEASURING: tuple[Command, ...] = (
    create("v", 1),
    create("p", 1),
    (VERIFIABLE_PRODUCER, "--topic", "v", "--max-messages", "10"),
    (
        *(VERIFIABLE_PRODUCER, "--topic", "v", "--max-messages", "10"),
        *("--value-prefix", "7", "--repeating-keys", "3", "--acks", "1", "--throughput", "200"),
    ),
    *(
        (
            *(tool("kafka-verifiable-consumer"), "--topic", "v", "--group-id", f"of-{protocol}"),
            *("--max-messages", "20", "--verbose", "--group-protocol", protocol),
        )
        for protocol in (("classic", "consumer") if IS_4 else ("classic",))
    ),
    *(
        (
            *(tool("kafka-producer-perf-test"), "--topic", "p", "--num-records", "500"),
            *("--throughput", "-1", *more, "--producer-props", "bootstrap.servers={at}"),
        )
        for more in (
            ("--record-size", "100"),
            ("--payload-monotonic",),
            ("--record-size", "20", "--transactional-id", "perf"),
            ("--record-size", "20", "--print-metrics"),
        )
    ),
    *(
        (tool("kafka-consumer-perf-test"), "--topic", "p", COUNT, "500", *more)
        for more in ((), ("--hide-header",), ("--show-detailed-stats",))
    ),
    (tool("kafka-consumer-perf-test"), "--topic", "p", COUNT, "90000", "--timeout", "500"),
    (tool("kafka-e2e-latency"), "{at}", "v", "20", "1", "32"),
    (tool("kafka-e2e-latency"), "{at}", "v", "20", "0", "32"),
    (OFFSETS,),
    (OFFSETS, "--exclude-internal-topics"),
    (OFFSETS, "--topic", "t|w", "--time", "earliest"),
    (OFFSETS, "--topic-partitions", "t:0,w:1-3,p"),
    (OFFSETS, "--topic-partitions", "t:x"),
)
DESCRIBED = (
    (),
    ("--topic", "t|w"),
    ("--topics-with-overrides",),
    ("--partition-size-limit-per-response", "1"),
    ("--topic-id", "AAAAAAAAAAAAAAAAAAAAAA"),
)
TELLING: tuple[Command, ...] = (
    (TOPICS, "--list"),
    (TOPICS, "--list", "--exclude-internal"),
    *((TOPICS, "--describe", *which) for which in DESCRIBED),
    (TOPICS, "--describe", "--topic", "missing"),
    (TOPICS, "--describe", "--topic", "missing", "--if-exists"),
    *(
        (TOPICS, "--describe", f"--{which}-partitions")
        for which in ("under-replicated", "unavailable", "under-min-isr", "at-min-isr")
    ),
    (TOPICS, "--describe", "--topic-id", "AAAAAAAAAAAAAAAAAAAABQ"),
    (GROUPS, "--describe", "--all-groups", "--offsets"),
    (TRANSACTIONS, "list"),
    (RESETTER, "--application-id", "g", "--input-topics", "t,missing"),
    (RESETTER, "--application-id", "g", "--input-topics", "t", "--to-offset", "3"),
    (GROUPS, "--describe", "--group", "g"),
)
KINDS: tuple[Command, ...] = (
    (
        CONFIGS,
        "--alter",
        "--entity-type",
        "groups",
        "--entity-name",
        "s",
        "--add-config",
        "share.auto.offset.reset=earliest",
    ),
    (SHARE_CONSUMER, "--topic", "t", "--group", "s", "--max-messages", "13", *ALL_SHOWN),
    (GROUPS_OF_ALL_KINDS, "--list"),
    (GROUPS_OF_ALL_KINDS, "--list", "--share"),
    (GROUPS_OF_ALL_KINDS, "--list", "--streams"),
    (GROUPS_OF_ALL_KINDS, "--list", "--consumer"),
    *((GROUPS_OF_ALL_KINDS, "--list", "--group-type", kind) for kind in ("classic", "x")),
    (GROUPS_OF_ALL_KINDS, "--list", "--protocol", "consumer"),
    (GROUPS_OF_ALL_KINDS, "--list", "--protocol", "consumer", "--group-type", "consumer"),
)
EVERY: tuple[Command, ...] = (
    *PRODUCING,
    *CONSUMING,
    *MEASURING,
    *TELLING,
    *(KINDS if IS_4 else ()),
)
DATA = ("--print-data-log", "--files")
TRANSACTIONS_DUMP = (
    *(DUMP, "--transaction-log-decoder", "--files"),
    f"{{logs}}/__transaction_state-0/{'0' * 20}.log",
)
OFFSETS_DUMP = (
    *(DUMP, "--offsets-decoder", "--files"),
    f"{{logs}}/__consumer_offsets-0/{'0' * 20}.log",
)
DUMPING: tuple[Command, ...] = (
    *((DUMP, *DATA, f"{{logs}}/{where}-0/{'0' * 20}.log") for where in ("t", "w", "v", "txn")),
    (DUMP, "--files", f"{{logs}}/w-1/{'0' * 20}.log"),
    (DUMP, "--deep-iteration", "--files", f"{{logs}}/w-1/{'0' * 20}.log"),
    (DUMP, "--skip-record-metadata", *DATA, f"{{logs}}/t-0/{'0' * 20}.log"),
    (DUMP, "--max-bytes", "200", "--files", f"{{logs}}/t-0/{'0' * 20}.log"),
    *(
        (DUMP, *how, "--files", f"{{logs}}/{where}-0/{'0' * 20}.{kind}")
        for where in ("t", "w")
        for kind in ("index", "timeindex")
        for how in ((), ("--index-sanity-check",), ("--verify-index-only",))
    ),
    OFFSETS_DUMP,
    TRANSACTIONS_DUMP,
    (DUMP, "--files", "{logs}/t-0/missing.log"),
)
