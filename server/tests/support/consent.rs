//! The way from a new authorization to a consent, as a program and a person go it together.

use super::{Answer, Api, Browser, TestServer};
use sandbox::{
    Decision,
    config::example::{ENTRA_CLIENT_ID, ENTRA_CLIENT_SECRET},
};
use serde_json::{Value, json};
use url::Url;

impl TestServer {
    /// A complete Azure DevOps authorization, as `POST /authorizations` takes it.
    pub fn contoso(name: &str) -> Value {
        json!({
            "name": name,
            "provider": "azure-devops",
            "settings": {
                "client_id": ENTRA_CLIENT_ID,
                "client_secret": ENTRA_CLIENT_SECRET,
                "tenant": "organizations",
            },
            "scopes": ["vso.work", "vso.profile"],
        })
    }

    /// A person's part at the provider: signs in with `account` and decides. Answers the callback.
    pub fn at_the_provider(
        &self,
        authorize_url: &str,
        account: &str,
        decision: Decision,
    ) -> String {
        let url = Url::parse(authorize_url).unwrap();
        self.sandbox
            .consent(&url, account, decision)
            .unwrap()
            .to_string()
    }
}

impl Api<'_> {
    /// Makes an authorization and gives its id.
    pub async fn create(&self, name: &str) -> String {
        let created = self
            .post_json("/authorizations", TestServer::contoso(name))
            .await;
        created.expect(201).text("/id")
    }

    /// A fresh connect link.
    pub async fn connect_link(&self, id: &str) -> String {
        let link = self.post(&format!("/authorizations/{id}/connect")).await;
        link.expect(200).text("/connect_url")
    }

    /// Lets the service account consent in a browser; answers what the browser saw last.
    pub async fn authorize(&self, id: &str, browser: &Browser<'_>) -> Answer {
        let link = self.connect_link(id).await;
        let provider = browser.get(&link).await.location().to_owned();
        let callback = self
            .server()
            .at_the_provider(&provider, "service", Decision::Accept);
        browser.get(&callback).await
    }

    /// An authorization that works and is published.
    pub async fn published(&self, name: &str) -> String {
        let id = self.create(name).await;
        let done = self.authorize(&id, &self.server().stranger()).await;
        assert!(
            done.location().starts_with("/connect/done"),
            "{}",
            done.location()
        );
        self.post("/publish").await.expect(200);
        id
    }
}
