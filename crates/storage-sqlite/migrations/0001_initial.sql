-- Tokenry's tables.
--
-- Conventions of every table:
--   * STRICT: a column holds the type it is declared with, nothing else.
--   * Ids are 16-byte BLOBs (UUIDv7, so they are appended at the end of the B-trees).
--     Read them with `select hex(id)`.
--   * Times are INTEGERs, milliseconds since 1970 in UTC. Days are TEXT, `2026-11-24`.
--   * Lists and structures are TEXT holding JSON; nothing is searched inside of them.
--   * Hashes are SHA-256 of a bearer secret that is stored nowhere, 32-byte BLOBs.
--   * Columns with ciphertexts say so. They are sealed by `vault` and bound to their table and row.
--     A new one has to be added to `ciphertext_exists` in `src/key_ring.rs`.
--   * `…_key` is a name in lower case (Unicode, done in Rust since SQLite folds ASCII only):
--     what uniqueness, order and search look at.

-- Data keys, wrapped by the root key.
CREATE TABLE key_ring (
    version    INTEGER NOT NULL PRIMARY KEY,
    wrapped    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- One row that the readiness probe writes to: proof that a commit reaches the disk.
CREATE TABLE readiness (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    checks INTEGER NOT NULL
) STRICT;
INSERT INTO readiness (id, checks) VALUES (1, 0);

---------------------------------------------------------------------- people

CREATE TABLE workspaces (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    slug       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    name          TEXT,
    password_hash TEXT    NOT NULL, -- Argon2id, PHC format
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    user_id      BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    role         TEXT NOT NULL,
    PRIMARY KEY (user_id, workspace_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_workspace ON memberships (workspace_id);

-- The link that makes the first person: one at a time.
CREATE TABLE setup_link (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    workspace_id BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_keys (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    prefix       TEXT    NOT NULL,
    scopes       TEXT    NOT NULL CHECK (json_valid(scopes)),
    expires_on   TEXT,
    last_used_at INTEGER,
    created_at   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL
) STRICT;
CREATE INDEX api_keys_by_workspace ON api_keys (workspace_id, created_at);

--------------------------------------------------------------- configuration

CREATE TABLE connectors (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    name_key     TEXT    NOT NULL,
    config       TEXT    NOT NULL CHECK (json_valid(config)),
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (workspace_id, name_key)
) STRICT;

CREATE TABLE authorizations (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    name_key     TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    settings     TEXT    NOT NULL CHECK (json_valid(settings)), -- never a secret
    scopes       TEXT    NOT NULL CHECK (json_valid(scopes)),
    active       INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- Checked at the commit: the two may be stored in any order.
    grant_id     BLOB    REFERENCES grants (id) DEFERRABLE INITIALLY DEFERRED,
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (workspace_id, name_key)
) STRICT;
CREATE INDEX authorizations_by_grant ON authorizations (grant_id);

CREATE TABLE authorization_connectors (
    authorization_id BLOB    NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    -- No cascade: a connector in use cannot be deleted.
    connector_id     BLOB    NOT NULL REFERENCES connectors (id),
    position         INTEGER NOT NULL,
    PRIMARY KEY (authorization_id, connector_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX authorization_connectors_by_connector ON authorization_connectors (connector_id);

-- Several for one field while a secret replaces another: tried by position.
CREATE TABLE client_secrets (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    authorization_id BLOB    NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    field            TEXT    NOT NULL,
    position         INTEGER NOT NULL,
    value            BLOB    NOT NULL, -- ciphertext
    ends_in          TEXT,
    expires_on       TEXT,
    set_at           INTEGER NOT NULL,
    UNIQUE (authorization_id, field, position)
) STRICT;

-------------------------------------------------------------------- consents
-- Drafts, flows and grants may belong to an authorization that is not saved yet: their
-- `authorization_id` is no foreign key, and the trigger below does what a cascade would.

CREATE TABLE drafts (
    workspace_id     BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id          BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    authorization_id BLOB    NOT NULL CHECK (length(authorization_id) = 16),
    base_version     INTEGER NOT NULL,
    form             BLOB    NOT NULL, -- ciphertext
    grant_id         BLOB    REFERENCES grants (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    flow_error       TEXT    CHECK (json_valid(flow_error)),
    updated_at       INTEGER NOT NULL,
    PRIMARY KEY (authorization_id, user_id, workspace_id)
) STRICT;
CREATE INDEX drafts_by_age ON drafts (updated_at);
CREATE INDEX drafts_by_grant ON drafts (grant_id);

-- A flow that was used up is deleted: it takes its ciphertext with it.
CREATE TABLE flows (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id     BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    authorization_id BLOB    NOT NULL CHECK (length(authorization_id) = 16),
    target           TEXT    NOT NULL CHECK (target IN ('draft', 'stored')),
    user_id          BLOB    REFERENCES users (id) ON DELETE CASCADE,
    state_hash       BLOB    NOT NULL UNIQUE CHECK (length(state_hash) = 32),
    browser_hash     BLOB    NOT NULL CHECK (length(browser_hash) = 32),
    callback         TEXT    NOT NULL,
    details          BLOB    NOT NULL, -- ciphertext
    return_to        TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX flows_by_authorization ON flows (authorization_id);
CREATE INDEX flows_by_end ON flows (expires_at);

CREATE TABLE connect_links (
    hash             BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    workspace_id     BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    authorization_id BLOB    NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    expires_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX connect_links_by_authorization ON connect_links (authorization_id);

CREATE TABLE grants (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id     BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    authorization_id BLOB    NOT NULL CHECK (length(authorization_id) = 16),
    client           TEXT    NOT NULL CHECK (json_valid(client)),
    account          TEXT    CHECK (json_valid(account)),
    asked_scopes     TEXT    NOT NULL CHECK (json_valid(asked_scopes)),
    granted_scopes   TEXT    NOT NULL CHECK (json_valid(granted_scopes)),
    warning          TEXT,
    status           TEXT    NOT NULL CHECK (json_valid(status)),
    last_error       TEXT    CHECK (json_valid(last_error)),
    authorized_at    INTEGER NOT NULL,
    generation       INTEGER NOT NULL, -- the fence of every change of tokens
    access_token     BLOB, -- ciphertext
    refresh_token    BLOB, -- ciphertext
    token_type       TEXT    NOT NULL,
    expires_at       INTEGER,
    refreshed_at     INTEGER,
    next_refresh_at  INTEGER
) STRICT;
CREATE INDEX grants_by_authorization ON grants (authorization_id);
CREATE INDEX grants_due ON grants (next_refresh_at) WHERE next_refresh_at IS NOT NULL;

-- At most one refresh of a grant is under way.
CREATE TABLE refresh_leases (
    grant_id   BLOB    NOT NULL PRIMARY KEY REFERENCES grants (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    token_hash BLOB    NOT NULL CHECK (length(token_hash) = 32),
    holder     BLOB    NOT NULL CHECK (length(holder) = 16),
    started_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER authorization_deleted AFTER DELETE ON authorizations
BEGIN
    DELETE FROM drafts WHERE authorization_id = OLD.id;
    DELETE FROM flows WHERE authorization_id = OLD.id;
    DELETE FROM grants WHERE authorization_id = OLD.id;
END;

------------------------------------------------------------------ publishing

CREATE TABLE publications (
    workspace_id  BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    published_at  INTEGER NOT NULL,
    published_by  TEXT    NOT NULL,
    result        TEXT    NOT NULL,
    issues        TEXT    NOT NULL CHECK (json_valid(issues)),
    changes       TEXT    NOT NULL CHECK (json_valid(changes)),
    restored_from INTEGER,
    snapshot      TEXT    NOT NULL CHECK (json_valid(snapshot)), -- names grants, holds no token
    PRIMARY KEY (workspace_id, number)
) STRICT;
