//! Webhooks as the Standard Webhooks specification has them: what is posted, and its signature.
//!
//! `webhook-signature: v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`,
//! keyed with the bytes after `whsec_`. A receiver checks the signature, refuses old timestamps, and
//! drops ids that it has seen.

use super::deliver::Answer;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Method, Request, StatusCode, header};
use model::{
    DeliveryId,
    notification::{NotificationKind, NotificationSeverity},
};
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::Sha256;
use storage::notifications::{ChannelRecord, NotificationRecord};
use url::Url;
use zeroize::Zeroizing;

/// What every signing secret starts with.
const PREFIX: &str = "whsec_";
/// Length of the key, in bytes: that of the hash's output (RFC 2104 §3).
const KEY_BYTES: usize = 32;

/// The body, as `docs/notifications.md` describes it.
#[derive(Serialize)]
struct Body<'a> {
    r#type: NotificationKind,
    timestamp: DateTime<Utc>,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    id: String,
    severity: NotificationSeverity,
    title: &'a str,
    text: &'a str,
    connectors: &'a [String],
    next_action: &'a str,
    authorization: Option<Authorization<'a>>,
    url: String,
}

#[derive(Serialize)]
struct Authorization<'a> {
    id: String,
    name: &'a str,
    url: String,
}

/// A new key, as it is shown: `whsec_` and base64.
pub(super) fn new_secret(rng: &mut (impl CryptoRng + ?Sized)) -> SecretString {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    rng.fill_bytes(key.as_mut_slice());
    SecretString::from(format!("{PREFIX}{}", STANDARD.encode(key.as_slice())))
}

/// What is posted about a notification. It holds no secret (S17).
pub(super) fn body(notification: &NotificationRecord, public_url: &Url) -> Vec<u8> {
    let base = public_url.as_str().trim_end_matches('/');
    let authorization = notification.authorization.as_ref();
    let body = Body {
        r#type: notification.kind,
        timestamp: notification.at,
        data: Data {
            id: notification.id.to_string(),
            severity: notification.severity,
            title: &notification.title,
            text: &notification.text,
            connectors: &notification.connectors,
            next_action: &notification.next_action,
            authorization: authorization.map(|authorization| Authorization {
                id: authorization.id.to_string(),
                name: &authorization.name,
                url: format!("{base}/authorizations/{}", authorization.id),
            }),
            url: format!("{base}/notifications"),
        },
    };
    serde_json::to_vec(&body).expect("texts, times and lists of them make JSON")
}

/// The signed request; `None` when the channel's address or secret make none.
pub(super) fn request(
    channel: &ChannelRecord,
    delivery: DeliveryId,
    body: &[u8],
    secret: &SecretString,
    now: DateTime<Utc>,
) -> Option<Request<Vec<u8>>> {
    let id = delivery.to_string();
    let timestamp = now.timestamp();
    let signature = sign(secret, &id, timestamp, body)?;
    Request::builder()
        .method(Method::POST)
        .uri(&channel.target)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", HeaderValue::from(timestamp))
        .header("webhook-signature", signature)
        .body(body.to_vec())
        .ok()
}

/// The value of `webhook-signature`.
fn sign(secret: &SecretString, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let encoded = secret.expose_secret().strip_prefix(PREFIX)?;
    let key = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Some(format!("v1,{signature}"))
}

/// What a status means for the delivery.
pub(super) fn answer(status: StatusCode) -> Answer {
    if status.is_success() {
        Answer::Taken {
            status: Some(status.as_u16()),
        }
    } else if status == StatusCode::GONE {
        Answer::Gone
    } else {
        Answer::NotNow {
            status: Some(status.as_u16()),
            error: format!("answered {status}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{new_secret, sign};
    use rand::{SeedableRng, rngs::StdRng};
    use secrecy::{ExposeSecret, SecretString};

    /// The vector of the specification's own libraries.
    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signature.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn secrets_are_long_and_unlike() {
        let mut rng = StdRng::seed_from_u64(1);
        let (one, two) = (new_secret(&mut rng), new_secret(&mut rng));
        assert_eq!(one.expose_secret().len(), "whsec_".len() + 44);
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert!(sign(&one, "id", 0, b"").is_some());
        assert!(sign(&SecretString::from("no prefix"), "id", 0, b"").is_none());
    }
}
