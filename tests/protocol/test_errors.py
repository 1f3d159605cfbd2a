"""Error codes, as other implementations number them."""

import inspect

import kafka.errors

from kafkacompat_protocol.errors import ErrorCode, KafkaError


def test_every_code_that_kafka_python_knows_is_here() -> None:
    theirs = {
        cls.errno
        for _, cls in inspect.getmembers(kafka.errors, inspect.isclass)
        if isinstance(getattr(cls, "errno", None), int)
    }
    assert theirs - {int(code) for code in ErrorCode} == set()


def test_some_numbers_are_those_of_the_specification() -> None:
    assert ErrorCode.CORRUPT_MESSAGE == 2
    assert ErrorCode.FENCED_INSTANCE_ID == 82
    assert ErrorCode.UNKNOWN_TOPIC_ID == 100


def test_an_error_says_its_name_and_why() -> None:
    assert str(KafkaError(ErrorCode.CORRUPT_MESSAGE, "torn")) == "CORRUPT_MESSAGE: torn"
    assert str(KafkaError(ErrorCode.CORRUPT_MESSAGE)) == "CORRUPT_MESSAGE"


def test_a_message_that_quotes_the_peer_fits_into_a_string_field() -> None:
    message = KafkaError(ErrorCode.INVALID_CONFIG, "\N{PILE OF POO}" * 32_767).message
    assert message is not None
    assert len(message.encode()) < 1 << 15
