"""Without pytest: a broker for a class, as it was at its start for each test."""

import unittest

from kafka import KafkaConsumer, KafkaProducer

from kafkacompat import ThreadedBroker


class GreetingsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = ThreadedBroker(topics={"greetings": 2}).start()

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()

    def setUp(self):
        self.broker.reset()

    def test_what_is_sent_arrives(self):
        producer = KafkaProducer(bootstrap_servers=self.broker.bootstrap_servers)
        producer.send("greetings", b"hello").get(timeout=10)
        producer.close()
        consumer = KafkaConsumer(
            "greetings",
            bootstrap_servers=self.broker.bootstrap_servers,
            group_id="readers",
            auto_offset_reset="earliest",
        )
        self.assertEqual(next(consumer).value, b"hello")
        consumer.close()

    def test_each_test_begins_anew(self):
        self.assertEqual(self.broker.records("greetings"), [])


if __name__ == "__main__":
    unittest.main()
