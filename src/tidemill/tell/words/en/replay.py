"""Words: what a replay of the loop over past data shows."""

from __future__ import annotations

CODES = {
    # The verdict
    "replay.won": (
        "The loop would have won: {metric} {own} with it, {static} with the first version left alone, better by {by} ({low} to {high}).",
        "",
    ),
    "replay.lost": (
        "The loop would have lost: {metric} {own} with it, {static} with the first version left alone, worse by {by} ({low} to {high}).",
        "",
    ),
    "replay.not-shown": (
        "No gain of the loop is shown: {metric} {own} with it, {static} with the first version left alone; better by {by}, which may be chance ({low} to {high}).",
        "",
    ),
    "replay.not-shown-worse": (
        "No gain of the loop is shown: {metric} {own} with it, {static} with the first version left alone; worse by {by}, which may be chance ({low} to {high}).",
        "",
    ),
    "replay.too-short": (
        "{metric} {own} with the loop, {static} with the first version left alone; {periods} are too few to say how sure that is.",
        "Replay a longer time (`--from`), or by shorter periods (`--period`).",
    ),
    "replay.kept-first": (
        "The loop kept its first version: of {later:,} after it none was let in, {refused:,} refused, {undecided:,} undecided[[, {untested:,} not tested]][[, {failed:,} not trained]].",
        "",
    ),
    "replay.never-again": ("Nothing was retrained: no trigger went off after the first version.", ""),
    "replay.none-let-in": (
        "The gates let none of {turns:,} versions answer: {refused:,} refused, {undecided:,} undecided[[, {untested:,} not tested]][[, {failed:,} not trained]].",
        "",
    ),
    "replay.nothing-tested": (
        "No version could be tested in this time, so the loop let none of {turns:,} answer.[[ {reason}]]",
        "",
    ),
    "replay.nothing-trained": ("No version could be trained in this time.[[ {reason}]]", ""),
    "replay.nothing-known": (
        "Nothing can be compared: of what was asked in this time too few outcomes are known by the end of the data.",
        "Replay an earlier time: `--from`, `--to`.",
    ),
    "replay.too-late": (
        "The gates let the first version in on {day}, and of what it answered no outcome is known by the end of the data.",
        "",
    ),
    "replay.several": (
        "The loop would have won for {won:,} of {models:,} models; each one's verdict stands below.",
        "",
    ),
    # Beside it
    "replay.if-at-once": ("Hypothetical, as if every outcome were known when asked.", ""),
    "replay.hypothetical": (
        "Every outcome was taken as known the moment it was asked for. In truth it comes later, and no loop could have learnt from it so early.",
        "The honest replay is the one without `--labels at-once`.",
    ),
    "replay.compared-on": (
        "Means by {period}, weighted by rows, over the {n:,} answers in {periods} that both gave.",
        "",
    ),
    "replay.ungated-better": (
        "Had every version been let in whatever its gates said: {metric} {own} against {static}, better by {by}[[ ({low} to {high})]].",
        "",
    ),
    "replay.ungated-worse": (
        "Had every version been let in whatever its gates said: {metric} {own} against {static}, worse by {by}[[ ({low} to {high})]].",
        "",
    ),
    "replay.stood-in-the-way": (
        "{check} stood in the way of {count:,} of {turns:,} versions; {broken:,} broke it[[, the best at {value}]], for {open:,} it could not be told.",
        "",
    ),
    "replay.not-tested": ("{count:,} of {turns:,} versions could not be tested: {reason}", ""),
    "replay.not-trained": ("{count:,} of {turns:,} times no version could be trained: {reason}", ""),
    "replay.answered-part": (
        "The gates let the first version in on {day}: the loop answered {n:,} of {of:,} asks.",
        "",
    ),
    "replay.rate-tracked": (
        "Over all rows {metric} mostly tells how the rate changes: with no model, only the rate of the last 1,000 known outcomes, it is {pooled}, but {inside} by {period}.",
        "Read the figures by {period} and inside blocks.",
    ),
    "replay.different-rows": (
        "Not all answered the same rows, so figures of two lines may not be compared; “better than static” is on rows that both answered.",
        "",
    ),
    "replay.key": (
        "Each outcome counts where it was asked for. Hollow: fewer than {few} answers, not enough data. Shaded: the loop's interval. Dashed upright: a new champion.",
        "",
    ),
    "replay.untouched": ("What answers now was not touched, and no version of a replay is kept.", ""),
    "replay.truncated": (
        "{moments:,} of the moments asked lie so early that windows reach back before the first row they look at: there they hold less than declared ({views}).",
        "",
    ),
    "replay.serving-gates": (
        "Gates that only a running server can tell (latency, memory, errors) are not replayed: no server ran then.",
        "",
    ),
    # What set off a turn
    "replay.set-off-first": ("the replay begins", ""),
    "replay.set-off-schedule": ("schedule {cron}", ""),
    "replay.set-off-rows": ("{rows:,} new rows of {of}", ""),
    "replay.set-off-check": ("{check} missed[[: {value}]][[ on {rows:,} answers]]", ""),
    "replay.set-off-drift": ("{column} drifted[[: {value}, bound {bound}]]", ""),
}
