"""Words: what a training set's card assumes, for whoever reads its figures."""

from __future__ import annotations

CODES = {
    "card.truncated-windows": (
        "{asks:,} of {of:,} asks are so early that a window of {window_days:g} days reaches back before the first row.",
        "There the window is shorter than it says. Extract more history, or ask later.",
    ),
    "card.assumed-since": (
        "The table keeps only its last state: rows are taken to have been as they are now since {since}.",
        "If values change, keep their history: a row for each state, with its time.",
    ),
    "card.known-as-happened": (
        "Rows are taken to have been known when they happened.",
        "If they come later, say so: `known=` of the source.",
    ),
    "card.empty-feature": (
        "It is empty in every row that is learnt from.",
        "Correct its expression or its key, or leave it out.",
    ),
    "card.labels-at-once": (
        "Hypothetical: every outcome was taken as known when it was asked.",
        "Take the figures as a what-if; leave `--labels` out for honest ones.",
    ),
}
