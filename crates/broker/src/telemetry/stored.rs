//! What only the database knows: read now and then, and told as gauges.

use super::{grants, ready, refresh_queue, unsent};
use crate::{Broker, error::Fault};
use chrono::TimeDelta;

impl Broker {
    /// Reads the gauges that the database knows. Call it several times a minute.
    ///
    /// # Errors
    /// When the database fails; that the server is not ready is told all the same.
    pub async fn measure(&self) -> Result<(), Fault> {
        ready(self.ready().await.is_ok());
        let now = self.now();
        let mut tx = self.read().await?;
        grants(&tx.statistics().grants().await?);
        let overdue = tx.statistics().overdue(now).await?;
        let age = overdue.since.map_or(TimeDelta::zero(), |since| now - since);
        refresh_queue(overdue, age);
        unsent(tx.statistics().unsent().await?);
        Ok(())
    }
}
