"""Request and response headers."""

import pytest

from kafkacompat_protocol.apis import request_class, response_class
from kafkacompat_protocol.errors import WireError
from kafkacompat_protocol.headers import (
    RequestHeader,
    encode_request_header,
    is_flexible,
    read_request_header,
    response_header_size,
    skip_tagged_fields,
)

# ApiVersions v3, correlation id 7, client id "me", as in the specification's header v2
WIRE = bytes.fromhex("0012" + "0003" + "00000007" + "0002" + "6d65" + "00")
HEADER = RequestHeader(18, 3, 7, "me")


def test_a_request_header_is_read_and_written() -> None:
    assert read_request_header(WIRE) == (HEADER, len(WIRE) - 1)
    assert encode_request_header(HEADER, flexible=True) == WIRE
    assert encode_request_header(HEADER, flexible=False) == WIRE[:-1]


def test_a_client_id_may_be_null() -> None:
    header = RequestHeader(18, 3, 7, None)
    wire = encode_request_header(header, flexible=False)
    assert read_request_header(wire) == (header, len(wire))


@pytest.mark.parametrize("size", range(len(WIRE) - 1))
def test_a_header_cut_short_is_refused(size: int) -> None:
    with pytest.raises(WireError):
        read_request_header(WIRE[:size])


@pytest.mark.parametrize("tail", ["fffe", "0001ff"])
def test_a_client_id_of_no_sense_is_refused(tail: str) -> None:
    with pytest.raises(WireError):
        read_request_header(WIRE[:8] + bytes.fromhex(tail))


def test_tagged_fields_are_skipped() -> None:
    assert skip_tagged_fields(bytes.fromhex("ff" + "02" + "0002beef" + "630100" + "ff"), 1) == 9


@pytest.mark.parametrize("wire", ["", "01", "0100", "010005aa", "8102" + "0000" * 257])
def test_tagged_fields_that_do_not_end_or_are_too_many_are_refused(wire: str) -> None:
    with pytest.raises(WireError):
        skip_tagged_fields(bytes.fromhex(wire), 0)


def test_only_api_versions_answers_without_tagged_fields_when_flexible() -> None:
    assert response_header_size(response_class(18), 4) == 4
    assert response_header_size(response_class(3), 9) == 5
    assert response_header_size(response_class(3), 8) == 4
    assert is_flexible(request_class(18), 3)
    assert not is_flexible(request_class(18), 2)
