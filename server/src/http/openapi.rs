//! The description of the REST API. Paths and bodies come from the handlers; here is what is said
//! about all of them.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

/// Name of the security scheme, as the handlers write it.
const API_KEY: &str = "api_key";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tokenry",
        version = "1",
        description = "OAuth authorizations: set them up, let a person consent, publish, read fresh tokens.\n\n\
            Every request carries an API key: `Authorization: Bearer tky_…`. The web app's session cookie is not \
            accepted here, so that no web page can make a browser call this API.\n\n\
            Errors are problem details (RFC 9457) with a stable `code`. `GET` and writes answer an `ETag`; a write \
            with `If-Match` fails with 412 when somebody else saved meanwhile, and without it goes through."
    ),
    components(schemas(model::problem::Problem)),
    servers((url = "/api/v1")),
    tags(
        (name = "providers", description = "The catalogue"),
        (name = "connectors", description = "What uses an authorization"),
        (name = "authorizations", description = "Client registrations and their consents"),
        (name = "health", description = "How authorizations are doing"),
        (name = "tokens", description = "What connectors read"),
        (name = "notifications", description = "What people are told, and how it reaches them"),
        (name = "publish", description = "Publishing, history, restore"),
        (name = "api-keys", description = "Credentials of programs")
    ),
    modifiers(&BearerKeys)
)]
struct Head;

struct BearerKeys;

impl Modify for BearerKeys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("tky_…")
            .description(Some("An API key with the scope that the operation names"))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme(API_KEY, SecurityScheme::Http(scheme));
    }
}

/// Everything but the operations.
pub fn head() -> utoipa::openapi::OpenApi {
    Head::openapi()
}

/// The document as it is sent.
pub fn to_json(document: &utoipa::openapi::OpenApi) -> String {
    document
        .to_json()
        .expect("the document is made of strings and maps")
}

/// `GET /api/openapi.json`
pub fn serve(document: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}
