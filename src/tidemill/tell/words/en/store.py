"""Words: what could not be kept, or not be read back."""

from __future__ import annotations

CODES = {
    "store.disk-full": (
        "The disk is full: {path} could not be written ({reason}). What was kept before is untouched.",
        "Free space on that disk, or raise the limit on file sizes, and do the same again.",
    ),
    "store.not-writable": (
        "{path} may not be written: {reason}.",
        "Give the user that runs Tidemill the right to write there, or name another folder in TIDEMILL_HOME.",
    ),
    "store.io-failed": (
        "The operating system could not read or write {path}: {reason}.",
        "Look at the disk's health and at the system's log; nothing half-written is ever read.",
    ),
    "store.blob-missing": (
        "There is no blob {digest} in {folder}.",
        "Restore the folder from a copy, or run again: what can be made anew is made anew.",
    ),
    "store.blob-corrupt": (
        "The file {path} no longer holds the bytes that it is named for (SHA-256 {digest}).",
        "Take the file away and restore it from a copy, or run again: it is written anew when its bytes are.",
    ),
    "store.data-file-missing": (
        "The data file {path} is gone although a dataset version holds it.",
        "Restore the file from a copy; its name is the SHA-256 of what it must hold.",
    ),
    "store.data-file-corrupt": (
        "The data file {path} no longer holds the rows that it is named for.",
        "Restore the file from a copy; its name is the SHA-256 of what it must hold.",
    ),
    "store.version-missing": (
        "There is no version {number} of the dataset {dataset}, or no longer.",
        "`tidemill datasets {dataset}` lists those that there are.",
    ),
    "store.version-newest": (
        "Version {number} is the newest of the dataset {dataset}, which is read on from; it cannot be removed.",
        "Name older versions.",
    ),
    "store.version-taken": (
        "Version {number} of the dataset {dataset} was committed by another process first.",
        "Nothing is lost: the next run reads on from that version.",
    ),
    "store.manifest-corrupt": (
        "The manifest {path} is not what was written ({reason}).",
        "`tidemill run` writes it again from the ledger. Where the ledger lacks it, restore it from a copy, or take the newest manifest away: its rows are then extracted again.",
    ),
    "store.naive-time": (
        "Column {column} of {where} holds times without a zone, which a dataset does not keep.",
        "Read them in the system's zone before they are landed: `tm.System(..., zone=...)`.",
    ),
    "store.column-missing": (
        "No file of the dataset has a column {column}; there are: {has}.",
        "Ask for one of these, or extract the source again after the column was added.",
    ),
    "store.types-clash": (
        "Files of one dataset disagree about a column: {reason}",
        "A column may widen (whole numbers to decimals), not change its kind: cast it in a query of the source.",
    ),
    "store.fact-conflict": (
        "The ledger already has the {kind} {key}, with another content; what happened is not rewritten.",
        "This is a mistake in Tidemill or a copied ledger: `tidemill why` shows the parts of both.",
    ),
    "store.lease-lost": (
        "{owner} no longer holds {name} (its fence was {fence}): it was silent for too long and another took over.",
        "Nothing was written twice; `tidemill status` shows who goes on.",
    ),
    "store.ledger-corrupt": (
        "The ledger {path} is damaged: {reason}.",
        "Take it away, with the files -wal and -shm of its name, and put back your newest copy. Dataset versions and models lie beside it and are found again.",
    ),
    "store.schema-newer": (
        "The ledger {path} has schema {found}; this Tidemill knows schemas up to {known}.",
        "Run the newer Tidemill that wrote it, or put back the copy it made before migrating.",
    ),
    "store.segment-newer": (
        "The journal's segment {path} was written by a newer Tidemill.",
        "Read it with that version.",
    ),
    "store.online-full": (
        "The online store {path} has used up its {map_bytes} bytes of address space.",
        "Stop the server and the loop, and open the store with a larger map.",
    ),
    "store.online-corrupt": (
        "The online store {path} is damaged: {reason}.",
        "Stop the server and the loop and remove the folder: it is filled again from the datasets.",
    ),
    "store.online-other-version": (
        "The online store was filled by another version of Tidemill: it has records {found}, this one reads {known}.",
        "Start the loop of this version (`tidemill up`): it fills what it reads beside what is there. Until then run the version that filled it.",
    ),
    "store.online-differs": (
        "A sample of the records that were made anew for {view} is not what training sees: {feature} of {entity} is {online} there and {offline} in the datasets. Nobody reads these records.",
        "This is a mistake in Tidemill: report it. Answers go on with what they read before.",
    ),
    "store.online-unreachable": (
        "The online store {url} does not answer: {reason}.",
        "Start it, or correct `online` in tidemill.toml. Nothing is lost: what is not there any more is filled again from the datasets.",
    ),
    "store.online-forbidden": (
        "The online store {url} does not let us in: {reason}.",
        "Give the user and password in `online` of tidemill.toml (`redis://user:${{PASSWORD}}@host`); the loop needs the right to write all keys that begin with the prefix, servers to read them.",
    ),
    "store.online-out-of-memory": (
        "The online store {url} has used up the memory it may have: {reason}.",
        "Raise `maxmemory` of that server, or drop features that nobody uses. What was there before is still answered with.",
    ),
    "store.online-replica": (
        "The online store {url} is a copy that cannot be written: {reason}.",
        "Name its primary in `online` of tidemill.toml.",
    ),
    "store.online-failed": (
        "The online store {url} refuses: {reason}.",
        "Look at the server's log. A prefix of one's own (`?prefix=name`) keeps other programs' keys apart.",
    ),
    "store.driver-missing": (
        "The driver for {url} is not installed: {reason}.",
        "Install it: `pip install 'tidemill[{extra}]'`.",
    ),
    "store.record-corrupt": (
        "A record of the online store cannot be read: {reason}.",
        "Stop the server and the loop and remove the online folder: it is filled again from the datasets.",
    ),
}
