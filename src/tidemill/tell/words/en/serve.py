"""Words: what the server and its messengers could not do."""

from __future__ import annotations

CODES = {
    "serve.address-unusable": (
        "Nothing can listen on {host}:{port}: {words}.",
        "Name an address of this machine and a free port: `host` and `port` under `serve` in tidemill.toml.",
    ),
    "serve.answer-failed": (
        "The model could not answer; the server goes on.",
        "The server's log has the details under this request's id.",
    ),
    "serve.challenger-failed": (
        "The challenger failed to answer, or had no version loaded to answer with.",
        "The champion answered instead; the log of the challenger's process and the diary say why.",
    ),
    "serve.challenger-refused": (
        "The challenger takes other fields than the champion and refused the request.",
        "The champion answered instead; callers must send what both need before the challenger can be judged.",
    ),
    "serve.challenger-resting": (
        "The challenger failed several times in a row and is not asked for a second.",
        "The champion answers meanwhile; the log of the challenger's process says why it fails.",
    ),
    "serve.challenger-starting": (
        "The challenger's process is still starting.",
        "The champion answers meanwhile; nothing is held against the version.",
    ),
    "serve.challenger-timeout": (
        "The challenger did not answer in time.",
        "The champion answered instead.",
    ),
    "serve.challenger-unreachable": (
        "The challenger's process could not be reached or broke off.",
        "The champion answered instead; the process is started again.",
    ),
    "serve.challenger-unreadable": (
        "The challenger's answer could not be read.",
        "The champion answered instead.",
    ),
    "serve.did-not-start": (
        "The server process for the bundle {bundle} did not start[[: {words}]].",
        "Its last words say why; `tidemill run` again when the cause is gone.",
    ),
    "serve.no-champion": (
        "No version of {model} answers[[: {version} cannot be loaded ({error})]].",
        "`tidemill run {model}` makes lost files anew, and one that is restored from a copy is found within a minute.",
    ),
    "serve.not-kept": (
        "What was sent could not be written down ({reason}), so it was not taken.",
        "Free space on the server's disk, then send it again.",
    ),
    "serve.overloaded": (
        "More than {in_flight} requests are under way.",
        "Try again after a moment, or let more workers run.",
    ),
    "serve.port-in-use": (
        "Something listens on {host}:{port} already.",
        "Stop it, or choose another port: `port` under `serve` in tidemill.toml.",
    ),
    "serve.score-not-finite": (
        "{version} gave {score} for a score.",
        "The version must not stay in traffic: `tidemill rollback`, and look at its training data.",
    ),
    "serve.socket-folder-foreign": (
        "The folder {path} for sockets belongs to another user.",
        "Take it away, or set TMPDIR to a folder of your own.",
    ),
    "serve.notice-failed": (
        "The notice could not be brought to {address}: {words}.",
        "Check the address in `notify`, and that it can be reached from this machine.",
    ),
    "serve.not-ours": (
        "What answers at {url} (status {status}) is no server of Tidemill's.",
        "Check the address, and any proxy before it.",
    ),
    "serve.unreachable": (
        "Nobody answers at {url}: {words}.",
        "Start the server with `tidemill up`, or check the address.",
    ),
}
