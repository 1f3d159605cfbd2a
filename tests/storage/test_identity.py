"""Log directories know whose they are."""

import pytest

from kafkacompat_storage.identity import StoreError, identify, meta_properties
from kafkacompat_storage.memory_files import MemoryFiles


def test_a_new_directory_gets_ids_that_it_keeps():
    files = MemoryFiles()
    files.mkdir("/d/a")
    cluster, ids = identify(files, ["/d/a"], 1, None)
    assert identify(files, ["/d/a"], 1, None) == (cluster, ids)
    assert meta_properties(files, "/d/a").keys() == {
        "version",
        "cluster.id",
        "node.id",
        "directory.id",
    }


@pytest.mark.parametrize(("node_id", "cluster"), [(2, None), (1, "another")])
def test_that_of_another_is_refused(node_id: int, cluster: str | None):
    files = MemoryFiles()
    files.mkdir("/d/a")
    identify(files, ["/d/a"], 1, "mine")
    with pytest.raises(StoreError):
        identify(files, ["/d/a"], node_id, cluster)
