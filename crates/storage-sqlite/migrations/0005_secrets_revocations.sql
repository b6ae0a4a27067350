-- Several client secrets, revocations that survive a restart, consents that wait for a word.

-- When the token endpoint last took it; noted when another secret takes over, and once a day.
ALTER TABLE client_secrets ADD COLUMN last_worked_at INTEGER;
-- The one that worked last: tried before the others, until somebody puts another one first.
ALTER TABLE client_secrets ADD COLUMN in_use INTEGER NOT NULL DEFAULT 0 CHECK (in_use IN (0, 1));

-- The person said that the account of the draft's consent may take the place of the one before.
ALTER TABLE drafts ADD COLUMN account_confirmed INTEGER NOT NULL DEFAULT 0
    CHECK (account_confirmed IN (0, 1));

-- What is to be revoked at a provider, and what came of it. The authorization and the grant may be
-- gone by then, so everything the request needs is in the row.
CREATE TABLE revocations (
    id                 BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    workspace_id       BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    authorization_id   BLOB    NOT NULL CHECK (length(authorization_id) = 16),
    authorization_name TEXT, -- NULL when it was never saved
    provider           TEXT    NOT NULL,
    account            TEXT,
    request            BLOB, -- ciphertext; NULL once it is over
    state              TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'not_offered', 'failed')),
    -- Also the fence: an attempt is noted by the one who made the last of them.
    attempts           INTEGER NOT NULL,
    -- Whoever makes an attempt moves it to the end of their lease; NULL once it is over.
    next_attempt_at    INTEGER,
    last_error         TEXT    CHECK (json_valid(last_error)),
    token_ends_at      INTEGER,
    created_at         INTEGER NOT NULL,
    finished_at        INTEGER,
    CHECK ((state = 'pending') = (finished_at IS NULL)),
    CHECK ((state = 'pending') = (request IS NOT NULL)),
    CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL))
) STRICT;
CREATE INDEX revocations_by_authorization ON revocations (authorization_id, created_at);
CREATE INDEX revocations_due ON revocations (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX revocations_by_end ON revocations (finished_at) WHERE finished_at IS NOT NULL;

-- Consents over a connect link by another account than before: nothing is replaced until the person
-- in that browser says so.
CREATE TABLE waiting_consents (
    hash             BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    workspace_id     BLOB    NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    authorization_id BLOB    NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    grant_id         BLOB    NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    browser_hash     BLOB    NOT NULL CHECK (length(browser_hash) = 32),
    expires_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_consents_by_authorization ON waiting_consents (authorization_id);
CREATE INDEX waiting_consents_by_grant ON waiting_consents (grant_id);
CREATE INDEX waiting_consents_by_end ON waiting_consents (expires_at);
