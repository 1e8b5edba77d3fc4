"""Words: what cannot be meant in the file of a contract."""

from __future__ import annotations

CODES = {
    "contract.file-unread": (
        "{file} cannot be read[[ ({count:,} mistakes)]]. {first}",
        "Correct it; `tidemill check` says all mistakes at once. Rows are judged by a contract whole or not at all.",
    ),
    "contract.no-toml": (
        "The contract is no TOML: {words}.",
        "Correct the line, or take the file away and write it anew: `tidemill contract`.",
    ),
    "contract.of-no-source": (
        "{file} is the contract of `{dataset}`, which is no source here.[[ Did you mean `{nearest}`?]]",
        "Name the file for one of: {known}.",
    ),
    "contract.other-dataset": (
        "{file} says that it is for `{given}`.",
        "A contract is named for its dataset: write `{dataset}`, or rename the file.",
    ),
    "contract.word-unknown": (
        "A contract has no {what} `{name}` here.[[ Did you mean `{nearest}`?]]",
        "Write one of: {allowed}.",
    ),
    "contract.field-lacking": ("`{rule}` lacks `{field}`.", "Give {expected}: `{field} = ...`."),
    "contract.wrong-type": ("`{name}` asks for {expected}; here it is {given}.", "Write {expected}."),
    "contract.empty-range": (
        "Nothing lies between {least} and {most}.",
        "Write the smaller number as `least`.",
    ),
    "contract.pattern-unread": (
        "`{pattern}` cannot be matched: {words}.",
        "Write a regular expression for the whole value, without looking around or back.",
    ),
    "contract.column-unknown": (
        "{dataset} has no column `{column}`.[[ Did you mean `{nearest}`?]]",
        "Correct the name, or take its rules out of the contract.",
    ),
    "contract.rule-unfit": (
        "`{rule}` is about {expected}; `{column}` is {given}.",
        "Write another rule for it, or a `[[check]]` with an expression.",
    ),
}
