"""kafka-python 2.0.2 for the scenarios: what many installations still have."""

from kafka_python_base import KafkaPython
from scenarios import serve

if __name__ == "__main__":
    serve(KafkaPython)
