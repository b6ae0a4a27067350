-- What happened to consents in the last 30 days.
--
-- A hundred thousand grants, refreshed every hour, are two million refreshes a day: each leaves a
-- number, and only what changes something leaves a row.

-- Refreshes by day. The day comes first: what is written lies together, old days go as one range,
-- and a workspace's day is one range too. A deleted authorization's rows are taken out by
-- `HistoryRepository::forget`.
CREATE TABLE refresh_days (
    day              TEXT    NOT NULL,
    workspace_id     BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    authorization_id BLOB    NOT NULL CHECK (length(authorization_id) = 16),
    refreshed        INTEGER NOT NULL,
    failed           INTEGER NOT NULL,
    PRIMARY KEY (day, workspace_id, authorization_id)
) STRICT, WITHOUT ROWID;

-- Consents, changes of state, failures of a new kind, recoveries. May belong to an authorization
-- that is not saved yet, so `authorization_id` is no foreign key.
CREATE TABLE history (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id     BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    authorization_id BLOB    NOT NULL CHECK (length(authorization_id) = 16),
    at               INTEGER NOT NULL,
    kind             TEXT    NOT NULL,
    state            TEXT    NOT NULL CHECK (json_valid(state)),
    error            TEXT    CHECK (json_valid(error)),
    account          TEXT    CHECK (json_valid(account))
) STRICT;
CREATE INDEX history_by_authorization ON history (authorization_id, at);
CREATE INDEX history_by_age ON history (at);

CREATE TRIGGER authorization_deleted_history AFTER DELETE ON authorizations
BEGIN
    DELETE FROM history WHERE authorization_id = OLD.id;
END;
