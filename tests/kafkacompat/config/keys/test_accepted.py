import pytest

from kafkacompat.config import keys
from kafkacompat.config.keys import accepted
from kafkacompat.config.rows import InvalidValue, Key


def test_none_of_them_claims_an_effect() -> None:
    rows = [value for value in vars(accepted).values() if isinstance(value, Key)]
    assert len(rows) > 10
    assert not [row.name for row in rows if row.is_effective]


def test_an_authorizer_is_refused_rather_than_ignored() -> None:
    assert keys.AUTHORIZER_CLASS_NAME.parse("") is None
    with pytest.raises(InvalidValue, match="nothing is authorised here yet"):
        keys.AUTHORIZER_CLASS_NAME.parse("org.apache.kafka.metadata.authorizer.StandardAuthorizer")
