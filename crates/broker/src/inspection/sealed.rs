//! Does everything that is sealed open where it lies? (S18, R16)

use crate::{error::Fault, sealing::Column};
use storage::{
    Storage,
    sealed::{SealedColumn, SealedValue},
};
use uuid::Uuid;
use vault::Vault;

/// Values read at a time.
const PAGE: u32 = 500;
/// Rows that are named when they do not open.
const NAMED: usize = 5;

/// How the values of one column are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSeen {
    /// Which.
    pub column: SealedColumn,
    /// How many opened.
    pub opened: u64,
    /// How many did not.
    pub damaged: u64,
    /// Rows of the first ones that did not, for the operator.
    pub rows: Vec<Uuid>,
}

/// Opens the values of every column: all, or the first `limit` of each.
///
/// # Errors
/// When the database cannot be read, or the vault is sealed.
pub async fn sealed_values(
    storage: &dyn Storage,
    vault: &Vault,
    limit: Option<u64>,
) -> Result<Vec<ColumnSeen>, Fault> {
    vault.ring()?;
    let mut seen = Vec::new();
    for column in SealedColumn::ALL {
        seen.push(look_at(storage, vault, column, limit.unwrap_or(u64::MAX)).await?);
    }
    Ok(seen)
}

async fn look_at(
    storage: &dyn Storage,
    vault: &Vault,
    column: SealedColumn,
    limit: u64,
) -> Result<ColumnSeen, Fault> {
    let mut seen = ColumnSeen {
        column,
        opened: 0,
        damaged: 0,
        rows: Vec::new(),
    };
    let mut after = 0;
    while seen.opened + seen.damaged < limit {
        // One transaction a page: a long one would keep the write-ahead log from being folded in.
        let page = storage
            .read()
            .await?
            .sealed()
            .page(column, after, PAGE)
            .await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for value in &page {
            let opened = place_of(column, value).in_place(value.workspace_id, |place| {
                vault.open(place, &value.value.0)
            });
            if opened.is_ok() {
                seen.opened += 1;
            } else {
                seen.damaged += 1;
                if seen.rows.len() < NAMED {
                    seen.rows.push(value.id);
                }
            }
        }
    }
    Ok(seen)
}

/// Where a value was sealed for.
fn place_of(column: SealedColumn, value: &SealedValue) -> Column {
    let id = value.id;
    match column {
        SealedColumn::ClientSecret => Column::ClientSecret(id.into()),
        // A draft without a person does not exist; with the nil id its form would not open.
        SealedColumn::DraftForm => {
            Column::DraftForm(id.into(), value.user.unwrap_or(Uuid::nil().into()))
        }
        SealedColumn::FlowDetails => Column::FlowDetails(id.into()),
        SealedColumn::AccessToken => Column::AccessToken(id.into()),
        SealedColumn::RefreshToken => Column::RefreshToken(id.into()),
        SealedColumn::RevocationRequest => Column::RevocationRequest(id.into()),
        SealedColumn::WebhookSecret => Column::WebhookSecret(id.into()),
    }
}
