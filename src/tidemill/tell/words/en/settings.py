"""Words: what the environment or the command line asks for and cannot have."""

from __future__ import annotations

CODES = {
    # The command line
    "settings.command-unknown": (
        "There is no command `{command}`.[[ Did you mean `{nearest}`?]]",
        "`tidemill --help` lists the commands.",
    ),
    "settings.option-unknown": (
        "`{command}` has no option `{option}`.[[ Did you mean `{nearest}`?]]",
        "`{command} --help` shows its options.",
    ),
    "settings.command-misused": ("{words}.", "`{command} --help` shows how it is used."),
    "settings.nothing-known": (
        "Nothing here goes by the name `{name}`.[[ Did you mean `{nearest}`?]]",
        "Name a prediction's id, a version (`ranker@7`), a model, a run (`run_...`), a dataset version (`events@v12`, `events@2026-11-01`) or a stage.",
    ),
    "settings.model-unknown": (
        "The system has no model `{model}`.[[ Did you mean `{nearest}`?]]",
        "Its models: {known}.",
    ),
    "settings.feature-unknown": (
        "No view and no feature goes by the name `{name}`.[[ Did you mean `{nearest}`?]]",
        "`tidemill features` lists them all.[[ The system's views: {known}.]]",
    ),
    "settings.no-models": (
        "The system `{system}` declares no model.",
        "Declare one: `@{system}.model(label=..., features=[...])` above a training function.",
    ),
    "settings.dataset-unknown": (
        "There is no dataset `{dataset}`.[[ Did you mean `{nearest}`?]]",
        "Those that landed: {known}.",
    ),
    "settings.dataset-ref-unread": (
        "`{text}` names no version of {dataset}.",
        "Write a number, `{dataset}@v12`, or a day or moment in the system's zone, `{dataset}@2026-11-01`; without either it is the newest.",
    ),
    "settings.dataset-version-unknown": (
        "There is no version `{version}`.",
        "The newest is `{newest}`.",
    ),
    "settings.dataset-version-pruned": (
        "There is no version `{version}` any more: it was taken away.",
        "The next one that is kept is `{later}`.",
    ),
    "settings.dataset-not-then": (
        "{dataset} has no version from {then} or before.",
        "The first that is kept is `{first}`, committed {committed}.",
    ),
    "settings.datasets-differ": (
        "`{one}` and `{other}` are versions of two datasets.",
        "Name two versions of one dataset.",
    ),
    "settings.keep-unread": (
        "`--keep {text}` is no length of time.",
        "Write a number of s, m, h or d above zero: `--keep 30d`.",
    ),
    "settings.no-contract": (
        "{dataset} has no contract that could change.",
        "Write one from its rows: `tidemill contract {dataset}`.",
    ),
    "settings.case-unknown": (
        "There is no case `{case}` to begin with.[[ Did you mean `{nearest}`?]]",
        "Begin with one of: {known}; or from a table of your own: `tidemill init table FILE`.",
    ),
    "settings.file-there": (
        "{folder} already has: {files}. Nothing was written.",
        "Name another folder (`--into`), or take these files away.",
    ),
    "settings.folder-not-empty": (
        "{folder} is there already and not empty. Nothing was written.",
        "Name another folder (`--into`), or take this one away.",
    ),
    "settings.not-writable": ("Nothing can be written into {folder}: {reason}.", "Name another folder (`--into`)."),
    "settings.version-unread": ("`{text}` names no version.", "Write the model and its number: `ranker@7`."),
    "settings.nobody-answers": (
        "No version of {model} answers: there is no champion.",
        "Run it: `tidemill run {model}`.",
    ),
    "settings.date-unread": (
        "`{option} {text}` is no day.",
        "Write a day, `2026-03-01`, or a moment, `2026-03-01T09:30`, in the system's zone.",
    ),
    "settings.span-backwards": (
        "`--to {until}` lies before `--from {since}`.",
        "Name the earlier day first: `--from`, then `--to`.",
    ),
    "settings.page-unwritten": (
        "The page cannot be written to {file}: {words}.",
        "Name another file: `--html FILE`.",
    ),
    "settings.no-reason": ("No reason is given.", 'Say why in a few words: `--reason "the price feed is wrong"`.'),
    "settings.source-unknown": (
        "The system has no source `{source}`.[[ Did you mean `{nearest}`?]]",
        "Its sources: {known}. A file is named with its suffix: `rows.csv`.",
    ),
    # The system file
    "settings.no-system-file": (
        "There is no system file `{file}`.[[ Did you mean `{nearest}`?]]",
        "Name one (`--file shop.py`), or write one from your table: `tidemill init table FILE`.",
    ),
    "settings.no-system": (
        "{file} declares no system.",
        'Let it make one: `shop = tm.System("shop", owner="you@example.com")`.',
    ),
    "settings.many-systems": (
        "{file} declares more than one system: {names}.",
        "A file declares exactly one; give each a file of its own.",
    ),
    "settings.file-raised": (
        "{file} cannot be loaded: it raised {error}[[: {words}]].",
        "Correct the line; a system file only declares, so that it loads in a moment and without any data.",
    ),
    # tidemill.toml and the environment
    "settings.toml-unreadable": ("{file} cannot be read: {words}.", "Correct the place that it names."),
    "settings.environment-unknown": (
        "tidemill.toml has no environment `{environment}`.",
        "Write a table `[environment.{environment}]`[[, or name one of: {known}]].",
    ),
    "settings.setting-unknown": (
        "There is no setting `{setting}`.[[ Did you mean `{nearest}`?]]",
        "Correct the name in tidemill.toml.",
    ),
    "settings.setting-type": ("`{value}` is no value of the setting `{setting}`.", "Write {expected}."),
    "settings.home-unwritable": (
        "{home} cannot be written: {words}.",
        "Make room and see that you may write there, or name another folder: `export TIDEMILL_HOME=...`.",
    ),
    "settings.backend-unknown": (
        "`{value}` cannot be had as {setting}: there is only the one of this machine so far.",
        "Take the line out of tidemill.toml.",
    ),
    "settings.online-unknown": (
        "There is no online store `{scheme}://`.",
        "Write a URL that begins with one of: {known}. Without `online` the store of this machine is used.",
    ),
    "settings.reference-unread": (
        "`{where}` has a `${{` that no name and `}}` follow.",
        "Write the name of an environment variable: `${{NAME}}`.",
    ),
    "settings.reference-unset": (
        "`${{{name}}}` is asked for, but the environment has no {name}.",
        "Set it before you start: `export {name}=...`.",
    ),
    "settings.clock-unreadable": (
        "The clock '{text}' cannot be read.",
        "Write `system`, or `scaled:<start_us>:<factor>:<origin_us>` with a factor above 0.",
    ),
}
