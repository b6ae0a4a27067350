//! The one error of every server function.

use model::problem::{Code, Problem};
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use std::fmt;

/// Why the server refused, or that it could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UiError(pub Problem);

impl UiError {
    /// A failure told by the browser itself.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Problem::new(code, detail))
    }

    /// Its stable code.
    pub const fn code(&self) -> Code {
        self.0.code
    }

    /// What happened and what to do, for a person.
    pub fn message(&self) -> &str {
        &self.0.detail
    }

    /// The message that belongs to one field.
    pub fn field(&self, field: &str) -> Option<String> {
        self.0.error_of(field).map(str::to_owned)
    }
}

impl fmt::Display for UiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl std::error::Error for UiError {}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => {
                crate::components::report_offline();
                Self::new(
                    Code::Offline,
                    "The server cannot be reached. What you typed is still here; try again in a moment.",
                )
            }
            // An answer that is not ours comes from a proxy in between: the same to the person.
            ServerFnErrorErr::Deserialization(_) => Self::new(
                Code::Internal,
                "The server's answer makes no sense here. Reload the page; it may be a newer version.",
            ),
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => Self::new(
                Code::BadRequest,
                "The request does not fit this server's version. Reload the page.",
            ),
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Response(_) => {
                Self::new(Code::Internal, "Something went wrong on the server.")
            }
        }
    }
}
