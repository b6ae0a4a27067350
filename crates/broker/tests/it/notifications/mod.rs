//! People are told: once, of what matters, and it arrives.

mod centre;
mod deliveries;
mod outages;
mod secrets;
mod told;

use crate::{
    receivers::HOOK,
    support::{ENTRA, World},
};
use broker::error::WriteError;
use model::{
    AuthorizationId,
    notification::{
        ChannelCreated, ChannelInput, ChannelKind, Delivery, Notification, NotificationKind,
        PageQuery,
    },
    status::Status,
};
use oauth::ExposeSecret;
use sandbox::{AccountPatch, Behaviour, CannedAnswer, Decision};

impl World {
    async fn told(&self) -> Vec<Notification> {
        let query = PageQuery::default();
        let page = self.broker.notifications(&self.actor, &query).await;
        page.unwrap().items
    }

    /// What was told, oldest first.
    async fn kinds(&self) -> Vec<NotificationKind> {
        let mut told = self.told().await;
        told.reverse();
        told.iter().map(|one| one.kind).collect()
    }

    async fn webhook(&self) -> ChannelCreated {
        self.channel(ChannelKind::Webhook, HOOK).await.unwrap()
    }

    async fn channel(&self, kind: ChannelKind, target: &str) -> Result<ChannelCreated, WriteError> {
        let input = ChannelInput {
            kind,
            target: target.to_owned(),
        };
        self.broker
            .create_notification_channel(&self.actor, input)
            .await
    }

    async fn log(&self) -> Vec<Delivery> {
        let query = PageQuery::default();
        let page = self
            .broker
            .notification_deliveries(&self.actor, &query)
            .await;
        page.unwrap().items
    }

    async fn deliver(&self) {
        while self.broker.deliver_due().await.unwrap() > 0 {}
    }

    async fn refreshed(&self, id: AuthorizationId) -> Status {
        self.broker.refresh(&self.actor, id).await.unwrap().state
    }

    fn account_is_active(&self, active: bool) {
        let patch = AccountPatch {
            active: Some(active),
            ..AccountPatch::default()
        };
        self.sandbox.set_account("service", patch);
    }

    fn provider_answers(&self, answer: serde_json::Value) {
        let answer: CannedAnswer = serde_json::from_value(answer).unwrap();
        self.sandbox.set_behaviour(Behaviour {
            answer: Some(answer),
            ..Behaviour::default()
        });
    }

    fn provider_is_down(&self) {
        self.provider_answers(serde_json::json!({ "status": 503 }));
    }

    fn provider_is_up(&self) {
        self.sandbox.set_behaviour(Behaviour::default());
    }

    async fn consent_again(&self, id: AuthorizationId) {
        let link = self.broker.connect_link(&self.actor, id).await.unwrap();
        let link = self.broker.open_link(link.token.expose_secret(), None);
        let begun = link.await.unwrap();
        self.come_back(&begun, "service", Decision::Accept, ENTRA)
            .await
            .unwrap();
    }

    /// Authorizations of one client registration, all authorized.
    async fn several(&self, count: usize) -> Vec<AuthorizationId> {
        let mut ids = Vec::new();
        for number in 1..=count {
            let name = format!("Contoso {number}");
            ids.push(self.authorized(ENTRA, &name).await.id);
        }
        ids
    }
}

/// One notification in the queue of a webhook.
async fn queued(world: &World) -> AuthorizationId {
    world.webhook().await;
    let id = world.authorized(ENTRA, "Contoso").await.id;
    world.account_is_active(false);
    world.refreshed(id).await;
    id
}
