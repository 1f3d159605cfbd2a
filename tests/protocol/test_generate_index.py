"""The index modules say what the folders hold."""

import pytest

from kafkacompat_protocol.generate_index import HERE, INDEXED, all_messages, index_source
from kafkacompat_protocol.schema import schema_of


@pytest.mark.parametrize("folder", INDEXED)
def test_an_index_is_what_the_generator_writes(folder: str) -> None:
    assert (HERE / folder / "_index.py").read_text() == index_source(folder)


def test_every_message_is_found_with_its_key_once_per_kind() -> None:
    found = [
        (cls.__module__.split(".")[1], schema_of(cls).key, cls.__name__) for cls in all_messages()
    ]

    assert len(found) == len(set(found))
    assert ("messages", 1, "FetchRequest") in found
    assert ("messages", 1, "FetchResponse") in found
    assert ("metadata_records", 2, "TopicRecord") in found
    assert ("coordinator_records", 1, "OffsetCommitKey") in found
