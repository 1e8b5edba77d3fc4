"""Words: what happened, as the diary tells it."""

from __future__ import annotations

CODES = {
    "event.manifest-restored": (
        "The manifest of {version} was lost or damaged and is written again as the ledger has it.",
        "Look at the disk's health: nothing of Tidemill's damages a manifest.",
    ),
    "event.champion-lost": (
        "{version} answers, but its files are lost ({error}): new versions are not compared with it.",
        "Restore its blobs from a copy, or promote a new version: a server that is started anew cannot load this one.",
    ),
    "event.bundle-refused": (
        "{version} could not be loaded to answer ({error})[[; {answers} goes on in its place]].",
        "Look at the error's page; what may be over by itself is tried again. `tidemill rollback` takes the version out of the policy.",
    ),
    "event.bundle-loaded": ("{version} could be loaded after all, and answers.", ""),
    "event.process-ended": ("The process {name} ended with status {status}; it is started again.", ""),
    "event.serving": ("Serving on {url}.", ""),
    "event.stopped": ("Stopped.", ""),
    # Runs
    "event.run-begun": ("A run of {model} began: {cause}.", ""),
    "event.run-resumed": ("The run of {model} goes on where it was interrupted.", ""),
    "event.run-interrupted": ("The run of {model} was interrupted: its process is gone.", ""),
    "event.run-failed": (
        "The run of {model} failed[[ at {stage}]][[ of {subject}]]: {code}.[[ `{rule}` of {dataset} is {value}, promised is `{bound}`.]]",
        "`tidemill runs` says it in words; the champion keeps answering.",
    ),
    "event.stage-done": ("{stage} of {subject} took {took_ms:,} ms.", ""),
    "event.stage-reused": ("{stage} of {subject} was done before.", ""),
    "event.nothing-new": ("Nothing new: these rows and this code give {version}, which there is already.", ""),
    "event.triggered": (
        "Retraining of {model} is due: {trigger}[[; {rows:,} came since {since}, asked for were {bound:,}]][[; {version} shows {value:.4g}]].",
        "",
    ),
    "event.extracted": ("{version}: {rows:,} new rows[[, {put_aside:,} put aside so far]].", ""),
    # Persons and advice
    "event.advised": (
        "Advice only: {decision} for {version}.",
        'Do it by hand (`tidemill run`, `promote`, `rollback`), or set automation = "act".',
    ),
    "event.paused": ('{who} paused {model}: "{reason}". Harm still rolls back.', ""),
    "event.resumed": ('{who} lets {model} go on: "{reason}".', ""),
    "event.pruned": (
        "{who} took old data away: {versions:,} dataset versions and {files:,} files of {bytes:,} bytes.",
        "",
    ),
    "event.features-verified": (
        "Of {predictions:,} answers {features:,} features were computed anew from landed rows: {differences:,} differ[[; {forgotten:,} answers looked further back than is remembered]][[; in {overflown:,} answers a sum did not fit]].",
        "",
    ),
    # Alerts
    "event.alert": ("Alert[[ for {model}]]: {what}[[, {check}]].", ""),
    "event.resolved": (
        "Over[[ for {model}]][[: {check} holds again]][[: the step `{step}` works again]][[: {run} was the last of them]][[: {answers} does not stand in for {version} any more]].",
        "",
    ),
    "event.check-failed": (
        "{version} misses {check}[[: {value:.4g}]][[ ({low:.4g} to {high:.4g})]][[ on {n:,} answers]][[, most in column {column}]][[, in slice {slice}]].",
        "`tidemill status` shows the numbers as they go on.",
    ),
    "event.features-differ": (
        "{differences:,} values of {predictions:,} answers are not what landed rows give: {feature} of {prediction} was {logged}, and should be {recomputed}.",
        "`tidemill features verify` names them all. Until it is known why, do not trust what was learnt from these answers.",
    ),
    "event.put-aside": (
        "{rows:,} of {of:,} new rows of {dataset} were put aside ({share:.0%}); its contract allows {bound:.1%}.",
        "`tidemill explore {dataset}` names the promises that they break, with rows; corrected ones land at the next extraction.",
    ),
    "event.step-failed": (
        "A step of the loop fails, {step}: {words}.",
        "[[{way} ]]The log has the details; it is tried again in every turn.",
    ),
    "event.notice-given-up": (
        "A message about {what} could not be brought to {address} in {tries} tries: {error}.",
        "Check the address in `notify`; what it said stands in `tidemill alerts`.",
    ),
}
