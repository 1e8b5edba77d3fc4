-- The ledger's statements. {table}, {columns}, {holes} and {where} come from a kind of fact, never from data.
-- Now, in microseconds, to the database's millisecond: (julianday('now') - 2440587.5) days since 1970.

-- name: schema_number
SELECT coalesce(max(number), 0) FROM schema_version

-- name: has_schema
SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'

-- name: schema_reached
INSERT INTO schema_version (number, name) VALUES (?, ?)

-- name: fact_put
INSERT OR REPLACE INTO "{table}" ({columns}, at_us, document) VALUES ({holes}, ?, ?)

-- name: fact_add
INSERT OR IGNORE INTO "{table}" ({columns}, at_us, document) VALUES ({holes}, ?, ?)

-- name: fact_get
SELECT document FROM "{table}" WHERE {where}

-- name: fact_find
SELECT document FROM "{table}" WHERE {where} ORDER BY at_us, place

-- name: fact_newest
SELECT document FROM "{table}" WHERE {where} ORDER BY at_us DESC, place DESC LIMIT ?

-- name: event_add
INSERT INTO event (subject, at_us, document) VALUES (?, ?, ?)

-- name: event_after
SELECT seq, document FROM event WHERE seq > :after AND (:subject IS NULL OR subject = :subject) ORDER BY seq

-- name: event_newest
SELECT seq, document FROM event WHERE seq > :after AND (:subject IS NULL OR subject = :subject)
ORDER BY seq DESC LIMIT :newest

-- name: lease_acquire
INSERT INTO lease (name, owner, fence, until_us)
VALUES (:name, :owner, 1, cast((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) + :ttl_us)
ON CONFLICT (name) DO UPDATE SET
    fence = fence + (owner <> excluded.owner OR until_us <= excluded.until_us - :ttl_us),
    owner = excluded.owner,
    until_us = excluded.until_us
WHERE owner = excluded.owner OR until_us <= excluded.until_us - :ttl_us
RETURNING fence

-- name: lease_renew
UPDATE lease SET until_us = cast((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) + :ttl_us
WHERE name = :name AND owner = :owner AND fence = :fence

-- name: lease_give_up
UPDATE lease SET owner = '', until_us = 0 WHERE name = :name AND owner = :owner AND fence = :fence

-- name: lease_is_held
SELECT count(*) FROM lease WHERE name = :name AND owner = :owner AND fence = :fence

-- name: lease_holder
SELECT owner, fence FROM lease
WHERE name = :name AND until_us > cast((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)

-- name: change_number
PRAGMA data_version
