"""Words: what exploration found, each with what to do about it."""

from __future__ import annotations

CODES = {
    "finding.leak-suspect": (
        "{column} knows too much about {label}: alone, inside {blocks} stretches of time, it orders the outcomes with {measure} {strength:.3f}. Honest columns stay below {bound}.[[ {models} reads it.]]",
        "Find out when {column} gets its value. If that is after the moment of prediction, leave it out of the request: a model that reads it shines here and fails in service.",
    ),
    "finding.leak-is-outcome": (
        "{column} is {label} under another name: alone it tells every outcome ({measure} {strength:.3f} over {rows:,} rows).[[ {models} reads it.]]",
        "Leave {column} out of the request. It is known only when the outcome is.",
    ),
    "finding.near-decision": (
        "{column} nearly decides {label}: where it is {value}[[, from {since}]][[ to {until}]], {label} is {outcome} in all {rows:,} rows[[ but {others:,}]]; by the rates of their time it would be otherwise in about {expected:,.0f}.[[ So it is with {more:,} more of its values.]][[ {models} reads it.]]",
        "Find out when {column} gets that value. If it is set with the outcome or after it, leave it out of the request; if a rule decides these cases, ask only about the others.",
    ),
    "finding.several-leaks": (
        "{count} columns know too much about {label}: {columns}.",
        "Find out when each of them gets its value, and leave out of the request what is not known at the moment of prediction.",
    ),
    "finding.looks-ahead": (
        "The query of {dataset} looks ahead: with its input ended at {at}, {rows:,} of the {of:,} rows before that[[ ({share:.2%})]] hold something else in {columns}. Of {example}, {column} is {now} with what comes later and {then} without.",
        "Take out what reads later rows: `lead`, a total over all rows, a join with what comes after. If the row is known only later, say when in `known`. A model that learns from it shines here and fails in service.",
    ),
    "finding.rows-from-ahead": (
        "The query of {dataset} looks ahead: with its input ended at {at}, {rows:,} of the {of:,} rows before that[[ ({share:.2%})]] are not there, such as {example}. What comes later decides whether they are.",
        "Keep rows by what is known at their {time}, or say in `known` when each could be known. A model that learns from such rows shines here and fails in service.",
    ),
    "finding.not-repeatable": (
        "In {dataset}, chance or the place of a row among equals decides {columns}: with other rows beside them they come out otherwise.",
        "Order windows by columns that no two rows share, name the key by columns of the input, and take no `random()` or `now()`.",
    ),
    "finding.not-tried": (
        "Whether the query of {dataset} looks ahead was not tried[[ over {tables}: which of their rows come before a moment cannot be told]][[: {reason}]].",
        "Let {time} come out as it is in the input, or begin with `select *`.",
    ),
    "finding.never-again": (
        "{column} names its time: {share:.0%} of the newest rows say a word that no older row says.",
        "Leave it out: what is learnt of such words is never needed again.",
    ),
    "finding.not-a-feature": (
        "{column} is of type {type}, which is no amount and no word.",
        "Make an amount or a word of it in the request, such as `weekday({column:name})`.",
    ),
    "finding.outcome-column": (
        "{column} is what {label} is made of: it is known only with the outcome.",
        "Nothing to do: what an outcome is made of cannot be put into a request.",
    ),
    "finding.contract-broken": (
        "{dataset} breaks its contract: `{rule}` is {value}, promised is `{bound}`[[; {rows:,} of {of:,} new rows]][[, such as {examples}]].",
        "Repair it at the source: corrected rows heal it. If the world is another now, say so in {file}; `tidemill contract {dataset} --diff` shows what the newest rows would promise.",
    ),
    "finding.put-aside": (
        "{rows:,} of {of:,} rows break the promise `{reason}` and were put aside; nothing learns from them.",
        "Look at these rows. If they are right, widen the promise; if not, repair them at the source: corrected rows land at the next extraction.",
    ),
    "finding.put-aside-rose": (
        "{share:.1%} of the new rows were put aside; before it was {was:.1%}. That is {rows:,} rows.",
        "Something changed at the source. Look at the rows that were put aside before training on the others.",
    ),
    "finding.outliers": (
        "{column} has values far from all others ({rows:,} in all), such as {worst}[[ and {other}]]; 98 of 100 lie between {low} and {high}.[[ The largest is {ratio:.0f} times as large as nearly all others: it rules every sum and mean.]]",
        "Look at these rows. If they cannot be true, say so in `expect`, or clip them where they are used: `{mend}`.",
    ),
    "finding.pile": (
        "{column} says exactly {value}, its {end} value, in {rows:,} rows, far from the rest; each value beside it comes in about {beside:.0f}.",
        "Mostly this is a code for 'not known', a sensor at its limit, or a cap. If it is no real amount: `{mend}`.",
    ),
    "finding.sentinel": (
        "{column} says exactly {value} in {rows:,} rows ({share:.2%}), apart from all others: they lie between {low} and {high}.",
        "Mostly this is a code for 'not known'. If it is no real amount: `{mend}`.",
    ),
    "finding.repeated-rows": (
        "{rows:,} rows ({share:.2%}) repeat an earlier one in every column; one comes {most} times.",
        "With a key that covers the columns they count once. Without one, each counts.",
    ),
    "finding.repeated-keys": (
        "{rows:,} rows ({share:.2%}) have the key of an earlier row, but other values; the key is {key}.",
        "Of one key and time the row that landed last counts. If these are different things, the key lacks a column.",
    ),
    "finding.clock-backwards": (
        "The clock of {column} ran backwards {steps:,} times, in {entities:,} of {entity}; the widest step is {largest_us:length}.",
        "Windows and lags follow {column}, so these rows change places. If the order of landing is right, repair the clock at the source.",
    ),
    "finding.from-the-future": (
        "{rows:,} rows say a {column} later than now; the latest is {latest}.",
        "They are seen by nobody until then. A clock may run ahead, or the column says what is planned: then another one says when it happened.",
    ),
    "finding.gap": (
        "Not one row for {length_us:length}: from {since} to {until}.",
        "Windows that reach into this time find nothing. If rows are missing, extract them before training.",
    ),
    "finding.no-rows": (
        "There are no rows.",
        "Check where the source points and what it selects.",
    ),
    "finding.empty-column": (
        "{column} is empty in all {rows:,} rows.",
        "Leave it out, or find out why the source does not fill it.",
    ),
    "finding.many-nulls": (
        "{column} is missing in {share:.1%} of the rows ({nulls:,}).",
        "Find out whether missing means something. A model is told that it is missing; a look-up by a missing key finds nothing.",
    ),
    "finding.infinite": (
        "{column} is infinite in {rows:,} rows.",
        "Divide by `nullif(x, 0)` where it is made; infinite values spoil every mean.",
    ),
    "finding.constant": (
        "{column} says {value} in every row: there is nothing to learn from it.",
        "Leave it out until it says something else.",
    ),
    "finding.mostly-one-value": (
        "{column} says {value} in {share:.1%} of the rows; {others:,} rows say something else.",
        "It tells a model little; look at the few others.",
    ),
    "finding.id-like": (
        "{column} is different in each of {rows:,} rows, as a number or a name of the row is.[[ {models} reads it.]]",
        "Leave it out of the request: what is never seen again cannot be learnt.",
    ),
    "finding.nearly-id": (
        "{column} is another one in nearly every row ({distinct:,} different values in {rows:,} rows), as a name of the row is.[[ {models} reads it.]]",
        "Leave it out of the request: what is hardly ever seen again cannot be learnt. To find what happened for each before, make it an entity.",
    ),
    "finding.another-clock": (
        "{column} {says} with every row as {time} goes on (rank correlation {correlation:.4f}): it is another clock.[[ {models} reads it.]]",
        "Leave it out of the request: each new row lies beyond all that a model has learnt. As an order of the rows it will do: `time`.",
    ),
    "finding.time-as-number": (
        "{column} holds moments as numbers ({unit}), from {since} to {until}.[[ {models} reads it.]]",
        "To a model they are amounts that only grow. Make a time of them in a query of the source, and take from it what comes again: the month, the weekday, the time since.",
    ),
    "finding.words-for-nothing": (
        "{column} says {words} in {rows:,} rows ({share:.1%}): a word where nothing is known.",
        "To a model it is a word like any other. To treat it as missing: `{mend}`.",
    ),
    "finding.spellings": (
        "{words:,} words of {column} come in several spellings, in {rows:,} rows: {examples}.",
        "To a model each spelling is a word of its own.[[ To join them: `{mend}`.]][[ To join {joined:,} of them: `{mend_some}`.]][[ {apart:,} differ in more, such as spaces inside: write them alike at the source, or in a query of it.]]",
    ),
    "finding.numbers-as-text": (
        "{column} holds numbers as text, {distinct:,} different ones[[, and {rows:,} rows that say something else, such as {example}]]: to a model they are words without order.",
        "If they are amounts: `cast({column:name} as float)`.",
    ),
    "finding.dates-as-text": (
        "{column} holds days or moments as text, {distinct:,} different ones such as {such}[[, and {rows:,} rows that say something else, such as {example}]]: to a model they are words without order.",
        "[[As times: `{mend}`; what cannot be read is null. ]]Make times of them in a query of the source, and it can order its rows by them; in the request take from them what comes again: the month, the weekday, the time since.",
    ),
    "finding.same-column": (
        "{column} is the same as {other} in all {rows:,} rows.",
        "Leave one of them out: it tells a model nothing more, and parts what the other is said to weigh.",
    ),
    "finding.many-words": (
        "{column} has {distinct:,} different words in {rows:,} rows: most are seen too seldom to learn from.",
        "Group them, or look up what happened for each instead, with windows over its own rows.",
    ),
    "finding.unit-jump": (
        "{column} seems to change its unit: from {at} on it is about {after}, before it was about {before}[[; all its values are {ratio}]][[, as between {units}]].",
        "Find out whether the unit changed at the source, and bring one part into the unit of the other: `{mend}`.",
    ),
    "finding.unit-mixed": (
        "{rows:,} rows ({share:.2%}) of {column} seem to be in another unit: about {other}, all others about {usual}[[; their values are {ratio}]][[, as between {units}]].[[ The first is of {at}.]]",
        "Find out which rows come in which unit, and bring these into the unit of the others where they are read.",
    ),
    "finding.level-jump": (
        "{column} jumps from about {before} to about {after} on {at}, far more than it moves otherwise.",
        "Find out what changed then. A model trained before it has not seen such values.",
    ),
    "finding.column-came": (
        "{column} is new: {rows:,} rows have it, none before.",
        "Older rows have no value for it; a model learns it only from the newer ones.",
    ),
    "finding.column-went": (
        "{column} is missing in all {rows:,} new rows; it was filled before.",
        "Ask at the source. Models that read it answer without it from now on.",
    ),
    "finding.nulls-rose": (
        "{column} is missing in {share:.1%} of the new rows ({rows:,}); before it was {was:.1%}.",
        "Ask at the source before training on these rows.",
    ),
    "finding.nulls-moved": (
        "{column} is missing {says} often: in {share:.1%} of the new rows, before in {was:.1%}.",
        "Ask at the source what changed; if missing means something, a model has learnt it from other rows.",
    ),
    "finding.quantile-moved": (
        "{column} moved: {quantile} went from {was} to {now}, farther than in any stretch before. Of the new rows {below:.0%} lie up to where it was, of those before {before:.0%}.",
        "Look whether it goes on: a model that was trained before has seen few such values.",
    ),
    "finding.top-changed": (
        "{column} says {now} most often now ({now_now:.0%} of the new rows, {now_before:.0%} of those before); before it was {was} ({was_before:.0%}, now {was_now:.0%}).",
        "If this is the world, a model learns it from the new rows; if it is the source, repair it there.",
    ),
    "finding.rows-changed": (
        "Since {before} {added:,} rows came[[, {changed:,} were corrected]][[ (mostly in {columns})]][[, {deleted:,} were deleted]]; there were {rows:,}.",
        "`tidemill datasets diff {before} {after}` says which columns they differ in.",
    ),
    "finding.column-retyped": (
        "{column} is of type {type} now; before it was {was}.",
        "Look whether models and features that read it still mean the same.",
    ),
    "finding.flattered": (
        "A random split promises {metric} {random:.3g}; in time order it is {honest:.3g} ({low:.3g} to {high:.3g}).",
        "Judge models on rows later than those they learnt from: that is what they are used for.",
    ),
    "finding.not-flattered": (
        "In time order {metric} is {honest:.3g} ({low:.3g} to {high:.3g}); a random split says {random:.3g}.",
        "",
    ),
    "finding.retraining-pays": (
        "Trained once, {metric} is {before:.3g}; trained again every {every:,} rows it is {after:.3g}.[[ Inside stretches of time: {before_inside:.3g} and {after_inside:.3g}.]]",
        "The system file says so: `tm.new_rows(..., {every})`. A newcomer answers only if it is shown to be no worse.",
    ),
    "finding.retraining-not-shown": (
        "Training again is not shown to help on these rows.",
        "The system file retrains on drift alone. Watch the gap between predicted and actual.",
    ),
    "finding.rate-tracked": (
        "Most of this figure is the rate of the day: the rate of the last {rows:,} outcomes alone, without any model, reaches AUC {alone:.3g} against {value:.3g}. Who is more likely than whom at the same time is told with AUC {inside:.3g} ({inside_low:.3g} to {inside_high:.3g}).",
        "Use the model to follow the rate and to rank within a day, and judge it by the figure inside stretches of time.",
    ),
    "finding.newest-not-shown": (
        "On the newest rows this recipe is hardly better than guessing: {metric} {value:.3g} ({low:.3g} to {high:.3g}).",
        "The system file asks for no floor, or nothing would be served. Look for columns that say more before you rely on it.",
    ),
    "finding.outcome-late": (
        "The outcome seems to come late: {column} lies {days:,} days after {time} (median). What is said here of retraining takes it as known at once.",
        "Say when it is known, such as `known=\"asked_at + interval '{days} days'\"`: `tidemill replay` then tells what can be had, and `--labels at-once` what could be.",
    ),
    "finding.ages": (
        "Within {rows:,} rows a model gets worse by {metric} {lost:.2g} ({low:.2g} to {high:.2g})[[, within {last_rows:,} by {last_lost:.2g}]].",
        "Train again before that.",
    ),
    "finding.does-not-age": (
        "Up to {rows:,} rows after training a model is not shown to be worse than a fresh one.",
        "",
    ),
    "finding.values-moved": (
        "{column} moved: {moved:.0%} of its rows would have to change for the new ones to look like those before. Now {share:.0%} are '{bin}', {was:.0%} were.",
        "If this is the world, retrain; if it is the source, repair it there.",
    ),
    "finding.feature-twice": (
        "{feature} is defined again as {others}: the same value under another name.",
        "Keep one of them, and let every model see that one.",
    ),
}
