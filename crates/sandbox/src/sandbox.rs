//! [`Sandbox`]: the handle that router, server and tests share.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use rand::CryptoRng;
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    accounts::{Account, AccountPatch},
    behaviour::Behaviour,
    clock::Clock,
    config::{AppRegistration, SandboxConfig},
    keys::{KeyError, SigningKey},
    ledger::{FamilyState, Ledger},
    mint::{self, MintRefused, MintRequest, MintedGrant},
    sign_in::{self, ConsentRefused, Decision},
    state::State,
};

/// A provider in memory. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    clock: Box<dyn Clock>,
    key: OnceCell<SigningKey>,
}

impl Sandbox {
    /// A sandbox with its own memory, reading time and randomness from the parameters.
    pub fn new(
        config: SandboxConfig,
        clock: impl Clock + 'static,
        rng: impl CryptoRng + Send + 'static,
    ) -> Self {
        let state = Mutex::new(State::new(config, Box::new(rng)));
        Self {
            shared: Arc::new(Shared {
                state,
                clock: Box::new(clock),
                key: OnceCell::new(),
            }),
        }
    }

    /// The provider, its pages, the REST API and the control API as one router.
    pub fn router(&self) -> axum::Router {
        crate::routes::router(self.clone())
    }

    /// Every token request since the start or the last reset.
    pub fn ledger(&self) -> Ledger {
        self.state().ledger.clone()
    }

    /// The account with this short name or email address.
    pub fn account(&self, name: &str) -> Option<Account> {
        self.state().account(name).cloned()
    }

    /// Changes an account; returns how it is then, or nothing when there is no such account.
    pub fn set_account(&self, name: &str, patch: AccountPatch) -> Option<Account> {
        let mut state = self.state();
        let account = state.account_mut(name)?;
        account.active = patch.active.unwrap_or(account.active);
        account.locked = patch.locked.unwrap_or(account.locked);
        account.consent_revoked = patch.consent_revoked.unwrap_or(account.consent_revoked);
        let changed = account.clone();
        if patch.consent_revoked == Some(true) {
            state.revoke_consents(changed.name);
        }
        Some(changed)
    }

    /// How the token endpoints behave now, with what is left of counted answers.
    pub fn behaviour(&self) -> Behaviour {
        self.state().behaviour.clone()
    }

    /// Replaces the behaviour as a whole.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.state().behaviour = behaviour;
    }

    /// Registers an app, in place of one with the same client id. Returns whether there was one.
    pub fn register(&self, app: AppRegistration) -> bool {
        self.state().register(app)
    }

    /// Forgets everything but the configuration and the signing key.
    pub fn reset(&self) {
        self.state().reset();
    }

    /// Goes through sign-in and consent for a person: returns where the browser would be sent.
    pub fn consent(
        &self,
        authorize_url: &Url,
        account: &str,
        decision: Decision,
    ) -> Result<Url, ConsentRefused> {
        let now = self.now();
        sign_in::without_pages(&mut self.state(), authorize_url, account, decision, now)
    }

    /// Makes consents without anybody consenting, at most [`crate::MOST_AT_ONCE`]: how tests and benchmarks come by
    /// many grants.
    pub fn mint(&self, request: &MintRequest) -> Result<Vec<MintedGrant>, MintRefused> {
        let now = self.now();
        mint::mint(&mut self.state(), request, now)
    }

    /// What has become of each family of tokens, by its id.
    pub fn families(&self) -> BTreeMap<String, FamilyState> {
        let now = self.now();
        self.state().tokens.families(now)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    /// The memory, locked. Never hold it across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere fails its own request; it must not take the whole sandbox along.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The signing key, made on first need away from the threads that answer requests.
    pub(crate) async fn signing_key(&self) -> Result<&SigningKey, KeyError> {
        self.shared
            .key
            .get_or_try_init(|| async {
                let seed = self.state().random_bytes();
                tokio::task::spawn_blocking(move || SigningKey::generate(seed)).await?
            })
            .await
    }
}
