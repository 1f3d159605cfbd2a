"""DescribeGroups, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    request = DescribeGroupsRequest(groups=["g"])

    # Kafka 4.3.1
    assert_encoded(request, 0, "00000001000167")


def test_the_last_request() -> None:
    request = DescribeGroupsRequest(groups=["g"], include_authorized_operations=True)

    # Kafka 4.3.1
    assert_encoded(request, 6, "0202670100")


def test_the_first_response() -> None:
    response = DescribeGroupsResponse(
        groups=[
            DescribedGroup(
                error_code=0,
                group_id="g",
                group_state="Stable",
                protocol_type="consumer",
                protocol_data="range",
                members=[
                    DescribedGroupMember(
                        member_id="m",
                        client_id="c",
                        client_host="/::1",
                        member_metadata=b"\x01\x02\x03",
                        member_assignment=b"\x01\x02\x03",
                    )
                ],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(
        response,
        0,
        "0000000100000001670006537461626c650008636f6e73756d6572000572616e"
        "67650000000100016d00016300042f3a3a310000000301020300000003010203",
    )


def test_the_last_response() -> None:
    response = DescribeGroupsResponse(
        groups=[
            DescribedGroup(
                error_code=69,
                error_message="gone",
                group_id="g",
                group_state="Dead",
                protocol_type="",
                protocol_data="",
                members=[],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(response, 6, "0000000002004505676f6e6502670544656164010101800000000000")
