-- Facts: key and look-up columns beside the whole record as canonical JSON. `place` rises with every commit.

CREATE TABLE schema_version (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE dataset_version (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    dataset TEXT NOT NULL,
    number INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, dataset, number)
) STRICT;
CREATE INDEX dataset_version_by_manifest ON dataset_version (manifest);

CREATE TABLE profile (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    dataset TEXT NOT NULL,
    manifest TEXT NOT NULL,
    number INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, dataset, manifest)
) STRICT;

CREATE TABLE training_set (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    label TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, model, digest)
) STRICT;

CREATE TABLE run (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (id)
) STRICT;
CREATE INDEX run_by_model ON run (system, model, at_us);
CREATE INDEX run_by_state ON run (state);

CREATE TABLE stage_run (
    place INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    run TEXT NOT NULL,
    system TEXT NOT NULL,
    stage TEXT NOT NULL,
    subject TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (key)
) STRICT;
CREATE INDEX stage_run_by_run ON stage_run (run);
CREATE INDEX stage_run_by_subject ON stage_run (system, stage, subject, at_us);

CREATE TABLE model_version (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    bundle TEXT NOT NULL,
    run TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, model, ordinal)
) STRICT;
CREATE INDEX model_version_by_bundle ON model_version (bundle);
CREATE INDEX model_version_by_run ON model_version (run);

CREATE TABLE evaluation (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    bundle TEXT NOT NULL,
    training_set TEXT NOT NULL,
    champion TEXT NOT NULL,
    model TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, bundle, training_set, champion)
) STRICT;
CREATE INDEX evaluation_by_model ON evaluation (system, model, at_us);

CREATE TABLE validation (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    bundle TEXT NOT NULL,
    training_set TEXT NOT NULL,
    champion TEXT NOT NULL,
    model TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, bundle, training_set, champion)
) STRICT;
CREATE INDEX validation_by_model ON validation (system, model, at_us);

CREATE TABLE release (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    state TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, model, ordinal)
) STRICT;

CREATE TABLE policy (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, model)
) STRICT;

CREATE TABLE reading (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    monitor TEXT NOT NULL,
    until_us INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, model, version, monitor, until_us)
) STRICT;
CREATE INDEX reading_by_model ON reading (system, model, at_us);

CREATE TABLE firing (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    model TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    window TEXT NOT NULL,
    run TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, model, "trigger", window)
) STRICT;
CREATE INDEX firing_by_run ON firing (run);

CREATE TABLE alert (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    model TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, fingerprint)
) STRICT;
CREATE INDEX alert_by_state ON alert (state);

CREATE TABLE notice (
    place INTEGER PRIMARY KEY,
    system TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (system, id)
) STRICT;
CREATE INDEX notice_by_state ON notice (state);

-- The diary only grows.

CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_subject ON event (subject, seq);
CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'the diary only grows');
END;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'the diary only grows');
END;

-- The row of a lease stays when nobody holds it: its fence must never fall back.

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    fence INTEGER NOT NULL,
    until_us INTEGER NOT NULL
) STRICT;
