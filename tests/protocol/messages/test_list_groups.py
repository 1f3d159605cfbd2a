"""ListGroups, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.list_groups import (
    ListedGroup,
    ListGroupsRequest,
    ListGroupsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = ListGroupsRequest()

    # Kafka 4.3.1
    assert_encoded(request, 0, "")


def test_the_last_request() -> None:
    request = ListGroupsRequest(states_filter=["Stable"], types_filter=["classic"])

    # Kafka 4.3.1
    assert_encoded(request, 5, "0207537461626c650208636c617373696300")


def test_the_first_response() -> None:
    response = ListGroupsResponse(
        error_code=0, groups=[ListedGroup(group_id="g", protocol_type="consumer")]
    )

    # Kafka 4.3.1
    assert_encoded(response, 0, "0000000000010001670008636f6e73756d6572")


def test_the_last_response() -> None:
    response = ListGroupsResponse(
        error_code=0,
        groups=[
            ListedGroup(
                group_id="g", protocol_type="consumer", group_state="Stable", group_type="classic"
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        5,
        "00000000000002026709636f6e73756d657207537461626c6508636c61737369630000",
    )
