"""Changes of finalised features: codes and messages are those of Kafka 4.3.1."""

import pytest

from kafkacompat.config.values import BrokerConfig
from kafkacompat.metadata.feature_commands import FeatureUpdate, UpgradeType, update_features
from kafkacompat.metadata.image import RESOURCE_BROKER, MetadataImage
from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_protocol.metadata_records.settings import ConfigRecord, FeatureLevelRecord
from tests.kafkacompat.metadata.test_image import built

UPGRADE, SAFE, UNSAFE = UpgradeType
MV, TV, GV, ELR = (
    f"{name}.version" for name in ("metadata", "transaction", "group", "eligible.leader.replicas")
)


def level(name: str, number: int) -> FeatureLevelRecord:
    return FeatureLevelRecord(name=name, feature_level=number)


IMAGE = built(level(MV, 30), level(TV, 1), level("streams.version", 1))
BEFORE_ELR = built(level(MV, 22))


def updated(
    *updates: tuple[str, int, int],
    image: MetadataImage = IMAGE,
    broker: BrokerConfig | None = None,
) -> list[object]:
    wanted = [FeatureUpdate(*update) for update in updates]
    return update_features(image, broker or BrokerConfig(), wanted, 1)


def test_features_go_up_and_down_and_away() -> None:
    assert updated((TV, 2, UPGRADE), (GV, 1, UPGRADE)) == [level(TV, 2), level(GV, 1)]
    assert updated((TV, 0, SAFE)) == [level(TV, 0)]
    assert updated((TV, 0, UNSAFE)) == [level(TV, 0)]


def test_what_is_so_already_is_not_written() -> None:
    assert updated((TV, 1, UPGRADE), (MV, 30, SAFE), (GV, 0, UPGRADE)) == []


def test_a_feature_that_we_do_not_have_can_only_go() -> None:
    assert updated(("streams.version", 0, SAFE)) == [level("streams.version", 0)]


def test_of_two_updates_of_one_feature_the_first_counts() -> None:
    assert updated((TV, 2, UPGRADE), (TV, 0, SAFE)) == [level(TV, 2)]


def test_metadata_goes_down_where_no_record_would_be_lost() -> None:
    image = built(level(MV, 29))
    assert updated((MV, 23, SAFE), image=image) == [level(MV, 23)]
    assert updated((MV, 25, UNSAFE), image=image) == [level(MV, 25)]


def test_eligible_leaders_come_with_one_min_insync_replicas_for_all() -> None:
    def min_insync(resource: str, value: str | None) -> ConfigRecord:
        return ConfigRecord(
            resource_type=RESOURCE_BROKER,
            resource_name=resource,
            name="min.insync.replicas",
            value=value,
        )

    broker = BrokerConfig({"min.insync.replicas": "3"})
    image = built(level(MV, 30), min_insync("1", "2"))

    assert updated((ELR, 1, UPGRADE), image=image, broker=broker) == [
        min_insync("1", None),
        min_insync("", "3"),
        level(ELR, 1),
    ]


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ((MV, 31, UPGRADE), "Local controller 1 only supports versions 7-30"),
        ((MV, 0, SAFE), "Local controller 1 only supports versions 7-30"),
        ((TV, -1, UPGRADE), "A feature version cannot be less than 0."),
        (
            (TV, 0, UPGRADE),
            "Can't downgrade the version of this feature without setting the upgrade type to either"
            " safe or unsafe downgrade.",
        ),
        ((TV, 2, SAFE), "Can't downgrade to a newer version."),
        ((TV, 2, 4), "The controller does not support the given upgrade type."),
        (("no.such", 1, UPGRADE), "Local controller 1 does not support this feature."),
        (("no.such", 0, SAFE), "Feature no.such not found."),
    ],
)
def test_an_update_that_cannot_be_is_refused_in_kafkas_words(
    update: tuple[str, int, int], message: str
) -> None:
    with pytest.raises(KafkaError) as caught:
        updated((GV, 1, UPGRADE), update)
    assert caught.value.code == ErrorCode.INVALID_UPDATE_VERSION
    assert caught.value.message == (
        "The update failed for all features since the following feature had an error: "
        f"Invalid update version {update[1]} for feature {update[0]}. {message}"
    )


@pytest.mark.parametrize(
    ("image", "update", "message"),
    [
        (
            *(IMAGE, (MV, 29, SAFE)),
            "Unsupported metadata.version downgrade from 30 to 29. Refusing to perform the"
            " requested downgrade because it might delete metadata information.",
        ),
        (
            *(IMAGE, (MV, 29, UNSAFE)),
            "Unsupported metadata.version downgrade from 30 to 29. Unsafe metadata downgrade is not"
            " supported in this version.",
        ),
        (
            *(BEFORE_ELR, (ELR, 1, UPGRADE)),
            f"Invalid update version 1 for feature {ELR}. {ELR} could not be set to 1 because it"
            " depends on metadata.version=23 (4.0-IV1)",
        ),
    ],
)
def test_what_would_lose_or_lacks_records_is_refused(
    image: MetadataImage, update: tuple[str, int, int], message: str
) -> None:
    with pytest.raises(KafkaError) as caught:
        updated(update, image=image)
    assert caught.value.message == (
        f"The update failed for all features since the following feature had an error: {message}"
    )


def test_what_a_feature_depends_on_may_come_along() -> None:
    records = updated((ELR, 1, UPGRADE), (MV, 23, UPGRADE), image=BEFORE_ELR)
    assert [r for r in records if isinstance(r, FeatureLevelRecord)] == [
        level(ELR, 1),
        level(MV, 23),
    ]
