"""Every configuration key that the broker knows, one row each, in modules by subject.

The rest of the broker reads rows from here: `config.get(keys.SEGMENT_BYTES)`.
"""

from kafkacompat.config.keys import (  # noqa: F401  (each fills the table of rows)
    assignment_intervals,
    dynamic,
    streams,
    topic_defaults,
)
from kafkacompat.config.keys.accepted import *  # noqa: F403
from kafkacompat.config.keys.cleaner import *  # noqa: F403
from kafkacompat.config.keys.client_metrics import *  # noqa: F403
from kafkacompat.config.keys.consumer import *  # noqa: F403
from kafkacompat.config.keys.groups import *  # noqa: F403
from kafkacompat.config.keys.network import *  # noqa: F403
from kafkacompat.config.keys.share import *  # noqa: F403
from kafkacompat.config.keys.storage import *  # noqa: F403
from kafkacompat.config.keys.topics import *  # noqa: F403
from kafkacompat.config.keys.transactions import *  # noqa: F403

topic_defaults.enter()
