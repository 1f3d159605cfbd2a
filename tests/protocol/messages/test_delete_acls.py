"""DeleteAcls, byte for byte as Apache Kafka encodes it."""

from kafkacompat_protocol.messages.delete_acls import (
    DeleteAclsFilter,
    DeleteAclsFilterResult,
    DeleteAclsMatchingAcl,
    DeleteAclsRequest,
    DeleteAclsResponse,
)
from tests.support.encoded import assert_encoded


def test_the_first_request() -> None:
    value = DeleteAclsRequest(
        filters=[
            DeleteAclsFilter(
                resource_type_filter=2,
                resource_name_filter="t",
                principal_filter=None,
                host_filter="*",
                operation=3,
                permission_type=1,
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(value, 0, "0000000102000174ffff00012a0301")


def test_the_last_request() -> None:
    value = DeleteAclsRequest(
        filters=[
            DeleteAclsFilter(
                resource_type_filter=2,
                resource_name_filter="t",
                principal_filter=None,
                host_filter="*",
                operation=3,
                permission_type=1,
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 3, "020202740300022a03010000")


def test_the_first_response() -> None:
    value = DeleteAclsResponse(
        filter_results=[
            DeleteAclsFilterResult(
                error_code=0,
                error_message=None,
                matching_acls=[
                    DeleteAclsMatchingAcl(
                        error_code=0,
                        error_message=None,
                        resource_type=2,
                        resource_name="t",
                        principal="User:u",
                        host="*",
                        operation=3,
                        permission_type=3,
                    )
                ],
            )
        ]
    )

    # Kafka 3.9.1
    assert_encoded(
        value, 0, "00000000000000010000ffff000000010000ffff020001740006557365723a7500012a0303"
    )


def test_the_last_response() -> None:
    value = DeleteAclsResponse(
        filter_results=[
            DeleteAclsFilterResult(
                error_code=0,
                error_message=None,
                matching_acls=[
                    DeleteAclsMatchingAcl(
                        error_code=0,
                        error_message=None,
                        resource_type=2,
                        resource_name="t",
                        principal="User:u",
                        host="*",
                        operation=3,
                        permission_type=3,
                    )
                ],
            )
        ]
    )

    # Kafka 4.3.1
    assert_encoded(value, 3, "0000000002000000020000000202740307557365723a75022a0303000000")
