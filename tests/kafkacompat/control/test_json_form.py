"""Bytes are text where they are text."""

import pytest

from kafkacompat.control.json_form import bytes_of, fault_form, message_form, put_bytes
from kafkacompat.embedded.faults import Faults, Kind, Match
from tests.support.produced import produce_request


def test_bytes_come_as_text_or_base64() -> None:
    assert bytes_of({"value": "é"}, "value") == "é".encode()
    assert bytes_of({"value_base64": "/w=="}, "value") == b"\xff"
    assert bytes_of({}, "value") is None
    for wrong in ({"value": 5}, {"value_base64": "?"}):
        with pytest.raises(ValueError):
            bytes_of(wrong, "value")


def test_bytes_go_as_text_or_base64() -> None:
    form: dict[str, object] = {}
    put_bytes(form, "a", b"text")
    put_bytes(form, "b", b"\xff")
    put_bytes(form, "c", None)
    assert form == {"a": "text", "b_base64": "/w==", "c": None}


def test_a_message_is_its_fields() -> None:
    form = message_form(produce_request(b"\x00"))
    assert form["topic_data"][0]["partition_data"][0]["records"] == "AA=="
    assert form["acks"] == -1


def test_a_fault_says_what_it_was_given() -> None:
    form = fault_form(Faults().add(Kind.DELAY, Match(topic="t*", skip=2), delay_ms=5, times=3))
    assert form == {
        "number": 1, "kind": "delay", "topic": "t*", "skip": 2, "code": "UNKNOWN_SERVER_ERROR",
        "delay_ms": 5, "times": 3, "fired": 0,
    }  # fmt: skip
