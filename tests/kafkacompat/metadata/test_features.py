"""Only what works is offered."""

from kafkacompat.metadata.features import initial_features, supported_features


def test_what_a_new_cluster_finalises_is_supported() -> None:
    supported = supported_features()
    for name, level in initial_features().items():
        lowest, highest = supported[name]
        assert lowest <= level <= highest


def test_features_without_their_protocols_are_not_offered() -> None:
    assert not supported_features().keys() & {"streams.version"}
