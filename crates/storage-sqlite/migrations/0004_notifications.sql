-- Notifications: what people were told, how it reaches them, and the memory of what was told.

-- `number` orders them as they were written, whatever the clock did: what is read is read up to a
-- number, and AUTOINCREMENT gives none twice.
CREATE TABLE notifications (
    number             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id                 BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    workspace_id       BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    at                 INTEGER NOT NULL,
    kind               TEXT    NOT NULL,
    severity           TEXT    NOT NULL,
    title              TEXT    NOT NULL,
    text               TEXT    NOT NULL,
    connectors         TEXT    NOT NULL CHECK (json_valid(connectors)),
    next_action        TEXT    NOT NULL,
    -- As it was called then. No foreign key: what happened stays told when it is deleted.
    authorization_id   BLOB    CHECK (length(authorization_id) = 16),
    authorization_name TEXT,
    CHECK ((authorization_id IS NULL) = (authorization_name IS NULL))
) STRICT;
CREATE INDEX notifications_by_workspace ON notifications (workspace_id, number);
CREATE INDEX notifications_by_age ON notifications (at);

-- `reader` is a user or an API key.
CREATE TABLE notification_reads (
    workspace_id BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    reader       BLOB    NOT NULL CHECK (length(reader) = 16),
    read_up_to   INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, reader)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER user_deleted_reads AFTER DELETE ON users
BEGIN
    DELETE FROM notification_reads WHERE reader = OLD.id;
END;
CREATE TRIGGER api_key_deleted_reads AFTER DELETE ON api_keys
BEGIN
    DELETE FROM notification_reads WHERE reader = OLD.id;
END;

CREATE TABLE notification_channels (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL,
    target       TEXT    NOT NULL,
    secret       BLOB, -- ciphertext
    disabled_at  INTEGER,
    created_at   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL,
    -- It is what `webhook` is signed with, and `email` is not.
    CHECK ((kind = 'webhook') = (secret IS NOT NULL))
) STRICT;
CREATE INDEX notification_channels_by_workspace ON notification_channels (workspace_id, created_at);

-- The queue and its log. While an attempt runs, `holder` is set and `next_attempt_at` is the end of
-- its lease: what a process that died was sending is due again after it.
CREATE TABLE notification_deliveries (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id    BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    channel_id      BLOB    NOT NULL REFERENCES notification_channels (id) ON DELETE CASCADE,
    notification_id BLOB    NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    last_attempt_at INTEGER,
    next_attempt_at INTEGER,
    holder          BLOB    CHECK (length(holder) = 16),
    http_status     INTEGER,
    last_error      TEXT,
    CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL))
) STRICT;
CREATE INDEX notification_deliveries_due ON notification_deliveries (next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;
CREATE INDEX notification_deliveries_by_workspace ON notification_deliveries (workspace_id, id);
CREATE INDEX notification_deliveries_by_channel ON notification_deliveries (channel_id, id);
CREATE INDEX notification_deliveries_by_notification ON notification_deliveries (notification_id);

-- What was last told about a subject, `authorization:{id}` for one. No row: all is well.
CREATE TABLE alerts (
    workspace_id BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    subject      TEXT    NOT NULL,
    told         TEXT    NOT NULL,
    since        INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, subject)
) STRICT, WITHOUT ROWID;

-- Whom an alert concerns that is told once for several authorizations.
CREATE TABLE alert_authorizations (
    workspace_id     BLOB NOT NULL,
    subject          TEXT NOT NULL,
    authorization_id BLOB NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    PRIMARY KEY (workspace_id, subject, authorization_id),
    FOREIGN KEY (workspace_id, subject) REFERENCES alerts (workspace_id, subject) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_authorizations_by_authorization ON alert_authorizations (authorization_id);

CREATE TRIGGER authorization_deleted_alerts AFTER DELETE ON authorizations
BEGIN
    DELETE FROM alerts
    WHERE workspace_id = OLD.workspace_id
      AND subject IN ('authorization:' || lower(hex(OLD.id)), 'published:' || lower(hex(OLD.id)));
END;
