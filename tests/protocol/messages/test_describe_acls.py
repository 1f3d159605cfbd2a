"""DescribeAcls, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.describe_acls import (
    AclDescription,
    DescribeAclsRequest,
    DescribeAclsResource,
    DescribeAclsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = DescribeAclsRequest(
        resource_type_filter=2,
        resource_name_filter="t",
        principal_filter=None,
        host_filter="*",
        operation=3,
        permission_type=1,
    )

    # Kafka 3.9.1
    assert_encoded(value, 0, "02000174ffff00012a0301")


def test_the_last_request() -> None:
    value = DescribeAclsRequest(
        resource_type_filter=2,
        resource_name_filter="t",
        principal_filter=None,
        host_filter="*",
        operation=3,
        permission_type=1,
    )

    # Kafka 4.3.1
    assert_encoded(value, 3, "0202740300022a030100")


def test_the_first_response() -> None:
    value = DescribeAclsResponse(
        error_code=54,
        error_message="no",
        resources=[
            DescribeAclsResource(
                resource_type=2,
                resource_name="t",
                acls=[AclDescription(principal="User:u", host="*", operation=3, permission_type=3)],
            )
        ],
    )

    # Kafka 3.9.1
    assert_encoded(
        value, 0, "00000000003600026e6f0000000102000174000000010006557365723a7500012a0303"
    )


def test_the_last_response() -> None:
    value = DescribeAclsResponse(
        error_code=54,
        error_message="no",
        resources=[
            DescribeAclsResource(
                resource_type=2,
                resource_name="t",
                acls=[AclDescription(principal="User:u", host="*", operation=3, permission_type=3)],
            )
        ],
    )

    # Kafka 4.3.1
    assert_encoded(value, 3, "000000000036036e6f02020274030207557365723a75022a0303000000")
