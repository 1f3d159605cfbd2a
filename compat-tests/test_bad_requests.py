"""Bad input to administrative requests is answered by this broker as by Apache Kafka."""

import re
from pathlib import Path

from bad_answers import DIFFERENCES, OTHER_WORDS, SETTINGS, told

from tests.support.node import running_node
from tests.support.toolchains import kafka_home_module, require_kafka_home

CLUSTER_ID = re.compile(r'cluster id "[^"]*"')
Answers = dict[tuple[str, str], tuple[str, list[str]]]


def answers(address: tuple[str, int]) -> Answers:
    """Return the codes and the messages of every answer, cluster ids masked."""
    found: Answers = {}
    for asked, codes, messages in told(address):
        masked = [CLUSTER_ID.sub("cluster id", text or "") for text in messages]
        assert found.setdefault((asked.api, asked.what), (codes, masked)) == (codes, masked)
    return found


def test_all_of_it_is_answered_alike(tmp_path: Path) -> None:
    home = require_kafka_home("4.3.1")
    running = kafka_home_module().running_broker(home, tmp_path, settings=SETTINGS)
    with running as kafka:
        theirs = answers(("127.0.0.1", kafka.port))
    with running_node(SETTINGS) as broker:
        ours = answers(broker.address)

    different = {
        asked: (theirs[asked], ours[asked])
        for asked in theirs.keys() - DIFFERENCES.keys() - OTHER_WORDS.keys()
        if theirs[asked] != ours[asked]
    }
    assert different == {}
    assert not [asked for asked in DIFFERENCES if theirs[asked][0] == ours[asked][0]]
    assert not [asked for asked in OTHER_WORDS if theirs[asked][0] != ours[asked][0]]
