"""kafka-python 1.4.7 for the scenarios, of 2019."""

from kafka_python_base import KafkaPython
from scenarios import serve


class KafkaPython14(KafkaPython):
    """It cannot delete groups."""

    has_group_deletion = False

    def describe_group(self, group: str) -> tuple[str, int]:
        with self.admin() as admin:
            (found,) = admin.describe_consumer_groups([group])
        _, _, state, _, _, members = found
        return state, len(members)


if __name__ == "__main__":
    serve(KafkaPython14)
