"""The plugin, in runs of pytest of their own."""

from pathlib import Path

import pytest

pytest_plugins = ("pytester",)


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a pytest of its own."""
    pytester.makeini("[pytest]\nkafka_topics =\n  orders:3\nkafka_config =\n  num.partitions=2\n")
    return pytester


def outcomes(run: pytest.Pytester, source: str, *arguments: str) -> dict[str, int]:
    run.makepyfile(source)
    result = run.runpytest_subprocess("-p", "no:cacheprovider", *arguments)
    found: dict[str, int] = result.parseoutcomes()
    run.result = result  # type: ignore[attr-defined]
    return found


def test_each_test_has_the_broker_as_it_was_at_its_start(run: pytest.Pytester) -> None:
    source = """
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_one(kafka, number):
            assert kafka.topics() == {"orders": 3}
            assert kafka.records("orders") == []
            kafka.produce("orders", "x")
            kafka.create_topic("left")
            kafka.error("Produce", 6, times=None)
            assert kafka.requests() == []

        @pytest.mark.kafka(topics={"mine": 4})
        def test_two(kafka):
            assert kafka.topics() == {"orders": 3, "mine": 4}

        def test_names(kafka, kafka_topic):
            assert kafka_topic in kafka.topics()
            assert kafka.topic(2) != kafka.topic()

        def test_it_is_the_brokers_of_the_session(kafka, kafka_broker):
            assert kafka.broker is kafka_broker
    """
    assert outcomes(run, source) == {"passed": 6}


def test_a_marker_with_a_configuration_gives_a_broker_of_its_own(run: pytest.Pytester) -> None:
    source = """
        import pytest

        @pytest.mark.kafka(topics={"t": 1}, config={"message.max.bytes": 1000})
        def test_own(kafka, kafka_broker):
            assert kafka.broker is not kafka_broker
            with pytest.raises(Exception, match="MESSAGE_TOO_LARGE"):
                kafka.produce("t", "x" * 2000)
    """
    assert outcomes(run, source) == {"passed": 1}


def test_a_marker_asks_for_several_brokers(run: pytest.Pytester) -> None:
    source = """
        import pytest

        @pytest.mark.kafka(topics={"t": 2}, brokers=2)
        def test_several(kafka, kafka_env):
            assert kafka_env == ",".join(kafka.addresses.values())
            kafka.kill(1)
            assert kafka.brokers == {1: False, 2: True}
    """
    assert outcomes(run, source) == {"passed": 1}


def test_factories_have_other_scopes(run: pytest.Pytester) -> None:
    source = """
        from kafkacompat.pytest_plugin import broker_fixture

        shop = broker_fixture(scope="module", topics={"sales": 2})
        seen = []

        def test_one(shop):
            assert shop.topics() == {"sales": 2}
            seen.append(shop)

        def test_two(shop):
            assert seen == [shop]
    """
    assert outcomes(run, source) == {"passed": 2}


def test_clients_are_those_that_are_installed(run: pytest.Pytester) -> None:
    source = """
        def test_round(kafka_topic, kafka_producer, kafka_consumer, kafka_admin, kafka):
            kafka_producer.produce(kafka_topic, b"x")
            kafka_producer.flush(10)
            kafka_consumer.subscribe([kafka_topic])
            assert kafka_consumer.poll(10).value() == b"x"
            kafka_consumer.commit(asynchronous=False)
            assert list(kafka.committed(kafka.prefix + "-group").values()) == [1]
            assert kafka_topic in kafka_admin.list_topics(timeout=10).topics
    """
    assert outcomes(run, source) == {"passed": 1}


def test_unittest_classes_have_it_too(run: pytest.Pytester) -> None:
    source = """
        import unittest
        import pytest

        @pytest.mark.usefixtures("kafka")
        class TestOrders(unittest.TestCase):
            def test_it(self):
                self.kafka.produce("orders", "x")
                self.assertEqual(len(self.kafka.records("orders")), 1)
    """
    assert outcomes(run, source) == {"passed": 1}


def test_coroutines_and_xdist(run: pytest.Pytester) -> None:
    source = """
        import os
        import asyncio
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_each_worker_has_its_own(kafka, number):
            async def story():
                await asyncio.to_thread(kafka.produce, "orders", "x")
                return await asyncio.to_thread(kafka.records, "orders")
            assert len(asyncio.run(story())) == 1
            assert kafka.prefix.startswith(os.environ["PYTEST_XDIST_WORKER"])
    """
    assert outcomes(run, source, "-n", "2") == {"passed": 8}


def test_a_failure_shows_the_log_and_the_last_requests(run: pytest.Pytester) -> None:
    source = """
        def test_it_fails(kafka, kafka_producer):
            kafka_producer.produce("orders", b"x")
            kafka_producer.flush(10)
            assert False
    """
    assert outcomes(run, source) == {"failed": 1}
    text = run.result.stdout.str()  # type: ignore[attr-defined]
    assert "kafkacompat: last" in text
    assert "Produce v" in text
    assert "about orders" in text


def test_the_environment_names_the_broker_or_another_kafka(run: pytest.Pytester) -> None:
    source = """
        import os

        def test_env(kafka_env):
            assert os.environ["KAFKA_BOOTSTRAP_SERVERS"] == kafka_env
            print("it is", kafka_env)
    """
    assert outcomes(run, source, "-s") == {"passed": 1}
    assert "it is 127.0.0.1:" in run.result.stdout.str()  # type: ignore[attr-defined]
    assert outcomes(run, source, "-s", "--kafka-bootstrap=k:9092") == {"passed": 1}
    assert "it is k:9092" in run.result.stdout.str()  # type: ignore[attr-defined]


def test_another_kafka_must_be_named(run: pytest.Pytester) -> None:
    source = """
        def test_external(kafka_external):
            assert kafka_external == "k:9092"
    """
    assert outcomes(run, source, "--kafka-bootstrap=k:9092") == {"passed": 1}
    assert outcomes(run, source) == {"errors": 1}


def test_who_uses_none_of_it_pays_nothing(run: pytest.Pytester) -> None:
    source = """
        import sys

        def test_nothing_is_imported():
            assert "kafkacompat.pytest_plugin" in sys.modules
            loaded = [name for name in sys.modules if name.startswith("kafkacompat")]
            assert sorted(loaded) == ["kafkacompat", "kafkacompat.pytest_plugin"]
    """
    assert outcomes(run, source) == {"passed": 1}


def test_a_directory_keeps_its_data_from_test_to_test(run: pytest.Pytester, tmp_path: Path) -> None:
    run.makeini(f"[pytest]\nkafka_topics = t\nkafka_data_dir = {tmp_path / 'data'}\n")
    source = """
        def test_one(kafka):
            kafka.produce("t", "x")

        def test_two(kafka):
            assert len(kafka.records("t")) == 1
    """
    assert outcomes(run, source) == {"passed": 2}


def test_a_setting_that_is_none_is_told(run: pytest.Pytester) -> None:
    run.makeini("[pytest]\nkafka_config = nonsense\n")
    assert outcomes(run, "def test_it(kafka): pass") == {"errors": 1}
    assert "is no key=value" in run.result.stdout.str()  # type: ignore[attr-defined]
