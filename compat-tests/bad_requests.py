"""Bad input to every administrative request, told to both brokers in this order.

There are one topic, `t` with two partitions, and no groups. Configurations have a story of their
own (config_story.py); what is here of them is the outline.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from kafkacompat_protocol.schema import Array, Primitive, Schema

UUID = bytes(range(16))
LONG = "x" * 250
NAMES = {"no name": "", "a blank": "a b", "only dots": "..", "250 characters": LONG}


class Ask(NamedTuple):
    """A request in the version of it that is told, and what is wrong with it."""

    api: str
    what: str
    request: Any
    version: int


def ask(module: str, what: str, **fields: Any) -> Ask:
    """Make a request of its newest version out of plain values."""
    found = import_module(f"kafkacompat_protocol.messages.{module}")
    name = module.title().replace("_", "")
    cls = getattr(found, f"{name}Request")
    schema: Schema = cls.__schema__
    return Ask(name, what, _made(schema, fields), schema.versions.last)


def _made(schema: Schema, values: Mapping[str, Any]) -> Any:
    """Build a struct; what is not named is its default, or zero."""
    given = {}
    strangers = values.keys() - {field.name for field in schema.fields}
    assert not strangers, strangers
    for field in schema.fields:
        if field.name in values:
            given[field.name] = _value(field.type, values[field.name])
        elif isinstance(field.type, Array):
            given[field.name] = []
        elif isinstance(field.type, Primitive):
            given[field.name] = field.default
            if not isinstance(field.default, int | str | bytes | float | None):
                given[field.name] = field.type.zero
    return schema.cls(**given)


def _value(kind: Any, value: Any) -> Any:
    if isinstance(kind, Array) and value is not None:
        return [_value(kind.element, item) for item in value]
    return _made(kind, value) if isinstance(kind, Schema) and value is not None else value


def creating() -> Iterator[Ask]:
    """Make topics."""
    fine = {"name": "new", "num_partitions": 1, "replication_factor": 1}

    def create(what: str, *wanted: Mapping[str, Any], **fields: Any) -> Ask:
        made = [fine | dict(each) for each in wanted]
        return ask("create_topics", what, topics=made, timeout_ms=5000, **fields)

    for what, name in NAMES.items():
        yield create(what, {"name": name})
    yield create("one dot", {"name": "."})
    yield create("a slash", {"name": "a/b"})
    yield create("not ASCII", {"name": "é"})
    yield create("it exists", {"name": "t"})
    yield create("collides with t.x", {"name": "t.x"}, validate_only=True)
    yield create("a.b", {"name": "a.b"})
    yield create("a_b beside a.b", {"name": "a_b"})
    yield create("c.d and c_d in one request", {"name": "c.d"}, {"name": "c_d"})
    yield create("one name twice", {}, {})
    yield create("reserved __cluster_metadata", {"name": "__cluster_metadata"})
    yield create("no partitions", {"num_partitions": 0})
    yield create("-2 partitions", {"num_partitions": -2})
    yield create("10,001 partitions", {"num_partitions": 10_001})
    yield create("replication factor 0", {"replication_factor": 0})
    yield create("replication factor -2", {"replication_factor": -2})
    yield create("replication factor 2", {"replication_factor": 2})
    hand = {"num_partitions": -1, "replication_factor": -1}

    def assigned(what: str, *rows: tuple[int, list[int]], **more: Any) -> Ask:
        rows_made = [{"partition_index": at, "broker_ids": ids} for at, ids in rows]
        return create(what, hand | {"assignments": rows_made} | more)

    yield assigned("assignment and a number of partitions", (0, [1]), num_partitions=1)
    yield assigned("assignment and a replication factor", (0, [1]), replication_factor=1)
    yield assigned("assignment to an unknown broker", (0, [9]))
    yield assigned("assignment to one broker twice", (0, [1, 1]))
    yield assigned("assignment to nobody", (0, []))
    yield assigned("assignment without partition 0", (1, [1]))
    yield assigned("assignment of one partition twice", (0, [1]), (0, [1]))
    yield assigned("assignment of partition -1", (-1, [1]))
    for what, key, value in (
        ("an unknown setting", "no.such", "1"),
        ("a setting of the wrong type", "retention.ms", "soon"),
        ("a setting out of range", "segment.bytes", "1"),
        ("a setting without a value", "retention.ms", None),
    ):
        yield create(what, {"configs": [{"name": key, "value": value}]})
    yield create("no topics")


def growing() -> Iterator[Ask]:
    """Delete topics, and give them more partitions."""

    def delete(what: str, *wanted: Mapping[str, Any]) -> Ask:
        return ask("delete_topics", what, topics=list(wanted), timeout_ms=5000)

    yield delete("unknown name", {"name": "missing"})
    yield delete("unknown id", {"name": None, "topic_id": UUID})
    yield delete("name and id", {"name": "t", "topic_id": UUID})
    yield delete("neither name nor id", {"name": None})
    yield delete("one name twice", {"name": "missing"}, {"name": "missing"})
    yield delete("one id twice", *[{"name": None, "topic_id": UUID}] * 2)
    yield delete("no name", {"name": ""})
    yield delete("no topics")
    one = {"name": "t", "count": 3, "assignments": None}

    def more(what: str, *wanted: Mapping[str, Any], **fields: Any) -> Ask:
        made = [one | dict(each) for each in wanted]
        return ask("create_partitions", what, topics=made, timeout_ms=5000, **fields)

    yield more("unknown topic", {"name": "missing"})
    yield more("no name", {"name": ""})
    yield more("as many as there are", {"count": 2})
    yield more("fewer", {"count": 1})
    yield more("none", {"count": 0})
    yield more("-1", {"count": -1})
    yield more("one topic twice", {}, {})
    yield more("assignment of too few", {"count": 4, "assignments": [{"broker_ids": [1]}]})
    yield more("assignment of too many", {"assignments": [{"broker_ids": [1]}] * 2})
    yield more("assignment to an unknown broker", {"assignments": [{"broker_ids": [9]}]})
    yield more("assignment to one broker twice", {"assignments": [{"broker_ids": [1, 1]}]})
    yield more("assignment to nobody", {"assignments": [{"broker_ids": []}]})
    yield more("internal topic", {"name": "__consumer_offsets"})


def describing() -> Iterator[Ask]:
    """Look at topics."""
    for what, name in ({"unknown topic": "missing"} | NAMES).items():
        yield ask("describe_topic_partitions", what, topics=[{"name": name}])
    yield ask(
        "describe_topic_partitions",
        "a cursor at an unknown topic",
        topics=[{"name": "t"}],
        cursor={"topic_name": "z", "partition_index": 0},
    )
    yield ask(
        "describe_topic_partitions",
        "a negative partition in the cursor",
        topics=[{"name": "t"}],
        cursor={"topic_name": "t", "partition_index": -1},
    )
    yield ask(
        "describe_topic_partitions", "limit 0", topics=[{"name": "t"}], response_partition_limit=0
    )

    def offsets(what: str, name: str, partition: int, **fields: Any) -> Ask:
        at = [{"partition_index": partition} | fields]
        return ask("list_offsets", what, replica_id=-1, topics=[{"name": name, "partitions": at}])

    yield offsets("unknown topic", "missing", 0, timestamp=-1)
    yield offsets("unknown partition", "t", 7, timestamp=-1)
    yield offsets("negative partition", "t", -1, timestamp=-1)
    yield offsets("timestamp -7", "t", 0, timestamp=-7)
    yield offsets("newer leader epoch", "t", 0, timestamp=-1, current_leader_epoch=9)

    def delete(what: str, name: str, *at: tuple[int, int]) -> Ask:
        made = [{"partition_index": p, "offset": offset} for p, offset in at]
        wanted = [{"name": name, "partitions": made}]
        return ask("delete_records", what, topics=wanted, timeout_ms=2000)

    yield delete("unknown topic", "missing", (0, 0))
    yield delete("unknown partition", "t", (7, 0))
    yield delete("negative partition", "t", (-1, 0))
    yield delete("beyond the end", "t", (0, 5))
    yield delete("offset -2", "t", (0, -2))
    yield delete("one partition twice", "t", (0, 0), (0, 5))
    yield delete("internal topic", "__consumer_offsets", (0, 0))

    def producers(what: str, name: str, partition: int) -> Ask:
        wanted = [{"name": name, "partition_indexes": [partition]}]
        return ask("describe_producers", what, topics=wanted)

    yield producers("unknown topic", "missing", 0)
    yield producers("unknown partition", "t", 7)
    yield producers("negative partition", "t", -1)
    yield producers("no name", "", 0)


def placing() -> Iterator[Ask]:
    """Leaders, replicas, directories."""

    def elect(what: str, name: str, *at: int, kind: int = 0) -> Ask:
        wanted = [{"topic": name, "partitions": list(at)}]
        return ask("elect_leaders", what, election_type=kind, topic_partitions=wanted)

    yield elect("unknown topic", "missing", 0)
    yield elect("unknown partition", "t", 7)
    yield elect("not needed", "t", 0)
    yield elect("unclean, not needed", "t", 0, kind=1)
    yield elect("unknown kind of election", "t", 0, kind=9)
    yield elect("one partition twice", "t", 0, 0)

    def reassign(what: str, name: str, *at: tuple[int, list[int] | None]) -> Ask:
        made = [{"partition_index": p, "replicas": replicas} for p, replicas in at]
        wanted = [{"name": name, "partitions": made}]
        return ask("alter_partition_reassignments", what, topics=wanted)

    yield reassign("unknown topic", "missing", (0, [1]))
    yield reassign("unknown partition", "t", (7, [1]))
    yield reassign("unknown broker", "t", (0, [9]))
    yield reassign("negative broker", "t", (0, [-1]))
    yield reassign("one broker twice", "t", (0, [1, 1]))
    yield reassign("no replicas", "t", (0, []))
    yield reassign("cancel what is not under way", "t", (0, None))
    yield reassign("one partition twice", "t", (0, [1]), (0, [9]))
    for what, name, at in (
        ("unknown topic", "missing", 0),
        ("unknown partition", "t", 7),
        ("no name", "", 0),
    ):
        wanted = [{"name": name, "partition_indexes": [at]}]
        yield ask("list_partition_reassignments", what, topics=wanted)

    def move(what: str, path: str, name: str, *at: int) -> Ask:
        wanted = [{"path": path, "topics": [{"name": name, "partitions": list(at)}]}]
        return ask("alter_replica_log_dirs", what, dirs=wanted)

    yield move("unknown directory", "/no/such", "t", 0)
    yield move("no directory", "", "t", 0)
    yield move("relative directory", "data", "t", 0)
    yield move("unknown topic and directory", "/no/such", "missing", 0)
    yield move("one partition twice", "/no/such", "t", 0, 0)
    for what, name, at in (("unknown topic", "missing", 0), ("unknown partition", "t", 7)):
        wanted = [{"topic": name, "partitions": [at]}]
        yield ask("describe_log_dirs", what, topics=wanted)


def settings() -> Iterator[Ask]:
    """Change and describe configurations."""
    single = {"name": "retention.ms", "config_operation": 0, "value": "1"}

    def change(what: str, kind: int, resource: str, **fields: Any) -> Ask:
        configs = [single | fields]
        wanted = {"resource_type": kind, "resource_name": resource, "configs": configs}
        return ask("incremental_alter_configs", what, resources=[wanted])

    def replace(what: str, kind: int, name: str, key: str, value: str | None) -> Ask:
        configs = [{"name": key, "value": value}]
        wanted = {"resource_type": kind, "resource_name": name, "configs": configs}
        return ask("alter_configs", what, resources=[wanted])

    def describe(what: str, kind: int, name: str, *keys: str) -> Ask:
        wanted = {"resource_type": kind, "resource_name": name}
        wanted["configuration_keys"] = list(keys) or None
        return ask("describe_configs", what, resources=[wanted])

    yield change("unknown topic", 2, "missing")
    yield change("no topic", 2, "")
    yield change("illegal topic", 2, "a b")
    yield change("unknown key", 2, "t", name="no.such")
    yield change("wrong type", 2, "t", value="soon")
    yield change("out of range", 2, "t", name="segment.bytes", value="1")
    yield change("null value", 2, "t", value=None)
    yield change("append to what is no list", 2, "t", config_operation=2)
    yield change("unknown operation", 2, "t", config_operation=9)
    yield change("unknown kind of resource", 99, "t")
    yield change("unknown broker", 4, "9", name="message.max.bytes")
    yield change("broker that is no number", 4, "x", name="message.max.bytes")
    yield change("read-only key", 4, "1", name="node.id")
    yield change("no group", 32, "", name="consumer.session.timeout.ms")
    yield change("no client metrics", 16, "", name="interval.ms")
    yield replace("unknown topic", 2, "missing", "retention.ms", "1")
    yield replace("unknown key", 2, "t", "no.such", "1")
    yield replace("wrong type", 2, "t", "retention.ms", "soon")
    yield replace("null value", 2, "t", "retention.ms", None)
    yield replace("unknown kind of resource", 99, "t", "retention.ms", "1")
    yield describe("unknown topic", 2, "missing")
    yield describe("no topic", 2, "")
    yield describe("illegal topic", 2, "a b")
    yield describe("unknown key", 2, "t", "no.such")
    yield describe("unknown broker", 4, "9")
    yield describe("broker that is no number", 4, "x")
    yield describe("unknown kind of resource", 99, "t")
    yield describe("logger of no broker", 8, "")
    yield describe("no client metrics", 16, "")
    yield describe("no group", 32, "")
    yield ask("list_config_resources", "unknown kind of resource", resource_types=[99])


def quotas() -> Iterator[Ask]:
    """Quotas of clients."""

    def quota(what: str, entity: list[tuple[str, str | None]], key: str, value: float) -> Ask:
        who = [{"entity_type": kind, "entity_name": name} for kind, name in entity]
        entry = {"entity": who, "ops": [{"key": key, "value": value}]}
        return ask("alter_client_quotas", what, entries=[entry])

    rate = "producer_byte_rate"
    yield quota("unknown kind of entity", [("planet", "x")], rate, 1.0)
    yield quota("no entity", [], rate, 1.0)
    yield quota("one kind of entity twice", [("user", "a"), ("user", "b")], rate, 1.0)
    yield quota("user and ip", [("user", "a"), ("ip", "127.0.0.1")], rate, 1.0)
    yield quota("empty name", [("user", "")], rate, 1.0)
    yield quota("ip that is none", [("ip", "999.1.1.1")], "connection_creation_rate", 1.0)
    yield quota("unknown key", [("user", "a")], "no_such", 1.0)
    yield quota("key of another entity", [("user", "a")], "connection_creation_rate", 1.0)
    yield quota("negative", [("user", "a")], rate, -1.0)
    yield quota("zero", [("user", "a")], rate, 0.0)
    yield quota("a fraction of a byte", [("user", "a")], rate, 1.5)
    yield quota("not a number", [("user", "nan")], "request_percentage", float("nan"))

    def asked(what: str, *parts: tuple[str, int, str | None]) -> Ask:
        made = [{"entity_type": k, "match_type": m, "match": n} for k, m, n in parts]
        return ask("describe_client_quotas", what, components=made)

    yield asked("unknown kind of entity", ("planet", 0, "x"))
    yield asked("empty kind of entity", ("", 0, "x"))
    yield asked("unknown match", ("user", 9, "x"))
    yield asked("exact match of nothing", ("user", 0, None))
    yield asked("default with a name", ("user", 1, "x"))
    yield asked("one kind of entity twice", ("user", 0, "a"), ("user", 0, "b"))
    yield asked("user and ip", ("user", 0, "a"), ("ip", 0, "127.0.0.1"))


def credentials() -> Iterator[Ask]:
    """SCRAM credentials, and features."""
    new = {"name": "u", "mechanism": 1, "iterations": 4096, "salt": b"s", "salted_password": b"p"}

    def upsert(what: str, *wanted: Mapping[str, Any]) -> Ask:
        made = [new | dict(each) for each in wanted]
        return ask("alter_user_scram_credentials", what, upsertions=made)

    yield upsert("no user", {"name": ""})
    yield upsert("unknown mechanism", {"mechanism": 0})
    yield upsert("too few iterations", {"iterations": 4095})
    yield upsert("too many iterations", {"iterations": 16385})
    yield upsert("one user twice", {}, {})
    yield upsert("empty salted password", {"salted_password": b""})
    for what, name, mechanism in (
        ("deletion of an unknown user", "missing", 1),
        ("deletion with an unknown mechanism", "missing", 9),
    ):
        wanted = [{"name": name, "mechanism": mechanism}]
        yield ask("alter_user_scram_credentials", what, deletions=wanted)
    for what, users in (
        ("unknown user", ["missing"]),
        ("no user", [""]),
        ("one user twice", ["missing", "missing"]),
    ):
        wanted = [{"name": name} for name in users]
        yield ask("describe_user_scram_credentials", what, users=wanted)

    def feature(what: str, *wanted: tuple[str, int, int]) -> Ask:
        made = [
            {"feature": name, "max_version_level": level, "upgrade_type": kind}
            for name, level, kind in wanted
        ]
        return ask("update_features", what, feature_updates=made)

    yield feature("unknown feature", ("no.such", 1, 1))
    yield feature("no name", ("", 1, 1))
    yield feature("unknown level", ("transaction.version", 99, 1))
    yield feature("negative level", ("transaction.version", -1, 1))
    yield feature("lower as an upgrade", ("transaction.version", 0, 1))
    yield feature("unknown kind of upgrade", ("transaction.version", 1, 9))
    yield feature("metadata.version 0", ("metadata.version", 0, 3))
    yield feature("one feature twice", ("group.version", 1, 1), ("group.version", 1, 1))
    yield feature("none")


def breaking() -> Iterator[Ask]:
    """What a broker may not survive as it was, so it comes last."""
    yield ask("unregister_broker", "the broker itself", broker_id=1)
    many = [{"name": "t", "count": 10_003, "assignments": None}]
    yield ask("create_partitions", "10,001 more partitions", topics=many, timeout_ms=5000)
