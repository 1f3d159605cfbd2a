"""confluent-kafka (librdkafka), the newest, for the scenarios."""

from confluent_kafka_base import ConfluentKafka
from scenarios import serve

if __name__ == "__main__":
    serve(ConfluentKafka)
