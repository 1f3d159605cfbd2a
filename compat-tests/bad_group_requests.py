"""Bad input to administrative requests of groups, transactions, the quorum and security."""

from collections.abc import Iterator
from typing import Any

from bad_requests import UUID, Ask, ask


def groups() -> Iterator[Ask]:
    """Groups of all kinds and their offsets."""
    for module, field in (
        ("describe_groups", "groups"),
        ("consumer_group_describe", "group_ids"),
        ("share_group_describe", "group_ids"),
        ("delete_groups", "groups_names"),
    ):
        yield ask(module, "unknown group", **{field: ["missing"]})
        yield ask(module, "no name", **{field: [""]})
        yield ask(module, "one group twice", **{field: ["missing", "missing"]})
        yield ask(module, "no groups", **{field: []})
    yield ask("list_groups", "unknown state", states_filter=["Asleep"])
    yield ask("list_groups", "unknown type", types_filter=["secret"])

    def delete(what: str, group: str, name: str, partition: int) -> Ask:
        wanted = [{"name": name, "partitions": [{"partition_index": partition}]}]
        return ask("offset_delete", what, group_id=group, topics=wanted)

    def commit(what: str, group: str, partition: int, **fields: Any) -> Ask:
        at = {"partition_index": partition, "committed_offset": 1, "committed_metadata": ""}
        wanted = [{"topic_id": UUID, "partitions": [at | fields]}]
        return ask("offset_commit", what, group_id=group, topics=wanted)

    yield commit("unknown topic", "g", 0)
    yield commit("no group", "", 0)
    yield delete("unknown group", "missing", "t", 0)
    yield delete("no group", "", "t", 0)
    yield ask("leave_group", "unknown group", group_id="missing", members=[{"member_id": "m"}])
    yield ask("leave_group", "no group", group_id="", members=[{"member_id": "m"}])
    for what, group, topics in (
        ("unknown group", "missing", None),
        ("no group", "", None),
        ("unknown topic", "missing", [{"topic_id": UUID, "partition_indexes": [0]}]),
    ):
        yield ask("offset_fetch", what, groups=[{"group_id": group, "topics": topics}])


def share_groups() -> Iterator[Ask]:
    """Offsets of share groups."""

    def alter(what: str, group: str, name: str, partition: int, offset: int = 0) -> Ask:
        at = [{"partition_index": partition, "start_offset": offset}]
        wanted = [{"topic_name": name, "partitions": at}]
        return ask("alter_share_group_offsets", what, group_id=group, topics=wanted)

    yield alter("unknown topic", "s", "missing", 0)
    yield alter("no group", "", "t", 0)
    yield alter("unknown partition", "s", "t", 7)
    yield alter("offset -2", "s", "t", 0, -2)
    yield alter("no topic", "s", "", 0)
    beyond = [{"topic_name": "t", "partitions": [7]}]
    beyond_asked = [{"group_id": "s", "topics": beyond}]
    yield ask("describe_share_group_offsets", "unknown partition", groups=beyond_asked)
    for what, group, name in (
        ("unknown group", "missing", "t"),
        ("no group", "", "t"),
        ("unknown topic", "s", "missing"),
        ("no topic", "s", ""),
    ):
        wanted = [{"topic_name": name}]
        yield ask("delete_share_group_offsets", what, group_id=group, topics=wanted)
        asked = [{"group_id": group, "topics": [{"topic_name": name, "partitions": [0]}]}]
        yield ask("describe_share_group_offsets", what, groups=asked)


def transactions() -> Iterator[Ask]:
    """Producers and their transactions."""
    yield ask("describe_transactions", "unknown id", transactional_ids=["missing"])
    yield ask("describe_transactions", "no id", transactional_ids=[""])
    yield ask("list_transactions", "unknown state", state_filters=["Asleep"])
    yield ask("list_transactions", "pattern that is none", transactional_id_pattern="(")
    yield ask("list_transactions", "negative duration", duration_filter=-5)

    def start(what: str, name: str | None, timeout_ms: int, **fields: Any) -> Ask:
        fields |= {"transactional_id": name, "transaction_timeout_ms": timeout_ms}
        return ask("init_producer_id", what, **fields)

    yield start("empty id", "", 1000)
    yield start("timeout 0", "x", 0)
    yield start("timeout -1", "x", -1)
    yield start("timeout too long", "x", 900_001)
    yield start("epoch without id", "x", 1000, producer_epoch=1)
    yield start("id without epoch", "x", 1000, producer_id=1)

    def mark(what: str, name: str, partition: int) -> Ask:
        marker = {"producer_id": 7, "producer_epoch": 0, "transaction_result": False}
        marker["topics"] = [{"name": name, "partition_indexes": [partition]}]
        return ask("write_txn_markers", what, markers=[marker])

    yield mark("unknown topic", "missing", 0)
    yield mark("unknown partition", "t", 7)
    yield mark("no name", "", 0)


def cluster() -> Iterator[Ask]:
    """Brokers and the quorum."""
    yield ask("unregister_broker", "unknown broker", broker_id=77)
    yield ask("unregister_broker", "negative broker", broker_id=-1)
    yield ask("describe_cluster", "controllers of a broker", endpoint_type=2)
    yield ask("describe_cluster", "unknown kind of endpoint", endpoint_type=9)

    def quorum(what: str, *wanted: tuple[str, int]) -> Ask:
        made = [
            {"topic_name": name, "partitions": [{"partition_index": at}]} for name, at in wanted
        ]
        return ask("describe_quorum", what, topics=made)

    yield quorum("another topic", ("t", 0))
    yield quorum("another partition", ("__cluster_metadata", 7))
    yield quorum("no topics")
    voter: dict[str, Any] = {"voter_id": 7, "voter_directory_id": UUID}
    at = {"name": "CONTROLLER", "host": "127.0.0.1", "port": 1}
    yield ask("add_raft_voter", "unknown voter", **voter, listeners=[at], timeout_ms=1000)
    yield ask("add_raft_voter", "without a listener", **voter, timeout_ms=1000)
    yield ask(
        "add_raft_voter",
        "another cluster",
        **voter,
        cluster_id="x",
        listeners=[at],
        timeout_ms=1000,
    )
    yield ask("remove_raft_voter", "unknown voter", **voter)
    yield ask("remove_raft_voter", "another cluster", **voter, cluster_id="x")


def security() -> Iterator[Ask]:
    """ACLs without an authorizer, tokens without a secret."""
    fine = {"resource_type": 2, "resource_name": "t", "resource_pattern_type": 3}
    fine |= {"principal": "User:u", "host": "*", "operation": 3, "permission_type": 3}
    for what, change in (
        ("without an authorizer", {}),
        ("no name", {"resource_name": ""}),
        ("principal that is none", {"principal": "nobody"}),
    ):
        yield ask("create_acls", what, creations=[fine | change])
    every = {"resource_type_filter": 1, "resource_name_filter": None, "pattern_type_filter": 1}
    every |= {"principal_filter": None, "host_filter": None, "operation": 1, "permission_type": 1}
    yield ask("describe_acls", "without an authorizer", **every)
    yield ask("delete_acls", "without an authorizer", filters=[every])
    yield ask("delete_acls", "no filters")
    yield ask("create_delegation_token", "over a plain connection", max_lifetime_ms=-1)
    yield ask("renew_delegation_token", "over a plain connection", hmac=b"x", renew_period_ms=1)
    yield ask(
        "expire_delegation_token", "over a plain connection", hmac=b"x", expiry_time_period_ms=1
    )
    yield ask("describe_delegation_token", "over a plain connection", owners=None)
