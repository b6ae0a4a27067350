//! Addresses of pages, and which of them a person may be sent to after signing in.

use model::{
    AuthorizationId,
    publish::{EntityKind, EntityRef},
};

/// Where everything starts.
pub const HOME: &str = "/authorizations";

/// How all of them are doing.
pub const OVERVIEW: &str = "/overview";

/// The first segments that `next` may lead to (S11).
const PAGES: [&str; 8] = [
    "overview",
    "authorizations",
    "connectors",
    "publications",
    "notifications",
    "api-keys",
    "settings",
    "connect",
];

/// One tab of the editor.
pub fn editor(id: AuthorizationId, tab: &str) -> String {
    format!("/authorizations/{id}/{tab}")
}

/// The timeline of an authorization, on its page.
pub fn health(id: AuthorizationId) -> String {
    format!("/authorizations/{id}/settings#health")
}

/// The page on which an entity is edited.
pub fn entity(entity: &EntityRef) -> String {
    match entity.kind {
        EntityKind::Authorization => format!("/authorizations/{}/settings", entity.id),
        EntityKind::Connector => format!("/connectors?edit={}", entity.id),
    }
}

/// The sign-in page that leads on to `wanted`.
pub fn sign_in(wanted: &str) -> String {
    match safe_next(wanted) {
        Some(path) if path != HOME => format!("/sign-in?next={}", encode(path)),
        _ => "/sign-in".to_owned(),
    }
}

/// `path` when it is a page of ours: a same-origin path whose first segment is known (S11).
pub fn safe_next(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    let first = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && PAGES.contains(&first)).then_some(path)
}

/// Percent-encodes a value for a query string (RFC 3986 §2.3: all but the unreserved).
pub fn encode(value: &str) -> String {
    use std::fmt::Write as _;
    value.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::{encode, safe_next, sign_in};

    #[test]
    fn s11_only_our_own_pages_are_next() {
        for good in [
            "/authorizations",
            "/authorizations?search=a%20b",
            "/settings#theme",
        ] {
            assert_eq!(safe_next(good), Some(good));
        }
        for bad in [
            "",
            "authorizations",
            "//evil.example",
            "/\\evil.example",
            "/authorizations\\..",
            "/%2f/evil.example",
            "javascript:alert(1)",
            "https://evil.example/authorizations",
            "/authorizations\r\nSet-Cookie: a=b",
            "/ui/accounts/sign-out",
        ] {
            assert_eq!(safe_next(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_way_back_is_kept() {
        assert_eq!(
            sign_in("/settings?a=b"),
            "/sign-in?next=%2Fsettings%3Fa%3Db"
        );
        assert_eq!(sign_in("//evil.example"), "/sign-in");
        assert_eq!(encode("ä /"), "%C3%A4%20%2F");
    }
}
