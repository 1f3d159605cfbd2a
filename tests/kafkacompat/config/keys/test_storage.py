from kafkacompat.config import keys
from kafkacompat.config.values import BrokerConfig


def test_data_is_synced_to_a_folder_unless_told_otherwise() -> None:
    config = BrokerConfig()
    assert config.get(keys.DURABILITY) == "fsync"
    assert config.get(keys.LOG_DIRS) == ("data",)


def test_the_old_name_of_a_single_folder_works() -> None:
    assert BrokerConfig({"log.dir": "/x"}).get(keys.LOG_DIRS) == ("/x",)
    assert BrokerConfig({"log.dir": "/x", "log.dirs": "/y"}).get(keys.LOG_DIRS) == ("/y",)
