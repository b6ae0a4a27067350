//! Where notifications arrive in tests: a webhook and a mailbox that remember what they got.

use broker::ports::{Mail, MailError, Mailer};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

/// The host of the webhook.
pub const HOOK: &str = "https://hooks.contoso.example/tokenry?team=ops";

/// A webhook: answers what it was told to, 204 otherwise.
#[derive(Default)]
pub struct Hook {
    answers: Mutex<VecDeque<u16>>,
    received: Mutex<Vec<Received>>,
}

/// A request to the webhook.
#[derive(Clone, Debug)]
pub struct Received {
    pub head: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.head[name].to_str().unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Hook {
    /// Answers so, one after the other.
    pub fn will_answer(&self, statuses: &[u16]) {
        lock(&self.answers).extend(statuses);
    }

    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }

    pub fn take(&self, request: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        let (parts, body) = request.into_parts();
        lock(&self.received).push(Received {
            head: parts.headers,
            body,
        });
        let status = lock(&self.answers).pop_front().unwrap_or(204);
        http::Response::builder()
            .status(status)
            .body(Vec::new())
            .unwrap()
    }

    /// Whether a request is for it.
    pub fn is_at(uri: &http::Uri) -> bool {
        uri.host() == Some("hooks.contoso.example")
    }
}

/// A mail server that takes everything, unless it was told what to answer.
#[derive(Default)]
pub struct Postbox {
    refusals: Mutex<VecDeque<MailError>>,
    received: Mutex<Vec<Mail>>,
}

impl Postbox {
    pub fn will_refuse(&self, permanent: bool) {
        lock(&self.refusals).push_back(MailError {
            permanent,
            message: "the mail server refused: mailbox full".to_owned(),
        });
    }

    pub fn received(&self) -> Vec<Mail> {
        lock(&self.received).clone()
    }
}

#[async_trait::async_trait]
impl Mailer for Postbox {
    fn check(&self, address: &str) -> Result<(), String> {
        if address.contains('@') {
            Ok(())
        } else {
            Err("no address".to_owned())
        }
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(refusal) = lock(&self.refusals).pop_front() {
            return Err(refusal);
        }
        lock(&self.received).push(mail.clone());
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}
