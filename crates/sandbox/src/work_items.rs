//! The work items behind the REST API: a few to begin with, changed by JSON Patch (RFC 6902) as Azure DevOps does.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::Account;

/// The projects of every organization, with their ids.
pub(crate) const PROJECTS: [(&str, &str, &str); 2] = [
    (
        "Fabrikam",
        "eb6e4656-77fc-42a1-9181-4c6d8e9da5d1",
        "Work of the integration team",
    ),
    (
        "Tailspin",
        "6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c",
        "The flight planner",
    ),
];

/// The name of a project as written at its creation; requests may use any case, or the id.
pub(crate) fn project(name_or_id: &str) -> Option<&'static str> {
    PROJECTS
        .iter()
        .find(|(name, id, _)| {
            name.eq_ignore_ascii_case(name_or_id) || id.eq_ignore_ascii_case(name_or_id)
        })
        .map(|(name, _, _)| *name)
}

/// Why a patch is not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatchError {
    #[error("The patch document is empty.")]
    Empty,
    #[error("Operation '{0}' on path '{1}' is not supported.")]
    Unsupported(String, String),
    #[error("TF26071: This work item has been changed by someone else since you opened it.")]
    Stale,
    #[error("TF401320: Rule Error for field Title. The field is required.")]
    NoTitle,
}

/// One operation of a JSON Patch document.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Operation {
    op: String,
    path: String,
    #[serde(default)]
    value: Value,
}

/// One work item.
#[derive(Debug, Clone)]
pub(crate) struct WorkItem {
    pub(crate) id: u64,
    pub(crate) project: &'static str,
    rev: u64,
    fields: BTreeMap<String, Value>,
}

/// All work items by id.
#[derive(Debug)]
pub(crate) struct WorkItems(BTreeMap<u64, WorkItem>);

impl Default for WorkItems {
    fn default() -> Self {
        let seeds = [
            (
                "Fabrikam",
                "Product Backlog Item",
                "Show the team which integrations are healthy",
            ),
            (
                "Fabrikam",
                "Bug",
                "Nightly import stops when the token expires",
            ),
            ("Tailspin", "Task", "Order the new departure boards"),
        ];
        let items = (1..).zip(seeds).map(|(id, (project, kind, title))| {
            let mut fields = new_fields(project, kind);
            fields.insert("System.Title".to_owned(), title.into());
            fields.insert(
                "System.CreatedDate".to_owned(),
                "2026-01-05T09:00:00Z".into(),
            );
            fields.insert(
                "System.ChangedDate".to_owned(),
                "2026-01-05T09:00:00Z".into(),
            );
            (
                id,
                WorkItem {
                    id,
                    project,
                    rev: 1,
                    fields,
                },
            )
        });
        Self(items.collect())
    }
}

fn new_fields(project: &str, kind: &str) -> BTreeMap<String, Value> {
    [
        ("System.AreaPath", project),
        ("System.IterationPath", project),
        ("System.TeamProject", project),
        ("System.WorkItemType", kind),
        ("System.State", "New"),
        ("System.Reason", "New"),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into()
}

impl WorkItems {
    pub(crate) fn get(&self, project: &str, id: u64) -> Option<&WorkItem> {
        self.0.get(&id).filter(|item| item.project == project)
    }

    /// Applies a patch, all of it or nothing; nothing at all when there is no such item.
    pub(crate) fn patch(
        &mut self,
        project: &str,
        id: u64,
        operations: &[Operation],
        by: &Account,
        now: DateTime<Utc>,
    ) -> Option<Result<&WorkItem, PatchError>> {
        let item = self.0.get_mut(&id).filter(|item| item.project == project)?;
        let mut changed = item.clone();
        Some(changed.apply(operations, by, now).map(|()| {
            changed.rev += 1;
            *item = changed;
            &*item
        }))
    }

    /// Makes a work item of this type.
    pub(crate) fn create(
        &mut self,
        project: &'static str,
        kind: &str,
        operations: &[Operation],
        by: &Account,
        now: DateTime<Utc>,
    ) -> Result<&WorkItem, PatchError> {
        let id = self.0.last_key_value().map_or(1, |(last, _)| last + 1);
        let mut item = WorkItem {
            id,
            project,
            rev: 1,
            fields: new_fields(project, kind),
        };
        item.apply(operations, by, now)?;
        if !item.fields.contains_key("System.Title") {
            return Err(PatchError::NoTitle);
        }
        for (field, changed) in [
            ("System.CreatedDate", "System.ChangedDate"),
            ("System.CreatedBy", "System.ChangedBy"),
        ] {
            if let Some(value) = item.fields.get(changed).cloned() {
                item.fields.insert(field.to_owned(), value);
            }
        }
        Ok(self.0.entry(id).or_insert(item))
    }
}

impl WorkItem {
    fn apply(
        &mut self,
        operations: &[Operation],
        by: &Account,
        now: DateTime<Utc>,
    ) -> Result<(), PatchError> {
        if operations.is_empty() {
            return Err(PatchError::Empty);
        }
        for operation in operations {
            let field = operation
                .path
                .strip_prefix("/fields/")
                .filter(|field| !field.is_empty());
            match (operation.op.as_str(), field) {
                ("add" | "replace", Some(field)) => {
                    self.fields
                        .insert(field.to_owned(), operation.value.clone());
                }
                ("remove", Some(field)) => {
                    self.fields.remove(field);
                }
                ("test", Some(field)) if self.fields.get(field) == Some(&operation.value) => {}
                ("test", None)
                    if operation.path == "/rev" && operation.value == json!(self.rev) => {}
                ("test", Some(_)) => return Err(PatchError::Stale),
                ("test", None) if operation.path == "/rev" => return Err(PatchError::Stale),
                _ => {
                    return Err(PatchError::Unsupported(
                        operation.op.clone(),
                        operation.path.clone(),
                    ));
                }
            }
        }
        self.fields
            .insert("System.ChangedDate".to_owned(), timestamp(now).into());
        self.fields
            .insert("System.ChangedBy".to_owned(), identity(by));
        Ok(())
    }

    /// The work item as the API shows it.
    pub(crate) fn to_json(&self, organization_url: &str) -> Value {
        let url = format!(
            "{organization_url}/{}/_apis/wit/workItems/{}",
            self.project, self.id
        );
        json!({
            "id": self.id,
            "rev": self.rev,
            "fields": self.fields,
            "_links": {
                "self": {"href": url},
                "html": {"href": format!("{organization_url}/{}/_workitems/edit/{}", self.project, self.id)},
            },
            "url": url,
        })
    }
}

/// A person as the API shows one.
fn identity(account: &Account) -> Value {
    json!({"displayName": account.display_name, "id": account.oid, "uniqueName": account.email})
}

pub(crate) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
