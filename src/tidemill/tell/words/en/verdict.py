"""Words: what was decided about a version, with the numbers it was decided on."""

from __future__ import annotations

CODES = {
    # The gate
    "verdict.passed": ("{version} passed its gate[[: all {checks} checks hold]][[: {check} holds]].", ""),
    "verdict.ungated": (
        "{version} passed: its model declares no gates.",
        "Say what a version must keep before it answers: `gates=` of the model.",
    ),
    "verdict.undecided": (
        "{version} is not decided: {check}[[ stands at {value:.4g}]][[ ({low:.4g} to {high:.4g})]][[ on {n:,} outcomes]][[; about {needed:,} are needed]].",
        "Nothing: it answers in shadow until more is known, or until its deadline.",
    ),
    "verdict.refused": (
        "{version} refused: {check} does not hold[[, {value:.4g}]][[ ({low:.4g} to {high:.4g})]][[ in {slice}]][[ on {n:,} outcomes]][[; {more} more failed]].",
        "The champion keeps answering. `tidemill why {version}` shows every check.",
    ),
    # The way into traffic
    "verdict.first": ("{version} is champion: nobody answered before it.", ""),
    "verdict.shadow": (
        "{version} answers in shadow, to nobody[[, until {deadline_us:time} at the latest]].",
        "",
    ),
    "verdict.step-up": (
        "{version} answers {share:.0%} of the traffic[[, after {before:.0%}]][[: {check} holds on {n:,} answers]].",
        "",
    ),
    "verdict.promoted": (
        "{version} is champion[[ in place of {before}]][[: {check} holds, {value:.4g}]][[ ({low:.4g} to {high:.4g})]][[ on {n:,} answers]].",
        "",
    ),
    "verdict.promoted-fresher": (
        "{version} is champion[[ in place of {before}]]: still undecided after {days:g} days, and then the fresher version was to be taken.",
        "",
    ),
    "verdict.promoted-by": ('{version} is champion[[ in place of {before}]] by {who}: "{reason}".', ""),
    "verdict.kept": (
        "{version} leaves traffic: still undecided after {days:g} days[[; {champion} stays]].",
        "Give it more traffic or time: shares and `deadline=` of `canary`.",
    ),
    "verdict.rolled-back": (
        "{version} taken out of traffic: {check} does not hold[[, {value:.4g}]][[ ({low:.4g} to {high:.4g})]][[ on {n:,} answers]].",
        "The champion answers all. `tidemill why {version}` shows where it came from.",
    ),
    "verdict.taken-back": (
        "{version} taken back, {before} answers again: {check} does not hold[[, {value:.4g}]][[ ({low:.4g} to {high:.4g})]], and {before} is not worse on the same answers.",
        "`tidemill promote {version}` undoes it.",
    ),
    "verdict.rolled-back-by": (
        '{version} taken out of traffic[[, {before} answers again]], by {who}: "{reason}".',
        "`tidemill promote {version}` undoes it.",
    ),
    "verdict.retrain": (
        "{version} misses {check}[[: {value:.4g}]][[ ({low:.4g} to {high:.4g})]][[ on {n:,} answers]], and no version before it is shown to be better: a new one is trained.",
        "",
    ),
    "verdict.not-let-in": (
        "{version} was not let into traffic: it does not answer as it did when it was packed ({error}).",
        "Run the model again; the error's page says what may be broken.",
    ),
    # Why nothing moves
    "verdict.hold": (
        "{version} stays at {share:.0%}: nothing speaks for harm; {shown} of {demands} demands are shown[[, open is {check}]].",
        "",
    ),
    "verdict.hold-no-data": (
        "{version} stays at {share:.0%}: nothing is known yet[[ of {check}]]; no data is not a success.",
        "",
    ),
    "verdict.hold-time": ("{version} stays at {share:.0%} until its time there is over.", ""),
    "verdict.trigger-waits": ("A run for {trigger} waits: {challenger} is still on its way.", ""),
    "verdict.would-retrain": ("A run would be started for {trigger}.", ""),
    "verdict.storm": (
        "Retraining stopped: the last {runs} runs in a row ended {state}.",
        "Look at `tidemill runs`; a run by hand that passes, or `tidemill resume`, lets it go on.",
    ),
    # Why a check came out as it did
    "verdict.worst-slice": ("{said} Worst in slice {slice}.", ""),
    "verdict.shown": ("The whole interval keeps the bound.", ""),
    "verdict.shown-better": ("It is shown to be better.", ""),
    "verdict.not-shown": ("The bound lies within the interval.[[ About {needed:,} rows would decide.]]", ""),
    "verdict.worse": ("It is worse than the champion on the same rows.", ""),
    "verdict.beyond-bound": ("The whole interval lies beyond the bound.", ""),
    "verdict.no-champion": ("Nobody answers yet, so there is nothing to compare with.", ""),
    "verdict.too-few": ("Too few rows to tell.[[ About {needed:,} would decide.]]", ""),
    "verdict.too-few-known": ("Too few outcomes are known to hold some back for a test.", ""),
    "verdict.nothing-mature": ("Not one outcome is known yet.", ""),
    "verdict.not-measured": ("It could not be measured here.", ""),
    "verdict.did-not-start": ("The server did not start with it[[: {words}]].", ""),
    "verdict.drift-is-monitored": ("Drift is told by what comes in service: declare it as a monitor.", ""),
    "verdict.empty": ("There are no rows to tell by.", ""),
    "verdict.one-class": ("All outcomes are of one kind.", ""),
    "verdict.no-positive": ("There is no positive outcome.", ""),
    "verdict.none-chosen": ("The decision is taken for no row.", ""),
    "verdict.no-groups": ("There are no groups to rank within.", ""),
    "verdict.outcome-missing": ("An outcome is missing.", ""),
    "verdict.outcome-not-yes-no": ("An outcome is neither yes nor no.", ""),
    "verdict.outcome-negative": ("An outcome is below 0.", ""),
    "verdict.outcome-constant": ("All outcomes are the same.", ""),
    "verdict.outcome-zero": ("An outcome is 0, and the metric divides by it.", ""),
    "verdict.prediction-not-finite": ("A prediction is no finite number.", ""),
    "verdict.prediction-not-a-probability": ("A prediction is no probability.", ""),
    "verdict.prediction-constant": ("All predictions are the same.", ""),
}
