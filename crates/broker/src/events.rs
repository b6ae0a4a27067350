//! What happens to grants, told in one place to everybody who keeps track of it, in the transaction
//! in which it happens: what is not stored has not happened.
//!
//! To keep track of something new: a module with a function of this shape, called from
//! [`Broker::grant_happened`].

use crate::{Broker, error::Fault};
use model::{authorization::ProviderErrorInfo, status::Status};
use storage::{Transaction, grants::GrantRecord};

/// What happened to a grant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GrantEvent<'a> {
    /// Somebody consented; `again` when there was a consent before.
    Consented {
        /// It takes the place of an earlier consent.
        again: bool,
    },
    /// There is a new token.
    Refreshed,
    /// There is none. What the provider said, or why it was not asked.
    Failed(&'a ProviderErrorInfo),
    /// It is over: deauthorized, replaced, or wiped after its time.
    Ended,
}

impl Broker {
    /// Tells of an event. `grant` is as it is stored after it; `before` is the status it had, so
    /// that a change of state is told from a state that lasts.
    pub(crate) async fn grant_happened(
        &self,
        tx: &mut dyn Transaction,
        grant: &GrantRecord,
        before: Status,
        event: GrantEvent<'_>,
    ) -> Result<(), Fault> {
        self.note_in_history(tx, grant, before, event).await?;
        self.on_grant(tx, grant, before, event).await
    }
}
