"""Topics as groups see them."""

from kafkacompat.coordinator.groups.topics import Topic, by_topic, metadata_hash

A, B = bytes(15) + b"a", bytes(15) + b"b"


def test_the_hash_depends_on_names_ids_and_partitions_only() -> None:
    found = metadata_hash({"t": Topic(A, 1), "u": Topic(B, 2)})

    assert found == metadata_hash({"u": Topic(B, 2), "t": Topic(A, 1)})
    others = [{"t": Topic(A, 1)}, {"t": Topic(A, 2), "u": Topic(B, 2)}, {}]
    others += [{"t": Topic(B, 1), "u": Topic(A, 2)}, {"x": Topic(A, 1), "u": Topic(B, 2)}]
    hashes = {found, *map(metadata_hash, others)}
    assert len(hashes) == 6
    assert all(-(1 << 63) <= each < 1 << 63 for each in hashes)


def test_partitions_are_put_in_order() -> None:
    assert by_topic({(B, 0), (A, 2), (A, 1)}) == [(A, [1, 2]), (B, [0])]
