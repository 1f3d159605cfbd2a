from kafkacompat.config.environment import from_environment, property_name


def test_underscores_become_dots_dashes_and_underscores() -> None:
    assert property_name("KAFKA_LOG_RETENTION_HOURS") == "log.retention.hours"
    assert property_name("KAFKA_A__B") == "a_b"
    assert property_name("KAFKA_A___B") == "a-b"


def test_what_is_meant_for_java_or_the_image_is_no_setting() -> None:
    environment = {
        "KAFKA_HEAP_OPTS": "-Xmx1G",
        "KAFKA_OPTS": "",
        "KAFKA_VERSION": "4.3.1",
        "KAFKA_CREATE_TOPICS": "a:1:1",
        "KAFKA_": "x",
        "PATH": "/bin",
        "KAFKA_NUM_PARTITIONS": "3",
    }
    assert from_environment(environment) == {"num.partitions": "3"}


def test_a_plain_variable_wins_over_bitnamis_form_of_it() -> None:
    assert from_environment({"KAFKA_CFG_NODE_ID": "4"}) == {"node.id": "4"}
    both = {"KAFKA_NODE_ID": "5", "KAFKA_CFG_NODE_ID": "4"}
    assert from_environment(both) == {"node.id": "5"}
