"""Words: training functions, model objects and bundles."""

from __future__ import annotations

CODES = {
    "model.function-raised": (
        "The training function {function} raised {error}[[: {words}]][[ (at {place}: {line})]].",
        "Correct the function and run again; stages that are done are not repeated.",
    ),
    "model.function-died": (
        "The process in which the training function {function} ran ended in the middle: {reason}.",
        "SIGKILL mostly means that memory ran out: train on fewer rows. SIGSEGV is a defect of a library it uses; a status, that something in it ended the process.",
    ),
    "model.returned-nothing": (
        "The training function {function} returned None.",
        "Let it return the fitted model: `return model.fit(train.X, train.y)`.",
    ),
    "model.not-a-model": (
        "The training function returned a {type}, which none of the model families ({known}) takes.",
        "Return a fitted LightGBM or scikit-learn model, or a plain number; install the extra of a missing library.",
    ),
    "model.not-fitted": (
        "The {type} that the training function returned has not been fitted.",
        "Call its fit before returning it.",
    ),
    "model.wrong-kind": (
        "The {type} predicts {predicts}, but the label is of kind {kind}.",
        "For an event (binary) return a classifier with probabilities, for a number a regressor.",
    ),
    "model.one-class": (
        "The {type} was fitted on other classes than 0 and 1: {classes}.",
        "Fit on train.y as it is; when that has only one class, the training window is too short: widen it.",
    ),
    "model.changed-columns": (
        "The model was fitted on other columns than the ones given. Given: {expected}; fitted on: {found}.",
        "Fit on train.X as it is; a feature that is to be left out is left out of the model's `features`.",
    ),
    "model.changed-categories": (
        "The model was fitted with other categories than the ones given[[, in column {column}]].",
        "Fit on train.X as it is: do not convert its category columns.",
    ),
    "model.needs-own-code": (
        "The model holds objects of the module {module}, which a server cannot import: it never loads the system file.",
        "Put these classes and functions into an installed package, or use those of scikit-learn.",
    ),
    "model.cannot-save": (
        "The {type} cannot be saved: {words}.",
        "Keep lambdas, open files and local functions out of the model object.",
    ),
    "model.wrong-length": (
        "The model gave scores of shape {found} for {rows} rows.",
        "predict (or predict_proba) must give one number a row (or one for each of the two classes).",
    ),
    "model.nan-score": (
        "{broken} of {rows} scores are not finite numbers.",
        "Fit a model that takes missing values, or put an imputer before it.",
    ),
    "model.not-a-probability": (
        "The scores are no probabilities: they reach from {low} to {high}.",
        "For an event return a model whose score is the probability that it is true.",
    ),
    "model.predict-raised": (
        "The model's own predict raised {error}: {words}.",
        "Try the model on train.X and on rows with missing values inside the training function.",
    ),
    "model.function-unreadable": (
        "The function {function} that came with the version cannot be read: {words}.",
        "Use only the standard library in functions on the request, then train again.",
    ),
    "model.request-function-raised": (
        "The function on the request {function} raised {error}[[: {words}]].",
        "Let it return what it says for every row, None for what is missing: any of its arguments may be None.",
    ),
    "model.not-proven": (
        "The bundle {bundle} could not be loaded in a trial process: {reason}.",
        "The version before it goes on answering; restore the bundle's files from a copy, or train again.",
    ),
    "model.proof-late": (
        "The bundle {bundle} did not answer its golden rows in a trial process within {seconds:g} seconds.",
        "Nothing, where the machine was busy: it is tried again, after a longer time each time, and the version before it goes on answering. Else look at the model's size, or take the version back: `tidemill rollback`.",
    ),
    "model.library-missing": (
        "The model needs {library}, which is not installed.",
        "pip install 'tidemill[{extra}]'",
    ),
    "model.libgomp-missing": (
        "LightGBM is installed, but the system library it needs is not: {words}.",
        "Install GNU OpenMP: `apt install libgomp1` (Debian, Ubuntu), `dnf install libgomp` (Fedora, RHEL).",
    ),
    "model.library-unloadable": (
        "The native library of {library} could not be loaded: {words}.",
        "Install {library} again for this Python and this machine.",
    ),
    "model.library-changed": (
        "The model was saved with {library} {saved}, but {here} is installed here, and it cannot be read across them.",
        "Install {library}=={saved}, or train again.",
    ),
    "model.damaged": (
        "The files of the {flavor} model are damaged: {words}.",
        "Train again, or restore the blobs from a backup; until then the version before keeps answering.",
    ),
    "model.too-slow-to-load": (
        "The {flavor} model had not answered its first rows after {seconds} seconds.",
        "Train a smaller model, or give the machine more room.",
    ),
    "model.golden-mismatch": (
        "The loaded model answers remembered row {row} with {found}, not with {expected} as when it was made.",
        "Libraries differ from those at training: install the bundle's requirements.txt, or train again.",
    ),
    "model.bundle-broken": (
        "The bundle {digest} cannot be read: {words}.",
        "Train again, or restore the blobs from a backup.",
    ),
    "model.bundle-newer": (
        "The bundle {digest} is of format {found}; this Tidemill knows up to {known}.",
        "Update Tidemill on this machine.",
    ),
}
