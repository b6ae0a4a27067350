//! Entra's scopes: `{resource}/vso.work`, the OpenID scopes without a prefix, and `{resource}/.default`.

use std::collections::BTreeSet;

use crate::{
    config::AppRegistration,
    dialects::split_scopes,
    refusal::Refusal,
    scopes::{self, AZURE_DEVOPS_RESOURCE, OPENID},
};

const DEFAULT: &str = ".default";

/// Reads a `scope` parameter into names without prefix. A name without a prefix that is not one of OpenID's would
/// mean Microsoft Graph, which has no `vso.*`: the mistake that makes real authorizations fail.
pub(super) fn read(scope: &str, app: &AppRegistration) -> Result<BTreeSet<String>, Refusal> {
    let mut names = BTreeSet::new();
    let mut has_default = false;
    let mut has_resource_scope = false;
    for full in split_scopes(scope) {
        match full.rsplit_once('/') {
            None if is_openid(full) => _ = names.insert(full.to_owned()),
            None => return Err(Refusal::UnknownScope(full.to_owned())),
            Some((AZURE_DEVOPS_RESOURCE, DEFAULT)) => has_default = true,
            Some((AZURE_DEVOPS_RESOURCE, name)) if scopes::find(name).is_none() => {
                return Err(Refusal::UnknownScope(full.to_owned()));
            }
            Some((AZURE_DEVOPS_RESOURCE, name))
                if !app.scopes.iter().any(|registered| registered == name) =>
            {
                return Err(Refusal::UnregisteredScope(full.to_owned()));
            }
            Some((AZURE_DEVOPS_RESOURCE, name)) => {
                has_resource_scope = true;
                names.insert(name.to_owned());
            }
            Some((resource, _)) => return Err(Refusal::UnknownResource(resource.to_owned())),
        }
    }
    if has_default && has_resource_scope {
        return Err(Refusal::DefaultScopeMixed);
    }
    if has_default {
        names.extend(app.scopes.iter().filter(|name| !is_openid(name)).cloned());
    }
    Ok(names)
}

/// The `scope` of an answer: those of the resource, with prefix; OpenID's only when there is no resource.
pub(super) fn write(names: &BTreeSet<String>) -> String {
    let resource: Vec<String> = names
        .iter()
        .filter(|name| !is_openid(name))
        .map(|name| format!("{AZURE_DEVOPS_RESOURCE}/{name}"))
        .collect();
    if resource.is_empty() {
        names
            .iter()
            .filter(|name| *name != "offline_access")
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        resource.join(" ")
    }
}

fn is_openid(name: &str) -> bool {
    OPENID.iter().any(|(openid, _)| *openid == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::example;

    #[test]
    fn prefixes_decide_what_a_scope_means() {
        let app = AppRegistration {
            scopes: vec!["openid".into(), "vso.work".into(), "vso.profile".into()],
            ..example::apps(&"http://127.0.0.1:3000".parse().unwrap()).remove(0)
        };
        let devops = |name: &str| format!("{AZURE_DEVOPS_RESOURCE}/{name}");

        let names = read(
            &format!("openid {} offline_access", devops("vso.work")),
            &app,
        )
        .unwrap();
        assert_eq!(write(&names), devops("vso.work"));
        assert_eq!(
            write(&read("openid offline_access", &app).unwrap()),
            "openid"
        );
        assert_eq!(
            read(&devops(".default"), &app)
                .unwrap()
                .into_iter()
                .collect::<Vec<_>>(),
            ["vso.profile", "vso.work"]
        );

        let refused = |scope: &str| read(scope, &app).unwrap_err();
        assert_eq!(
            refused("vso.work"),
            Refusal::UnknownScope("vso.work".into())
        );
        assert_eq!(
            refused(&devops("vso.nothing")),
            Refusal::UnknownScope(devops("vso.nothing"))
        );
        assert_eq!(
            refused(&devops("vso.code")),
            Refusal::UnregisteredScope(devops("vso.code"))
        );
        assert_eq!(
            refused("api://other/read"),
            Refusal::UnknownResource("api://other".into())
        );
        assert_eq!(
            refused(&format!("{} {}", devops(".default"), devops("vso.work"))),
            Refusal::DefaultScopeMixed
        );
    }
}
