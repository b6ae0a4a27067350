//! Small server-rendered pages for what happens outside the web app: a consent that cannot be
//! continued, a server that failed.

use crate::middleware::request;
use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use std::fmt::Write as _;

/// What is told.
pub struct Notice<'a> {
    /// HTTP status.
    pub status: StatusCode,
    /// What happened, in a few words.
    pub title: &'a str,
    /// What it means and what to do.
    pub detail: &'a str,
}

impl IntoResponse for Notice<'_> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Html(self.html())).into_response();
        response.headers_mut().insert(
            header::CACHE_CONTROL,
            header::HeaderValue::from_static("no-store"),
        );
        response
    }
}

impl Notice<'_> {
    fn html(&self) -> String {
        let (title, detail) = (escape(self.title), escape(self.detail));
        let (style, id) = match request::current() {
            Some(request) => (
                format!(
                    "<link rel=\"stylesheet\" href=\"{}\">",
                    escape(&request.style_sheet)
                ),
                format!("<p class=\"notice-id\">Request {}</p>", escape(&request.id)),
            ),
            None => (String::new(), String::new()),
        };
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} · Tokenry</title>{style}</head>\
             <body><main class=\"notice\"><h1>{title}</h1><p>{detail}</p>\
             <p><a href=\"/\">Back to Tokenry</a></p>{id}</main></body></html>"
        )
    }
}

/// Text as HTML, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a String cannot fail.
                let _ = write!(html, "&#{};", u32::from(character));
            }
            plain => html.push(plain),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_says_is_text() {
        let notice = Notice {
            status: StatusCode::BAD_REQUEST,
            title: "No",
            detail: "<script>alert('x')</script> & \"more\"",
        };
        let html = notice.html();
        assert!(!html.contains("<script"));
        assert!(html.contains("&#60;script&#62;alert(&#39;x&#39;)"));
    }
}
