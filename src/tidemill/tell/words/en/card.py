"""Words: what a training set's card assumes, for whoever reads its figures."""

from __future__ import annotations

CODES = {
    "card.truncated-windows": (
        "{asks:,} of {of:,} asks are so early that a window of {window_days:g} days reaches back before the first row.",
        "There the window is shorter than it says. Extract more history, or ask later.",
    ),
    "card.places-cut": (
        "{rows:,} of {of:,} values of {column} have more than {scale} decimal places: what is summed of them is rounded.",
        "If these places count, say how many: `scale=` of the window, up to 18.",
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
    "card.same-rows": (
        "{rows:,} of {of:,} test rows ({share:.1%}) look to the model just like one that it was trained on.",
        "If they are copies, drop them at the source; few coarse features look alike by chance.",
    ),
    "card.same-entities": (
        "{rows:,} of {of:,} test rows ({share:.1%}) are of somebody who was trained on.",
        "The figures hold for those who are known; for new ones split by group.",
    ),
    "card.immature": (
        "{asks:,} of {of:,} asks ({share:.1%}) are left out: their outcome is not known yet.",
        "They come in when they are mature; a sooner outcome would let the model learn from newer asks.",
    ),
    "card.nobody-there": (
        "{asks:,} of {of:,} asks find no row in {source}, which keeps only its last state.",
        "Who was deleted before the first extraction is missing there: the figures hold for those who stayed.",
    ),
    "card.labels-at-once": (
        "Hypothetical: every outcome was taken as known when it was asked.",
        "Take the figures as a what-if; leave `--labels` out for honest ones.",
    ),
}
