import pytest

from kafkacompat.cli.exit_codes import WRONG_INPUT, fail


def test_a_failure_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        fail("this\n  went wrong", WRONG_INPUT)
    assert ended.value.code == WRONG_INPUT
    assert capsys.readouterr() == ("", "kafkacompat: this went wrong\n")
