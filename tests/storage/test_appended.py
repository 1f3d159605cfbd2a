"""What an append answers."""

from kafkacompat_storage.appended import Appended


def test_an_append_is_no_duplicate_and_has_no_ticket_until_told_so():
    appended = Appended(5, 6, -1, 0)
    assert (appended.base_offset, appended.last_offset) == (5, 6)
    assert (appended.is_duplicate, appended.ticket) == (False, 0)
