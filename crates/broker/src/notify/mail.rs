//! E-mails: plain text for everybody, and the same in a little HTML.

use crate::ports::Mail;
use model::notification::NotificationKind;
use std::fmt::Write as _;
use storage::notifications::{ClaimedDelivery, NotificationRecord};
use url::Url;

/// Longest subject, in characters.
const SUBJECT_MAX: usize = 150;

/// The message to the channel's address.
pub(super) fn compose(claimed: &ClaimedDelivery, public_url: &Url) -> Mail {
    let notification = &claimed.notification;
    let base = public_url.as_str().trim_end_matches('/');
    let (link, leads_to) = link(notification, base);
    Mail {
        to: claimed.channel.target.clone(),
        id: claimed.record.id.to_string(),
        at: notification.at,
        subject: subject(&notification.title),
        text: text(notification, &link, base),
        html: html(notification, &link, leads_to, base),
    }
}

fn link(notification: &NotificationRecord, base: &str) -> (String, &'static str) {
    match &notification.authorization {
        Some(authorization) => (
            format!("{base}/authorizations/{}", authorization.id),
            "Open the authorization",
        ),
        None => (format!("{base}/notifications"), "Open Tokenry"),
    }
}

/// One line: whatever an authorization is called, it makes no header of its own.
fn subject(title: &str) -> String {
    let line: String = title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(SUBJECT_MAX)
        .collect();
    format!("[Tokenry] {line}")
}

fn text(notification: &NotificationRecord, link: &str, base: &str) -> String {
    let mut text = format!("{}\n\n{}\n", notification.title, notification.text);
    if !notification.connectors.is_empty() {
        text.push_str("\nConnectors that depend on it:\n");
        for connector in &notification.connectors {
            let _ = writeln!(text, "- {connector}");
        }
    }
    if !notification.next_action.is_empty() {
        let _ = write!(text, "\nWhat to do: {}\n", notification.next_action);
    }
    let _ = write!(text, "\n{link}\n\n-- \n{}\n", footer(notification, base));
    text
}

fn html(notification: &NotificationRecord, link: &str, leads_to: &str, base: &str) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><body style=\"font-family:system-ui,sans-serif;line-height:1.5;max-width:36rem\"><h1 style=\"font-size:1.2rem\">{}</h1><p>{}</p>",
        escaped(&notification.title),
        escaped(&notification.text)
    );
    if !notification.connectors.is_empty() {
        html.push_str("<p>Connectors that depend on it:</p><ul>");
        for connector in &notification.connectors {
            let _ = write!(html, "<li>{}</li>", escaped(connector));
        }
        html.push_str("</ul>");
    }
    if !notification.next_action.is_empty() {
        let _ = write!(
            html,
            "<p><strong>What to do:</strong> {}</p>",
            escaped(&notification.next_action)
        );
    }
    let _ = write!(
        html,
        "<p><a href=\"{}\">{leads_to}</a></p><p style=\"color:#667\">{}</p></body></html>",
        escaped(link),
        escaped(&footer(notification, base))
    );
    html
}

fn footer(notification: &NotificationRecord, base: &str) -> String {
    let why = match notification.kind {
        NotificationKind::Test => "Somebody pressed Test",
        _ => "This address was entered",
    };
    format!("{why} in the settings of Tokenry at {base}/settings.")
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::{escaped, subject};

    #[test]
    fn a_title_makes_no_header() {
        assert_eq!(
            subject("Boards\r\nBcc: everybody@example.com"),
            "[Tokenry] Boards  Bcc: everybody@example.com"
        );
        assert!(subject(&"x".repeat(1000)).len() < 200);
    }

    #[test]
    fn names_are_text_in_html() {
        assert_eq!(
            escaped("<img src='x' onerror=\"y\"> & co"),
            "&lt;img src=&#39;x&#39; onerror=&quot;y&quot;&gt; &amp; co"
        );
    }
}
