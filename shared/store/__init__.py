"""The database of a service. Only this package knows the driver, which is motor: see docs/decisions/0004."""

from shared.cursor import Page
from shared.store.database import Database, Documents
from shared.store.entries import Entries, Tail
from shared.store.guards import Guard, Guards
from shared.store.index import Index, under
from shared.store.kept import key_digest
from shared.store.races import decide, retry_lost_races
from shared.store.records import Record, Records, decide_record
from shared.store.versions import Version, Versions

__all__ = [
    "Database", "Documents", "Entries", "Guard", "Guards", "Index", "Page", "Record", "Records", "Tail", "Version",
    "Versions", "decide", "decide_record", "key_digest", "retry_lost_races", "under",
]  # fmt: skip
