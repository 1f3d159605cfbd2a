"""Whose a log directory is: its meta.properties."""

from collections.abc import Sequence

from . import names
from .checkpoint import decode_properties, encode_properties, replace_file
from .directory_ids import decode_id, new_id
from .files import Files


class StoreError(Exception):
    """A log directory is not ours to use."""


def meta_properties(files: Files, log_dir: str) -> dict[str, str]:
    """Return what a directory's meta.properties says; empty if there is none."""
    return decode_properties(files.read_file(f"{log_dir}/{names.META_PROPERTIES}"))


def identify(
    files: Files, log_dirs: Sequence[str], node_id: int, cluster_id: str | None
) -> tuple[str, dict[str, bytes]]:
    """Check whose the directories are, name the new ones; return (cluster, ids by path)."""
    found = {log_dir: meta_properties(files, log_dir) for log_dir in log_dirs}
    known = {p["cluster.id"] for p in found.values() if "cluster.id" in p}
    known |= {cluster_id} if cluster_id else set()
    if len(known) > 1:
        raise StoreError(f"directories of several clusters: {', '.join(sorted(known))}")
    cluster = known.pop() if known else new_id()
    for log_dir, properties in found.items():
        owner = properties.get("node.id", properties.get("broker.id", str(node_id)))
        if owner != str(node_id):
            raise StoreError(f"{log_dir} belongs to node {owner}, this is node {node_id}")
        wanted = {
            "version": "1",
            "cluster.id": cluster,
            "node.id": str(node_id),
            "directory.id": new_id(),
        } | properties
        if wanted != properties:
            content = encode_properties(wanted)
            replace_file(files, f"{log_dir}/{names.META_PROPERTIES}", content)
            found[log_dir] = wanted
    ids = {}
    for log_dir, properties in found.items():
        directory_id = decode_id(properties["directory.id"])
        if directory_id is None:
            raise StoreError(f"{log_dir}: directory.id is no id")
        ids[log_dir] = directory_id
    return cluster, ids
