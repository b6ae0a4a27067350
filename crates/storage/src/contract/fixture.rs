//! Records to test with. Every field that may be empty is filled, so that round trips prove something.

use crate::{
    Ciphertext, Hash, Storage, StorageError, Transaction,
    authorizations::{AuthorizationRecord, SecretRecord},
    connectors::ConnectorRecord,
    drafts::DraftRecord,
    flows::{ConnectLinkRecord, FlowRecord, FlowTarget},
    grants::{GrantClient, GrantRecord, RefreshLease, TokenSet, Trouble},
    revocations::RevocationRecord,
    users::{UserRecord, WorkspaceRecord},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use model::{
    AuthorizationId, ConnectorId, FlowId, GrantId, RevocationId, SecretId, UserId, WorkspaceId,
    account::AccountInfo,
    authorization::{FlowError, ProviderErrorInfo},
    connector::{AdvancedRestApi, ConnectorConfig},
    revocation::RevocationState,
    status::Status,
};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::task::JoinSet;
use uuid::Uuid;

pub(super) type Db = Arc<dyn Storage>;

/// An id that no other call gives.
pub(super) fn new_id<T: From<Uuid>>() -> T {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Uuid::from_u128((0x0192_0000_0000_7000_8000 << 48) | u128::from(number)).into()
}

/// A time so many seconds after some fixed one, with milliseconds in it.
pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_123).expect("in range")
        + TimeDelta::seconds(seconds)
}

pub(super) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 2, 28).expect("a day")
}

pub(super) fn hash(seed: u8) -> Hash {
    [seed; 32]
}

pub(super) fn ciphertext(seed: u8) -> Ciphertext {
    // No text: bytes that are not UTF-8, and a zero.
    Ciphertext(vec![0xff, 0x00, seed])
}

pub(super) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

pub(super) async fn write(db: &Db) -> Box<dyn Transaction> {
    db.write().await.expect("a transaction that writes")
}

pub(super) async fn read(db: &Db) -> Box<dyn Transaction> {
    db.read().await.expect("a transaction that reads")
}

pub(super) fn assert_taken<T: std::fmt::Debug>(answer: Result<T, StorageError>, what: &str) {
    match answer {
        Err(StorageError::Taken(taken)) => assert_eq!(taken, what),
        other => panic!("the {what} should be taken, not {other:?}"),
    }
}

/// Runs the same attempt in eight tasks, each in a transaction of its own; answers how many it succeeded in.
pub(super) async fn race<F>(
    db: &Db,
    attempt: impl Fn(Box<dyn Transaction>) -> F + Send + Sync + 'static,
) -> usize
where
    F: Future<Output = (Box<dyn Transaction>, bool)> + Send,
{
    let attempt = Arc::new(attempt);
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (db, attempt) = (db.clone(), attempt.clone());
        tasks.spawn(async move {
            let (transaction, won) = attempt(write(&db).await).await;
            transaction.save().await.expect("saved");
            won
        });
    }
    tasks
        .join_all()
        .await
        .into_iter()
        .filter(|&won| won)
        .count()
}

pub(super) fn workspace(slug: &str) -> WorkspaceRecord {
    WorkspaceRecord {
        id: new_id(),
        slug: slug.to_owned(),
        name: format!("Workspace {slug}"),
        created_at: at(0),
    }
}

pub(super) fn user(email: &str) -> UserRecord {
    UserRecord {
        id: new_id(),
        email: email.to_owned(),
        name: Some("Ada Löwe".to_owned()),
        password_hash: "$argon2id$v=19$…".to_owned(),
        created_at: at(0),
    }
}

/// A workspace with one person in it, saved.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub workspace: WorkspaceId,
    pub user: UserId,
}

impl Place {
    pub async fn new(db: &Db) -> Self {
        let mut transaction = write(db).await;
        let place = Self::within(&mut *transaction, "default").await;
        transaction.save().await.expect("saved");
        place
    }

    pub async fn within(transaction: &mut dyn Transaction, slug: &str) -> Self {
        let workspace = workspace(slug);
        let user = user(&format!("admin@{slug}.example"));
        let mut users = transaction.users();
        users.insert_workspace(&workspace).await.expect("inserted");
        users.insert(&user).await.expect("inserted");
        Self {
            workspace: workspace.id,
            user: user.id,
        }
    }

    pub fn connector(self, name: &str) -> ConnectorRecord {
        ConnectorRecord {
            id: new_id(),
            workspace_id: self.workspace,
            name: name.to_owned(),
            config: ConnectorConfig::AdvancedRestApi(AdvancedRestApi {
                base_url: "https://dev.example/contoso/".to_owned(),
                timeout_seconds: 30,
            }),
            version: 1,
            created_at: at(1),
            updated_at: at(2),
        }
    }

    pub fn authorization(self, name: &str) -> AuthorizationRecord {
        AuthorizationRecord {
            id: new_id(),
            workspace_id: self.workspace,
            name: name.to_owned(),
            provider: "azure-devops".to_owned(),
            settings: [("client_id", "c0ffee"), ("tenant", "contoso")]
                .into_iter()
                .collect(),
            scopes: texts(&["vso.code", "vso.work"]),
            connectors: Vec::new(),
            active: true,
            grant_id: None,
            version: 1,
            created_at: at(3),
            updated_at: at(4),
        }
    }

    pub fn draft(self, authorization: AuthorizationId) -> DraftRecord {
        DraftRecord {
            workspace_id: self.workspace,
            authorization_id: authorization,
            user_id: self.user,
            base_version: 3,
            form: ciphertext(1),
            grant_id: None,
            account_confirmed: true,
            flow_error: Some(FlowError {
                message: "The sign-in was cancelled.".to_owned(),
                provider: Some(provider_error()),
                field: Some("settings.client_secret".to_owned()),
                admin_consent_url: Some("https://login.example/t/adminconsent".to_owned()),
            }),
            updated_at: at(5),
        }
    }

    pub fn flow(self, authorization: AuthorizationId, seed: u8) -> FlowRecord {
        FlowRecord {
            id: new_id::<FlowId>(),
            workspace_id: self.workspace,
            authorization_id: authorization,
            target: FlowTarget::Draft,
            user_id: Some(self.user),
            state_hash: hash(seed),
            browser_hash: hash(seed.wrapping_add(100)),
            callback: "azure-devops".to_owned(),
            details: ciphertext(seed),
            return_to: "/authorizations".to_owned(),
            created_at: at(0),
            expires_at: at(600),
        }
    }

    pub fn link(self, authorization: AuthorizationId, seed: u8) -> ConnectLinkRecord {
        ConnectLinkRecord {
            hash: hash(seed),
            workspace_id: self.workspace,
            authorization_id: authorization,
            expires_at: at(3600),
        }
    }

    pub fn revocation(self, authorization: AuthorizationId) -> RevocationRecord {
        RevocationRecord {
            id: new_id::<RevocationId>(),
            workspace_id: self.workspace,
            authorization_id: authorization,
            authorization_name: Some("Work items".to_owned()),
            provider: "azure-devops".to_owned(),
            account: Some("svc@contoso.example".to_owned()),
            request: Some(ciphertext(1)),
            state: RevocationState::Pending,
            attempts: 0,
            next_attempt_at: Some(at(10)),
            last_error: Some(provider_error()),
            token_ends_at: Some(at(3600)),
            created_at: at(10),
            finished_at: None,
        }
    }

    pub fn grant(self, authorization: AuthorizationId) -> GrantRecord {
        GrantRecord {
            id: new_id::<GrantId>(),
            workspace_id: self.workspace,
            authorization_id: authorization,
            client: GrantClient {
                provider: "azure-devops".to_owned(),
                settings: [("client_id", "c0ffee")].into_iter().collect(),
                redirect_uri: "https://tokenry.example/callback/azure-devops".to_owned(),
            },
            account: Some(AccountInfo {
                subject: "1234".to_owned(),
                tenant: Some("contoso".to_owned()),
                username: Some("svc@contoso.example".to_owned()),
                display_name: Some("Service".to_owned()),
                personal: false,
            }),
            asked_scopes: texts(&["vso.code", "offline_access"]),
            granted_scopes: texts(&["vso.code"]),
            warning: Some("The organization does not let it in.".to_owned()),
            status: Status::Healthy,
            last_error: Some(provider_error()),
            authorized_at: at(6),
            tokens: tokens(1),
            trouble: Trouble {
                since: Some(at(30)),
                attempts: 3,
                suspected_at: Some(at(35)),
            },
        }
    }
}

pub(super) fn secret(
    authorization: AuthorizationId,
    field: &str,
    position: i64,
    seed: u8,
) -> SecretRecord {
    SecretRecord {
        id: new_id::<SecretId>(),
        authorization_id: authorization,
        field: field.to_owned(),
        position,
        value: ciphertext(seed),
        ends_in: Some("a1b2".to_owned()),
        expires_on: Some(day()),
        set_at: at(7),
        last_worked_at: Some(at(8)),
        in_use: position == 0,
    }
}

pub(super) fn tokens(generation: i64) -> TokenSet {
    TokenSet {
        generation,
        access_token: Some(ciphertext(10)),
        refresh_token: Some(ciphertext(11)),
        token_type: "Bearer".to_owned(),
        expires_at: Some(at(3600)),
        refreshed_at: Some(at(8)),
        next_refresh_at: Some(at(3000)),
    }
}

pub(super) fn lease(grant: &GrantRecord, holder: u128) -> RefreshLease {
    RefreshLease {
        grant_id: grant.id,
        generation: grant.tokens.generation,
        token_hash: hash(9),
        holder: Uuid::from_u128(holder),
        process: Uuid::from_u128(100),
        sends: 1,
        started_at: at(0),
        expires_at: at(60),
    }
}

pub(super) fn provider_error() -> ProviderErrorInfo {
    ProviderErrorInfo {
        code: "invalid_grant".to_owned(),
        message: "AADSTS50173: …".to_owned(),
        correlation_id: Some("7f".to_owned()),
        at: at(9),
    }
}

/// Saves an authorization named so, and answers it.
pub(super) async fn saved_authorization(db: &Db, place: Place, name: &str) -> AuthorizationRecord {
    let authorization = place.authorization(name);
    let mut transaction = write(db).await;
    transaction
        .authorizations()
        .insert(&authorization)
        .await
        .expect("inserted");
    transaction.save().await.expect("saved");
    authorization
}

/// Saves a grant, and answers it.
pub(super) async fn saved_grant(db: &Db, place: Place) -> GrantRecord {
    let grant = place.grant(new_id());
    let mut transaction = write(db).await;
    transaction.grants().insert(&grant).await.expect("inserted");
    transaction.save().await.expect("saved");
    grant
}

/// Ids of connectors, to compare.
pub(super) fn ids(connectors: &[ConnectorRecord]) -> Vec<ConnectorId> {
    connectors.iter().map(|connector| connector.id).collect()
}
