"""What waits for a sweep."""

from kafkacompat_storage.later import Later


def test_work_is_done_in_order_and_delays_begin_when_they_are_seen():
    later, done = Later(), list[str]()
    later.add(lambda: done.append("late"), 100)
    later.add(lambda: done.append("first"))
    later.add(lambda: done.append("soon"), 50)
    assert later.sweep(1000) == 1050
    assert done == ["first"]
    assert later.sweep(1050) == 1100
    assert later.sweep(1099) == 1100
    assert later.sweep(1100) is None
    assert done == ["first", "soon", "late"]


def test_work_may_add_work():
    later, done = Later(), list[str]()
    later.add(lambda: later.add(lambda: done.append("x"), 10))
    assert later.sweep(0) == 10
    assert later.sweep(10) is None
    assert done == ["x"]


def test_in_the_end_all_is_done():
    later, done = Later(), list[str]()
    later.add(lambda: done.append("late"), 10_000)
    later.sweep(5)
    later.add(lambda: later.add(lambda: done.append("later"), 20_000))
    later.finish()
    assert done == ["late", "later"]
