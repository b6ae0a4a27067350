-- The refresh engine: what goes wrong with a grant at the moment, who is refreshing it, and how a
-- database that was restored from a backup is told from one that was only stopped.

ALTER TABLE grants ADD COLUMN failing_since INTEGER;
ALTER TABLE grants ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN suspected_at INTEGER; -- first `invalid_grant` of this generation
ALTER TABLE grants ADD COLUMN used_at INTEGER;      -- last read by a connector, to the minute

-- All that choosing the next ones to refresh looks at.
DROP INDEX grants_due;
CREATE INDEX grants_due ON grants (next_refresh_at, expires_at, used_at)
    WHERE next_refresh_at IS NOT NULL;
CREATE INDEX grants_failing ON grants (failing_since) WHERE failing_since IS NOT NULL;

-- A lease is also the written intent to spend a refresh token: one that nobody gave back is a
-- refresh whose outcome is not known.
DROP TABLE refresh_leases;
CREATE TABLE refresh_leases (
    grant_id   BLOB    NOT NULL PRIMARY KEY REFERENCES grants (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    token_hash BLOB    NOT NULL CHECK (length(token_hash) = 32),
    holder     BLOB    NOT NULL CHECK (length(holder) = 16),
    process    BLOB    NOT NULL CHECK (length(process) = 16),
    sends      INTEGER NOT NULL, -- how often this token has been sent
    started_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_leases_by_process ON refresh_leases (process);
CREATE INDEX refresh_leases_by_end ON refresh_leases (expires_at);

-- Processes that keep a journal. `journal` is the identity of the file as the file system has it:
-- a copy of the file is another one.
CREATE TABLE processes (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    journal    TEXT    NOT NULL,
    started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Refreshes committed so far. The journals hold it too: a database that is behind them was restored.
CREATE TABLE refresh_counter (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    commits INTEGER NOT NULL
) STRICT;
INSERT INTO refresh_counter (id, commits) VALUES (1, 0);
