"""Words: rows, columns, queries and what is wrong with them."""

from __future__ import annotations

CODES = {
    "data.query-failed": (
        "A query could not be answered. The engine says: {words}",
        "Correct the SQL or the expression; `tidemill check` shows what each one was made into.",
    ),
    "data.not-a-select": (
        "One SELECT is asked for; this text holds {found}.",
        "Write one SELECT statement, without a second one behind a semicolon.",
    ),
    "data.table-without-files": (
        "The table {table} has no files yet, so its columns are not known.",
        "Extract the source first: `tidemill run`.",
    ),
    "data.out-of-memory": (
        "A query needs more memory than the {limit} it may have: {words}",
        "Give it more memory or a folder to spill to, or read fewer rows.",
    ),
    "data.number-too-big": (
        "The numbers of column {column} do not fit into 64 bits.",
        "Divide the column, or declare a smaller `scale` for its sum.",
    ),
    "data.sum-overflow": (
        "The sum of {column} in window {feature}[[ of {entity}]][[, asked at {asked_us:time},]] does not fit into 64 bits with {scale} decimal places.",
        "Look at that entity's rows. Clip values that cannot be true where the expression reads them (`least`, `greatest`), put such rows aside with an `expect` of the source, or, where they are true, declare a smaller `scale`.",
    ),
    "data.not-a-number": (
        "Window {feature} needs numbers, but {column} holds {kind}.",
        "Use count, distinct, min, max, last or lag, or turn it into a number: `cast({column:name} as float)`.",
    ),
    "data.lengths-differ": (
        "One prediction per outcome is needed: {outcome:,} outcomes, {predicted:,} predictions[[, {groups:,} groups]].",
        "Hand over columns of the same rows.",
    ),
    "data.metric-not-scored": (
        "{metric} cannot be told from outcomes and predictions; these can: {known}.",
        "Choose one of these, or let the running server measure it.",
    ),
    "data.key-kind": (
        "Key column {column} cannot be compared: {rows} among the rows, {asks} among the asks.",
        "Cast one side so that both are whole numbers or both are text.",
    ),
    "data.column-missing": (
        "{where} has no column {column}.[[ The nearest name is {nearest}.]]",
        "Correct the name where it is declared, or bring the column back at the source.",
    ),
    "data.column-gone": (
        "{where} has no column {column} any more, and `{reader}` reads it; nothing of this pass was landed.",
        "Bring it back at the source; if only its values are gone, leave it in, empty. If it is gone for good, take it out of what is declared.",
    ),
    "data.column-renamed": (
        "{where} has no column {column} any more, which is read; instead there is {came}.",
        'Give it its old name at the source or in a query: `tm.query("select * rename (... as {column}) from ...")`. If it is gone for good, declare what is read otherwise; if it is only empty there, leave the column in.',
    ),
    "data.column-reserved": (
        "{columns} of {where} cannot land: names that begin with an underscore are kept for what extraction adds.",
        'Rename it in a query, `tm.query("select * rename ({column} as ...) from ...")`, or leave it out: `select * exclude ({columns}) from ...`.',
    ),
    "data.time-type": (
        "{column} of {where} is to say when, but holds {type}[[: {odd:,} of {of:,} values are no time, such as {value}]][[ ({row})]].",
        "Name a column of times or dates as `time` (or `since`), or cast it in a query: `try_cast({column} as timestamp)` is null for what is no time, and such a row does not land.",
    ),
    "data.type-changed": (
        "{column} of {where} held {was} so far and holds {now} now[[, because of {odd:,} of its {of:,} values, such as {value}]][[ ({row})]]; nothing of this pass was landed.",
        "Correct it at the source, or cast it back to {was} in a query (`try_cast` gives null for what is none). If it is another thing now, give it another name.",
    ),
    "data.contract-broken": (
        "{version} breaks the contract of {dataset}: `{rule}` is {value}, promised is `{bound}`[[; {rows:,} of {of:,} new rows]][[, such as {examples}]][[. So do {more:,} more rules]].",
        'Repair it at the source: corrected rows heal it. If the world is another now, change {file} (`tidemill contract {dataset} --diff` shows how), or write else = "warn" there.',
    ),
    "data.empty-source": (
        "The source {source} has no rows, or none with a time.",
        "Check what it points to and selects; a run goes on as soon as there is one.",
    ),
    "data.nothing-landed": (
        "{version} has no rows to make a contract of[[: all {rows:,} were put aside]].",
        "`tidemill explore {dataset}` names the promise that they break, or the key that they lack.",
    ),
    "data.no-asks": (
        "Nobody was asked yet: there is nothing to train {model} on ({label}).",
        "Check that the asked source has rows that meet its condition, or that the SQL of `candidates` finds somebody.",
    ),
    "data.no-asks-between": (
        "Nothing is asked for {label} between {since_us:time} and {until_us:time}; the asks go from {first_us:time} to {last_us:time}.",
        "Name a span that holds some: `--from`, `--to`.",
    ),
    "data.nothing-mature": (
        "Not one outcome of {label} is known yet; {asks:,} asks wait for theirs.",
        "Wait, extract what brings the outcome, or look at `outcome` and `known`: a null outcome is not asked.",
    ),
    "data.too-few-known": (
        "{model} cannot be tried: its {part} part has {rows:,} rows[[, {positives:,} of them positive]], where {needed} of both kinds are the least[[; {immature:,} asks wait for their outcome]][[; rows whose {together} came in an earlier part are left out]].",
        'Wait for more outcomes, or give the split larger parts[[, or split by `tm.by_group("{together}")`: where each {together} lives all the time, few begin in the test]]. A label that is known years later takes years of data.',
    ),
    # The first look at a table
    "data.not-an-order": (
        "Column {column} is {type}, which orders no rows.",
        "Name a column of times, days or whole numbers.[[ There are: {times}.]] A text of times becomes one with `cast({column:name} as timestamp)`.",
    ),
    "data.order-empty": (
        "Column {column} is empty, so it orders no rows.",
        "Name a column of times, days or whole numbers that is filled.",
    ),
    "data.label-constant": (
        "Label {column} says the same everywhere[[: {values}]].",
        "There is nothing to predict. Name another column, or bring rows that differ.",
    ),
    "data.label-many-words": (
        "Label {column} is one of {distinct:,} words: {values} ...",
        "Say which of them is to be predicted: `--positive {example}`.",
    ),
    "data.label-no-such-value": (
        "Label {column} is never '{value}'; it is {values} ...",
        "Choose one of its values for `--positive`.",
    ),
    "data.label-kind": (
        "Label {column} is {type}; an outcome is yes or no, or a number.",
        "Name another column, or make a number of it first.",
    ),
    "data.too-few-to-try": (
        "{rows:,} rows are too few to say anything that holds; {needed:,} are needed.",
        "Come back with more rows.",
    ),
    "data.too-few-of-a-kind": (
        "The {part} half of the rows has {rows:,} of the rarer outcome; {needed:,} are needed to say anything that holds.",
        "Come back with more rows, or predict something that happens more often.",
    ),
    "data.nothing-to-learn-from": (
        "None of the {columns} columns is left for a model that predicts {label}: they leak, name their row, or say nothing.",
        "Add columns that are known at the moment of prediction; `tidemill explore` says what is wrong with each of these.",
    ),
}
