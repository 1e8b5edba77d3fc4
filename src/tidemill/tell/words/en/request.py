"""Words: what a caller of the server did that cannot be answered."""

from __future__ import annotations

CODES = {
    "request.before-records": (
        "{at} is {given_us:time}: nothing is recorded from before {earliest_us:time}.",
        "Send the time at which it happened; such a time is mostly what a program writes where it knows none.",
    ),
    "request.body-cut": (
        "The connection ended before the whole body had come.",
        "Send the request again.",
    ),
    "request.body-too-large": (
        "The body is larger than {most} bytes.",
        "Send fewer instances or rows at once.",
    ),
    "request.body-too-slow": (
        "The body had not come within {seconds} seconds.",
        "Send the request again, in one go.",
    ),
    "request.field-null": (
        "{at} has null in {fields}, which must be known: it is what a row is found by.",
        "Send a value there; null stands for a value that is not known, in every other field.",
    ),
    "request.field-missing": (
        "{at} lacks {missing}.",
        "Send every field that `GET /` lists as needed; null stands for a value that is not known.",
    ),
    "request.field-reserved": (
        "{at} has {fields}: names that begin with an underscore are kept for what the platform adds.",
        "Send it under another name, or leave it out.",
    ),
    "request.field-type": (
        "{at} must be {expected}, not {got}.",
        "`GET /` lists the fields of each model, and of each source that a model knows, with their types.",
    ),
    "request.in-the-future": (
        "{at} lies in the future: {given_us:time}, and now it is {now_us:time}.",
        "Check the sender's clock, and that times without an offset are meant on the system's clock.",
    ),
    "request.instances-missing": (
        "There are no instances.",
        'Send {{"instances": [{{...}}, ...]}} with at least one.',
    ),
    "request.list-missing": (
        "There is no list {name} with at least one element.",
        'Send {{"{name}": [{{...}}, ...]}}.',
    ),
    "request.method-not-allowed": (
        "{method} is not how this path is asked.",
        "Use {allowed}.",
    ),
    "request.model-unknown": (
        "No model {model} is served here.[[ Did you mean {nearest}?]]",
        "`GET /` lists the models.",
    ),
    "request.not-an-object": (
        "The body is JSON, but no object.",
        "`GET /` says what is served and how it is asked.",
    ),
    "request.not-json": (
        "The body is not JSON: {words}.",
        "Send one JSON object in UTF-8.",
    ),
    "request.not-ranked": (
        "The model {model} is not asked about candidates, so it has nothing to rank.",
        "Ask `POST /predict/{model}`.",
    ),
    "request.path-unknown": (
        "There is nothing at {path}.",
        "`GET /` lists the models and their endpoints.",
    ),
    "request.source-unknown": (
        "No source {source} is known here.[[ Did you mean {nearest}?]]",
        "Rows can be pushed to sources that a served model looks up or that have landed before.",
    ),
    "request.too-many-instances": (
        "{given} instances are more than {most}.",
        "Send them in several requests.",
    ),
}
