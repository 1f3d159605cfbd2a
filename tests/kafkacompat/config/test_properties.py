"""Expected values are those of java.util.Properties, by its documentation."""

import pytest

from kafkacompat.config.properties import MalformedProperties, decode, parse_properties


def values(text: str) -> dict[str, str]:
    return {entry.name: entry.value for entry in parse_properties(text)}


def test_a_name_ends_at_equals_colon_or_blank() -> None:
    assert values("a=1\nb: 2\nc 3\nd\t=\t4\ne   :5\nf") == {
        "a": "1",
        "b": "2",
        "c": "3",
        "d": "4",
        "e": "5",
        "f": "",
    }


def test_only_the_first_separator_separates() -> None:
    assert values("listeners=PLAINTEXT://:9092\nx = = y") == {
        "listeners": "PLAINTEXT://:9092",
        "x": "= y",
    }


def test_comments_and_blank_lines_are_skipped() -> None:
    assert values("# a=1\n  ! b=2\n\n   \nc=3 # not a comment") == {"c": "3 # not a comment"}


def test_a_backslash_continues_a_line_and_swallows_the_next_ones_indent() -> None:
    assert values("hosts=a,\\\n    b,\\\r\n\tc\nd=1") == {"hosts": "a,b,c", "d": "1"}


def test_a_comment_does_not_continue_but_a_continuation_may_look_like_one() -> None:
    assert values("# x \\\na=1\nb=2\\\n#3") == {"a": "1", "b": "2#3"}


def test_two_backslashes_at_the_end_are_one_and_end_the_line() -> None:
    assert values("path=C:\\\\\nb=1") == {"path": "C:\\", "b": "1"}


def test_a_backslash_at_the_end_of_the_file_continues_with_nothing() -> None:
    assert values("a=1\\") == {"a": "1"}


def test_escapes_are_resolved_in_names_and_values() -> None:
    assert values(r"a\ b\=c=t\tn\nr\rf\fx\xu\u00e9\:") == {"a b=c": "t\tn\nr\rf\fxxu\xe9:"}


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    assert values(r"a=\uD83D\uDE00") == {"a": "\U0001f600"}


def test_blanks_before_a_value_go_and_those_after_it_stay() -> None:
    assert values("a =  1 ") == {"a": "1 "}


@pytest.mark.parametrize("text", [r"a=\u12", r"a=\u12x4", r"a=\u"])
def test_a_malformed_unicode_escape_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(MalformedProperties, match="line 2"):
        parse_properties("ok=1\n" + text)


def test_a_name_given_twice_comes_twice_with_its_lines() -> None:
    found = [(entry.name, entry.value, entry.line) for entry in parse_properties("a=1\n\na=2")]
    assert found == [("a", "1", 1), ("a", "2", 3)]


def test_text_is_utf_8_or_else_latin_1() -> None:
    assert decode("é".encode()) == "é"
    assert decode("é".encode("latin-1")) == "é"
