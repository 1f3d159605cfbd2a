"""Carries moves of partitions between log directories out: in threads, while all else goes on.

A partition is copied in rounds until little is left. Then its new directory is noted in the
metadata, and the copy takes over in one turn of the loop, which waits for a few syncs.
"""

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from kafkacompat_protocol.errors import ErrorCode, KafkaError
from kafkacompat_storage.moves import Move
from kafkacompat_storage.names import TopicPartition

if TYPE_CHECKING:
    from kafkacompat.broker import Node

log = logging.getLogger("kafkacompat.partitions")

CHECKPOINT_POLL_MS = 5


class ReplicaMoves:
    """The moves of one node. As many are carried out at once as it has log directories."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._turns = asyncio.Semaphore(len(node.store.directories))

    def begin(self, place: TopicPartition, path: str) -> None:
        """Begin to move a partition to a log directory; one that does not exist will begin there.

        Errors: those of `Moves.begin`, and of `Partitions.find`.
        """
        node = self._node
        moves = node.store.moves
        if node.image.partition(*place) is None:
            moves.prefer(place, path)
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        moves.future_folder(place, moves.directory(path))
        move = moves.begin(node.partitions.find(*place).log, path)
        node.upkeep.sweep_soon()
        if move is not None:
            node.spawn(self._carry_out(move))

    def begin_anew(self, place: TopicPartition, path: str) -> None:
        """Begin again what a former process did not finish."""
        try:
            self.begin(place, path)
        except KafkaError as error:
            log.error("Not moving %s-%d to %s any more: %s", *place, path, error)

    async def _carry_out(self, move: Move) -> None:
        place, path = move.place, move.target.path
        async with self._turns:
            try:
                await self._copy(move)
                if not move.is_over:
                    await self._take_over(move)
            except (OSError, KafkaError) as error:
                log.error("Could not move %s-%d to %s: %s", *place, path, error)
                if not move.is_over:
                    self._node.store.moves.give_up(place)
            await self._note_place(place)
            self._node.upkeep.sweep_soon()

    async def _copy(self, move: Move) -> None:
        """Copy in rounds, at least once, until little is left."""
        while move.place in self._node.cleaning.swapping:  # Files are changing their names.
            await self._node.sleep(CHECKPOINT_POLL_MS)
        patience = 0
        pieces = move.plan()
        while not move.is_over:
            await self._node.in_thread(partial(move.copy, pieces))
            if move.is_over:
                return
            move.note(pieces)
            pieces = move.plan()
            if move.is_little(pieces, patience):
                return
            patience += 1

    async def _take_over(self, move: Move) -> None:
        node = self._node
        wanted = {move.place: move.target.directory_id}
        await node.controller.assign_directories(wanted)
        await self._copy(move)
        while node.upkeep.checkpoints_under_way:  # They know files by their paths.
            await node.sleep(CHECKPOINT_POLL_MS)
        if move.is_over or node.is_stopping:
            return
        node.journal.flush_all()
        node.store.moves.finish(move)
        log.info("Moved %s-%d to %s", *move.place, move.target.path)

    async def _note_place(self, place: TopicPartition) -> None:
        """Have the metadata say where a partition is, whatever became of its move."""
        node = self._node
        if place in node.store.moves.under_way or place not in node.store.partitions():
            return
        ids = {path: directory_id for directory_id, path in node.store.directories.items()}
        try:
            await node.controller.assign_directories({place: ids[node.store.log_dir_of(*place)]})
        except KafkaError as error:
            log.error("Could not note where %s-%d is: %s", *place, error)
