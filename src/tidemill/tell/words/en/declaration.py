"""Words: what cannot be meant in a declaration as it is written, and what is worth knowing of one."""

from __future__ import annotations

CODES = {
    # Words that could not be read
    "declaration.duration-unread": (
        "`{text}` is not a duration.",
        "Write a whole number with s, m, h or d: `30d`, `11s`, `5m`, `2h`.",
    ),
    "declaration.duration-outside": ("`{text}` cannot be waited for.", "Write a duration above zero, at most 36500d."),
    "declaration.share-unread": ("`{text}` is not a share.", "Write a percentage as `20%`, or a number as 0.2."),
    "declaration.share-outside": (
        "A share of {share} is not possible here.",
        "Write a share above 0 and at most 1 (`explore` may be 0).",
    ),
    "declaration.part-outside": (
        "A part of {share} leaves nothing for the others, or takes nothing.",
        "Write a share between 0 and 1, a number of rows, or a duration.",
    ),
    "declaration.rows-outside": (
        "{rows} is not possible here.",
        "Write a whole number of at least 1[[ and at most {most}]].",
    ),
    "declaration.scale-outside": (
        "A scale of {scale} decimal places does not fit into 64 bits.",
        "Write 0 to {most} decimal places.",
    ),
    "declaration.number-bad": (
        "Nothing can be compared with {number} here.",
        "Write a finite number; margins and drift bounds are not negative.",
    ),
    "declaration.metric-unknown": (
        "There is no metric `{metric}`.[[ Did you mean `{nearest}`?]]",
        "The metrics are listed in docs/declaration.md.",
    ),
    "declaration.word-unknown": (
        "`{word}` is no word of this place.[[ Did you mean `{nearest}`?]]",
        "Write one of: {allowed}.",
    ),
    "declaration.expression-no-text": ("An expression is written as text; this is {given}.", "Put it in quotes."),
    "declaration.cron-fields": (
        "A cron line has five fields; `{text}` has {given}.",
        "Write minute, hour, day, month and weekday: `0 3 * * *` is every day at three.",
    ),
    "declaration.cron-field": (
        "`{value}` is no {field} in the cron line `{text}`.",
        "Write numbers from {low} to {high}, ranges (`1-5`), lists (`1,15`), steps (`*/15`) or `*`.",
    ),
    "declaration.cron-never": ("The cron line `{text}` names a day that never comes.", "Correct its day or its month."),
    "declaration.wrong-type": (
        "{path} asks for {expected}; here it is given {given} ({place}).",
        "Hand over what the word before returned; a type checker shows it on the line.",
    ),
    # Names
    "declaration.name-bad": (
        "`{name}` cannot be used in addresses, files and SQL.",
        "Write letters, digits and underscores, beginning with a letter, at most 64.",
    ),
    "declaration.name-twice": ("The {kind} name `{name}` is used twice.", "Give each its own name."),
    "declaration.name-reserved": ("The address /{name} belongs to the server.", "Give the endpoint another name."),
    "declaration.name-ambiguous": ("`{column}` is a feature of several views.", "Write in full, one of: {meant}."),
    "declaration.owner-missing": ("The system has no owner.", "Say who hears of its alerts: `owner=`."),
    "declaration.foreign": (
        "The {kind} `{name}` is not declared in this system.[[ Did you mean `{nearest}`?]]",
        "Declare it by a word of this system, and hand over what that word returns.",
    ),
    "declaration.nothing-given": ("`{word}` is empty.", "Give at least one."),
    "declaration.zone-unknown": (
        "There is no time zone `{zone}`.[[ Did you mean `{nearest}`?]]",
        "Write a name of the IANA list: `Europe/Berlin`, `Asia/Seoul`, `UTC`.",
    ),
    "declaration.zone-missing": (
        "Times of the source `{source}` have no zone ({columns}), and the system names none to read them in.",
        'Say in which zone they were written: `System(..., zone="Europe/Berlin")`; `zone="UTC"` if it is that.',
    ),
    # Columns, features and types
    "declaration.column-unknown": (
        "`{column}` is no column of {where}.[[ Did you mean `{nearest}`?]]",
        "Correct the name, letter case included; a text stands in single quotes.",
    ),
    "declaration.view-unknown": (
        "There is no looked-up view `{view}`.[[ Did you mean `{nearest}`?]]",
        "Declare it by `features`, or correct the name before the point.",
    ),
    "declaration.feature-unknown": (
        "The view `{view}` has no feature `{feature}`.[[ Did you mean `{nearest}`?]]",
        "Correct the name, or add the feature to the view.",
    ),
    "declaration.type-unfit": (
        "`{text}` is {given}; this place takes {expected}.",
        "Compare it or cast it: `kind = 'click'`, `cast(x as float)`.",
    ),
    "declaration.key-missing": (
        "`{word}` says which rows are gone by their key, and the source `{source}` has none.",
        'Name the columns that make a row one row: `key="id"`.',
    ),
    "declaration.feature-type": (
        "The feature `{feature}` is a {given}, and a model takes numbers, booleans and texts.",
        "Take a part of it: `weekday(x)`, `hour(x)`, or a difference.",
    ),
    "declaration.features-none": ("No feature is left here.", "Name columns or windows, or keep some of them."),
    # Windows, labels and candidates
    "declaration.step-too-long": ("The step is longer than the window.", 'Shorten it; `step="0s"` slides exactly.'),
    "declaration.of-outside-ahead": (
        "`of=` of the window `{name}` names another source than its view's.",
        "Leave `of=` to the `ahead` windows of labels; a view reads its own source.",
    ),
    "declaration.ahead-as-feature": (
        "`{name}` is looked ahead to by a label; as a feature it would tell the outcome.",
        "Declare a window of its own for the feature, and another name for the value ahead.",
    ),
    "declaration.ahead-step": ("A window ahead is exact: an outcome has no steps.", "Leave `step=` out."),
    "declaration.ahead-looks-back": (
        "`{kind}` looks back at rows and says nothing of what comes.",
        "Use count, sum, mean, std, min, max or distinct ahead.",
    ),
    "declaration.of-missing": (
        "The window ahead `{name}` does not say which source it looks at.",
        "Candidates have no rows of their own: add `of=` to the window.",
    ),
    "declaration.by-missing": (
        "Nothing joins the windows ahead to the ask: the sources share no key.",
        "Name the columns that both have: `by=`.",
    ),
    "declaration.by-own-key": (
        "By {by} a window ahead finds only the asked row itself, which it leaves out.",
        "Join by fewer columns, such as the entity: `by=`.",
    ),
    "declaration.by-without-ahead": (
        "`by=` joins windows ahead, and this label has none.",
        "Leave `by=` out, or add `ahead=`.",
    ),
    "declaration.matures-missing": (
        "When the outcome is known depends on the outcome itself ({columns}): young asks would count by kind.",
        "Say when a whole cohort is known: `matures=\"asked_at + interval '7 years'\"`.",
    ),
    "declaration.matures-without-known": (
        "`matures=` goes with a `known=` that depends on the outcome.",
        "Put the expression into `known=` instead.",
    ),
    "declaration.known-by-column": (
        "When the outcome is known is read from each row ({columns}).",
        "If the column comes with the outcome, add `matures=`, so that whole cohorts count.",
    ),
    "declaration.sql-syntax": (
        "The SQL does not parse[[ at line {line}]][[, near `{near}`]].",
        "Correct it; it is DuckDB's SQL over sources by name.",
    ),
    "declaration.sql-no-select": ("The SQL is not one SELECT.", "Write one SELECT, without a second statement."),
    "declaration.sql-table-unknown": (
        "The SQL reads `{table}`, which is not declared.[[ Did you mean `{nearest}`?]]",
        'Read sources by name; name a part by `where(..., name="...")` to read it.',
    ),
    "declaration.sql-column-missing": (
        "The SQL gives {given}, and {columns} is needed.",
        "Select the column, or name one so with `as`.",
    ),
    "declaration.sql-parameter-unknown": (
        "The SQL has a parameter `${parameter}` that nobody fills.",
        "The one parameter is `$asked_at`.",
    ),
    "declaration.sql-without-asked-at": (
        "The SQL does not use `$asked_at`: everything known by then counts, however old.",
        "Limit it to a time before the moment asked, if that is meant.",
    ),
    # Models and functions
    "declaration.request-tells-outcome": (
        "The request column `{column}` is part of the {part} of the label `{label}`: it tells the answer.",
        "Drop it from the request view: `view.drop(...)`.",
    ),
    "declaration.request-of-candidates": (
        "The request view `{view}` reads an asked row, and the candidates `{candidates}` have none.",
        "Look the columns up: declare them by `features` of the entity or the item.",
    ),
    "declaration.request-of-other": (
        "The request view `{view}` reads {source}, and the label asks rows of {asked}.",
        "Declare the request view on the asked source.",
    ),
    "declaration.entity-unknown": (
        "`{column}` is no entity column of the view `{view}`.[[ Did you mean `{nearest}`?]]",
        "Write `.on(name, entity_column=ask_column)`.",
    ),
    "declaration.key-not-asked": (
        "The view `{view}` is looked up by `{column}`, which no ask of {where} has.[[ Did you mean `{nearest}`?]]",
        "Say which column of the ask stands for it: `.on(name, {column}=...)`.",
    ),
    "declaration.function-unreadable": (
        "The source text of `{name}` cannot be read.",
        "Define it with `def` in the system's file; a lambda or a coroutine cannot go into a bundle.",
    ),
    "declaration.argument-loose": (
        "The argument `{argument}` has no name that a caller could send.",
        "Take plain named arguments only.",
    ),
    "declaration.argument-unknown": (
        "`{function}` asks for `{argument}`, which the request does not bring.[[ Did you mean `{nearest}`?]]",
        "Take columns of the model's request views, keys of its candidates, or `asked_at`.",
    ),
    "declaration.return-type": (
        "It is not said that `{function}` returns bool, int, float or str.",
        "Annotate it: `def is_weekend(asked_at: datetime) -> bool`; `| None` may be added.",
    ),
    "declaration.not-standard-library": (
        "`{function}` uses `{name}`, which a serving process does not have.",
        "Use the standard library, plain constants, and what the function itself defines.",
    ),
    "declaration.function-arguments": (
        "A training function takes `train` and `valid`; this one takes {given}.",
        "Write `def fit(train: tm.Data, valid: tm.Data) -> object`.",
    ),
    "declaration.parameter-without-default": (
        "The hyperparameter `{parameter}` has no value.",
        "Give it a default, or a range: `tm.tune(15, 127)`.",
    ),
    "declaration.parameter-type": ("`{parameter}` is not int, float, str or bool.", "Annotate it with one of these."),
    "declaration.range-empty": (
        "The range of `{parameter}` is empty[[: {low} to {high}]].",
        "Write `tm.tune(low, high)` with low below high, or `tm.tune(choices=[...])`.",
    ),
    "declaration.range-log": (
        "The range of `{parameter}` begins at {low}, which has no logarithm.",
        "Begin above zero, or leave `log=True` out.",
    ),
    "declaration.range-and-choices": ("`{parameter}` has a range and choices.", "Give one of both."),
    "declaration.trials-without-tune": (
        "{trials} trials have nothing to search.",
        "Give a hyperparameter a range: `num_leaves: int = tm.tune(15, 127)`.",
    ),
    # Checks, splits, releases, endpoints
    "declaration.metric-of-event": (
        "`{metric}` is measured on a label that is true or false; the outcome of `{label}` is a number.",
        "Compare in the outcome (`y = 1`), or use mae, rmse, mape, bias or r2.",
    ),
    "declaration.metric-of-number": (
        "`{metric}` is measured on a label that is a number; the outcome of `{label}` is true or false.",
        "Use roc_auc, log_loss, ece or another metric of events.",
    ),
    "declaration.metric-without-groups": (
        "`{metric}` ranks within groups, and these asks have none.",
        'Name the group\'s column: `tm.per("customer_id", "{metric}")`.',
    ),
    "declaration.metric-without-lists": (
        "`{metric}` is measured on lists of candidates, and this label has none.",
        "Use it with a label that is asked about candidates.",
    ),
    "declaration.metric-of-whole": (
        "`{metric}` is one figure for all answers and has no slices or groups.",
        "Leave `by=`, `where=` and `per` out.",
    ),
    "declaration.bound-outside": (
        "`{metric}` is never beyond {bound}.",
        "Write a bound[[ from {low}]][[ up to {high}]].",
    ),
    "declaration.bound-direction": (
        "The bound on `{metric}` refuses good values and lets bad ones pass.",
        "Probably the other one of `at_least` and `at_most` is meant.",
    ),
    "declaration.decide-missing": (
        "The decision `{decision}` is spoken of, and the model makes none.",
        'Add `decide={{"{decision}": "score < 0.2", ...}}` to the model.',
    ),
    "declaration.decision-unknown": (
        "The model never decides `{decision}`.[[ Did you mean `{nearest}`?]]",
        "Use a name of `decide=`.",
    ),
    "declaration.decide-open": (
        "Asks that no condition of `decide` takes, not even `{last}`, get no decision.",
        'End with a decision for all that is left: `"decline": "true"`.',
    ),
    "declaration.split-leaves-nothing": (
        "Valid ({valid}) and test ({test}) leave nothing to train on.",
        "Take shares that add up to less than 1.",
    ),
    "declaration.shares-not-rising": (
        "Shares of traffic rise step by step; these are {shares}.",
        'Write them in order: `tm.canary("5%", "25%")`.',
    ),
    "declaration.rank-other-candidates": (
        "The model `{model}` learned from asks of `{asked}`, not about the candidates `{candidates}`.",
        "Rank the candidates that the model's label asks about.",
    ),
    "declaration.rank-items-alike": (
        "No view of the model `{model}` is looked up by the item `{item}`: it cannot tell items apart.",
        "Add features of the item, or of entity and item together.",
    ),
    "declaration.notify-url": (
        "Alerts cannot be sent to `{url}`.",
        "Write `https://...`, `mailto:team@example.org`, or a reference: `${{NAME}}`.",
    ),
    # Worth knowing
    "declaration.schema-unread": (
        "The columns of the source `{source}` could not be read here: names in it were not checked.",
        "Run `tidemill check` where the source can be reached.",
    ),
    "declaration.gates-none": ("No gate stands before a release: every version passes.", "Add `gates=[...]`."),
    "declaration.trials-not-active": (
        "The search of {trials} trials is recorded and not yet active.",
        "Nothing to do: until then every tuned parameter takes its midpoint.",
    ),
    "declaration.score-not-active": (
        "The scheduled batch is recorded and not yet active.",
        "Until then ask the served model.",
    ),
    "declaration.gpu-not-active": (
        "GPU memory is not yet measured; a bound that could not be measured is not passed.",
        "Leave `gpu_memory_mib` out of gates for now.",
    ),
}
