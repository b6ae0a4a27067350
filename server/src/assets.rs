//! The web app's files: scripts, WASM and styles under `/pkg`, and what `public/` holds at the root.
//!
//! `cargo xtask build` puts them into `target/site`. Release builds carry that folder inside the binary; debug builds
//! read it from disk, so that a new web app needs no new server. Without the folder the server works and pages come
//! without scripts and styles.

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderValue, StatusCode, Uri,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
            VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::Response,
    routing::get,
};
use rust_embed::RustEmbed;
use serde::Deserialize;

/// Everything that `cargo xtask build` made.
#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// Names of the manifest and of the folder whose files never change under one name.
const MANIFEST: &str = "assets.json";
const PKG: &str = "pkg/";

/// For files whose name changes with their content: one year, the longest that caches honour.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For the others: one hour, then the `ETag` is asked for.
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=3600, must-revalidate");

/// URL paths of what every page loads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AssetManifest {
    /// The JavaScript module that loads the WASM module
    pub js: String,
    /// The WASM module
    pub wasm: String,
    /// The style sheet
    pub css: String,
}

impl AssetManifest {
    /// Names under which nothing is found: pages that name them work without scripts and styles.
    fn missing() -> Self {
        Self {
            js: "/pkg/tokenry.js".to_owned(),
            wasm: "/pkg/tokenry_bg.wasm".to_owned(),
            css: "/pkg/main.css".to_owned(),
        }
    }
}

/// The web app's files, ready to be served.
#[derive(Debug, Clone)]
pub struct Assets {
    manifest: Arc<AssetManifest>,
}

impl Assets {
    /// Reads which files pages load. To be called once, at start.
    ///
    /// A missing web app is a warning in the log, not an error: the API works without it.
    pub fn load() -> Self {
        let manifest = match Site::get(MANIFEST).map(|file| serde_json::from_slice(&file.data)) {
            Some(Ok(manifest)) => manifest,
            Some(Err(error)) => {
                tracing::warn!(%error, "the web app's manifest cannot be read; pages come without scripts and styles");
                AssetManifest::missing()
            }
            None => {
                tracing::warn!(
                    "no web app was built (cargo xtask build); pages come without scripts and styles"
                );
                AssetManifest::missing()
            }
        };
        Self {
            manifest: Arc::new(manifest),
        }
    }

    /// What every page loads.
    pub fn manifest(&self) -> &AssetManifest {
        &self.manifest
    }

    /// `GET` and `HEAD` of `/pkg/{*path}` and of each file of `public/`.
    pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
        let serve = async |uri: Uri, headers: HeaderMap| respond(find, uri.path(), &headers);
        Site::iter()
            .filter(|name| is_public(name))
            .fold(Router::new(), |router, name| {
                router.route(&format!("/{name}"), get(serve))
            })
            .route("/pkg/{*path}", get(serve))
    }
}

/// Whether a file is one of `public/`, in its original form.
fn is_public(name: &str) -> bool {
    let made_here = name == MANIFEST || name.starts_with(PKG);
    let compressed = ENCODINGS
        .iter()
        .any(|encoding| name.ends_with(encoding.extension));
    !made_here && !compressed
}

/// A file in one of its forms.
struct File {
    content: Cow<'static, [u8]>,
    /// SHA-256 of `content`
    hash: [u8; 32],
}

fn find(name: &str) -> Option<File> {
    Site::get(name).map(|file| File {
        hash: file.metadata.sha256_hash(),
        content: file.data,
    })
}

/// A form in which files may lie beside the original.
struct Encoding {
    /// As in `Accept-Encoding` and `Content-Encoding`
    name: &'static str,
    extension: &'static str,
}

/// The smaller one first.
const ENCODINGS: [Encoding; 2] = [
    Encoding {
        name: "br",
        extension: ".br",
    },
    Encoding {
        name: "gzip",
        extension: ".gz",
    },
];

/// Answers with the file at `path`, in the smallest form that the client accepts.
fn respond(find: impl Fn(&str) -> Option<File>, path: &str, headers: &HeaderMap) -> Response {
    let name = path.trim_start_matches('/');
    let encoded = ENCODINGS
        .iter()
        .filter(|encoding| accepts(headers, encoding.name))
        .find_map(|encoding| {
            let file = find(&format!("{name}{}", encoding.extension))?;
            Some((file, Some(encoding.name)))
        });
    let Some((file, encoding)) = encoded.or_else(|| Some((find(name)?, None))) else {
        return not_found();
    };

    let etag = etag(&file.hash);
    let unchanged = if_none_match(headers, &etag);
    let mut response = if unchanged {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let mut response = Response::new(body(file.content));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, content_type(name));
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    let cache = if name.starts_with(PKG) {
        FOREVER
    } else {
        SHORT
    };
    headers.insert(CACHE_CONTROL, cache);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(ETAG, etag);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Not to be cached: during an update, an old page may ask a new server.
fn not_found() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn body(content: Cow<'static, [u8]>) -> Body {
    Body::from(match content {
        Cow::Borrowed(embedded) => Bytes::from_static(embedded),
        Cow::Owned(read) => Bytes::from(read),
    })
}

/// From the extension. Text is UTF-8.
fn content_type(name: &str) -> HeaderValue {
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let charset = if mime.type_() == mime_guess::mime::TEXT {
        "; charset=utf-8"
    } else {
        ""
    };
    HeaderValue::try_from(format!("{}{charset}", mime.essence_str()))
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// A strong validator: each form of a file has its own (RFC 9110 §8.8.3.3).
fn etag(hash: &[u8; 32]) -> String {
    let mut etag = String::from('"');
    for byte in &hash[..16] {
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}

/// Whether the client has what `etag` names (RFC 9110 §13.1.2: a list or `*`, compared weakly).
fn if_none_match(headers: &HeaderMap, etag: &str) -> bool {
    list(headers, &IF_NONE_MATCH).any(|known| {
        let known = known.trim_start_matches("W/");
        known == "*" || known == etag
    })
}

/// Whether `Accept-Encoding` allows a coding by its name or by `*`, with a weight above 0 (RFC 9110 §12.5.3).
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let weight = |wanted: &str| {
        list(headers, &ACCEPT_ENCODING).find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            name.trim().eq_ignore_ascii_case(wanted).then(|| {
                let value = parameters
                    .trim()
                    .trim_start_matches(['q', 'Q'])
                    .trim_start();
                value
                    .strip_prefix('=')
                    .and_then(|weight| weight.trim().parse::<f32>().ok())
                    .unwrap_or(1.0)
            })
        })
    };
    weight(coding)
        .or_else(|| weight("*"))
        .is_some_and(|weight| weight > 0.0)
}

/// The items of a header that is a comma-separated list, over all its lines.
fn list<'a>(
    headers: &'a HeaderMap,
    name: &axum::http::HeaderName,
) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    const JS: &str = "pkg/tokenry.0011.js";

    /// A site with one script in all forms, one icon and one WASM module.
    fn site(name: &str) -> Option<File> {
        let content: &'static [u8] = match name {
            JS => b"the script",
            "pkg/tokenry.0011.js.br" => b"by brotli",
            "pkg/tokenry.0011.js.gz" => b"by gzip",
            "pkg/tokenry_bg.0011.wasm" => b"\0asm",
            "favicon.svg" => b"<svg/>",
            _ => return None,
        };
        let mut hash = [0; 32];
        hash[..content.len()].copy_from_slice(content);
        Some(File {
            content: Cow::Borrowed(content),
            hash,
        })
    }

    fn request(path: &str, headers: &[(HeaderName, &'static str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        respond(site, path, &headers)
    }

    fn script(accept_encoding: &'static str) -> Response {
        request(&format!("/{JS}"), &[(ACCEPT_ENCODING, accept_encoding)])
    }

    fn header(response: &Response, name: HeaderName) -> &str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), 1000).await;
        String::from_utf8(body.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_smallest_form_that_the_client_accepts_is_sent() {
        for (accepted, encoding, content) in [
            ("gzip, deflate, br, zstd", "br", "by brotli"),
            ("gzip", "gzip", "by gzip"),
            ("GZIP;q=0.5", "gzip", "by gzip"),
            ("br;q=0, gzip", "gzip", "by gzip"),
            ("br; q = 0.000, *", "gzip", "by gzip"),
            ("*", "br", "by brotli"),
            ("deflate", "", "the script"),
            ("br;q=0, gzip;q=0", "", "the script"),
        ] {
            let response = script(accepted);
            assert_eq!(header(&response, CONTENT_ENCODING), encoding, "{accepted}");
            assert_eq!(header(&response, VARY), "accept-encoding");
            assert_eq!(
                header(&response, CONTENT_TYPE),
                "text/javascript; charset=utf-8"
            );
            assert_eq!(text(response).await, content, "{accepted}");
        }
    }

    #[test]
    fn hashed_names_are_cached_for_ever_and_others_for_an_hour() {
        let hashed = request(&format!("/{JS}"), &[]);
        assert_eq!(hashed.headers()[CACHE_CONTROL], FOREVER);
        let icon = request("/favicon.svg", &[]);
        assert_eq!(icon.headers()[CACHE_CONTROL], SHORT);
        assert_eq!(header(&icon, CONTENT_TYPE), "image/svg+xml");
    }

    /// Browsers compile WASM while it loads only when it has this type.
    #[test]
    fn wasm_has_its_type_and_nothing_is_sniffed() {
        let response = request("/pkg/tokenry_bg.0011.wasm", &[]);
        assert_eq!(header(&response, CONTENT_TYPE), "application/wasm");
        assert_eq!(header(&response, X_CONTENT_TYPE_OPTIONS), "nosniff");
    }

    #[tokio::test]
    async fn a_known_form_is_not_sent_again() {
        let etag = header(&script("br"), ETAG).to_owned();
        assert_ne!(
            header(&script("gzip"), ETAG),
            etag,
            "one validator for two forms"
        );
        for known in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("br"));
            headers.insert(IF_NONE_MATCH, HeaderValue::try_from(known).unwrap());
            let response = respond(site, JS, &headers);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(header(&response, ETAG), etag);
            assert_eq!(response.headers()[CACHE_CONTROL], FOREVER);
            assert_eq!(text(response).await, "");
        }
    }

    #[test]
    fn what_is_not_there_is_not_cached() {
        let response = request("/pkg/tokenry.9999.js", &[]);
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(header(&response, CACHE_CONTROL), "no-store");
    }

    #[test]
    fn only_originals_of_public_get_a_route_at_the_root() {
        assert!(is_public("favicon.svg"));
        for name in ["favicon.svg.br", "favicon.svg.gz", MANIFEST, JS] {
            assert!(!is_public(name), "{name}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_found() {
        for path in [
            "/pkg/../../../Cargo.toml",
            "/pkg/../../Cargo.lock",
            "//etc/passwd",
        ] {
            let response = respond(find, path, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
