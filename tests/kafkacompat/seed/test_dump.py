"""What is dumped is a seed of the same."""

import json
from pathlib import Path

from kafkacompat import ThreadedBroker
from kafkacompat.seed.document import parse_seed
from kafkacompat.seed.dump import Dumper


def test_a_dump_is_a_seed_of_the_same(tmp_path: Path) -> None:
    with ThreadedBroker(topics={"a": 2}) as broker:
        broker.create_topic("b", config={"retention.ms": "77"})
        broker.produce("a", "text", key="k", headers=[("h", b"\xff")], timestamp=5, partition=1)
        broker.produce("a", b"\xfe", timestamp=6)
        broker.produce("a", None, key="gone", partition=0, timestamp=7)
        (tmp_path / "g.json").write_text('{"groups": [{"id": "g", "offsets": {"a": {"1": 1}}}]}')
        broker.apply_seed(tmp_path / "g.json")
        dumper = Dumper(("127.0.0.1", broker.port))
        document = json.loads(json.dumps(dumper.dump()))
        names_only = dumper.dump(with_records=False)
        dumper.close()
        before = broker.records("a")
    assert names_only["topics"][0] == {"name": "a", "partitions": 2}
    assert parse_seed(document, tmp_path).topics[1].config == {"retention.ms": "77"}
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(document))
    with ThreadedBroker(seed=seed) as again:
        assert again.topics() == {"a": 2, "b": 1}
        assert again.records("a") == before
        assert again.committed("g") == {("a", 1): 1}
