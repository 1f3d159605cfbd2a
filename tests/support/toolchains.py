"""What tests need from outside Python, and what to do where it is missing.

A missing toolchain skips a test with the reason; with REQUIRE_ALL=1 it fails it.
"""

import importlib.util
import os
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]


@cache
def kafka_home_module() -> ModuleType:
    """Return `compat-tests/kafka_home/kafka_home.py` as a module."""
    path = ROOT / "compat-tests" / "kafka_home" / "kafka_home.py"
    spec = importlib.util.spec_from_file_location("kafka_home", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kafka_home"] = module
    spec.loader.exec_module(module)
    return module


def require_java() -> str:
    """Return the `java` command, or end the test."""
    java: str | None = kafka_home_module().java_command()
    return java if java is not None else unavailable("Java is not installed")


def require_kafka_home(version: str) -> Path:
    """Return a home of the real Kafka of `version`, built when missing, or end the test."""
    module = kafka_home_module()
    require_java()
    try:
        home: Path = module.build(version)
    except module.KafkaHomeError as error:
        unavailable(str(error))
    return home


def unavailable(reason: str) -> NoReturn:
    """End the test: skipped with the reason, or failed when everything is required."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
