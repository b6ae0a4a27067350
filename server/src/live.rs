//! `GET /ui/events`: tells open pages what to read again, as Server-Sent Events.
//!
//! The first message is `hello`: the page reads again what it may have missed. The others are JSON
//! lists of [`model::health::LiveChange`]. The stream ends with the session (after a message `end`,
//! so that the page does not ask again) and with the server (the browser connects again by itself).

use crate::{
    http::{ApiError, failure},
    middleware::session::Visitor,
    state::AppState,
};
use axum::{
    Extension,
    extract::State,
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use broker::{
    Broker,
    access::{Actor, SessionUser},
    live::LiveChanges,
};
use chrono::TimeDelta;
use futures::{Stream, stream};
use model::{UserId, problem::Code};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at},
};

/// Its path.
pub const PATH: &str = "/ui/events";
/// Open streams of one person. Pages close theirs when nobody looks at them.
const PER_PERSON: usize = 20;
/// Silence after which a comment is sent, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is looked whether the session still lasts; also before every message.
const SESSION_CHECK: Duration = Duration::from_secs(5);
/// Proxies that buffer would hold messages back (nginx).
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The open streams.
#[derive(Clone, Debug)]
pub struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Mutex<HashMap<UserId, usize>>,
    ending: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Inner {
            open: Mutex::default(),
            ending: watch::Sender::new(false),
        }))
    }
}

impl Streams {
    /// Ends all of them, and those that are opened later: the server could not finish otherwise.
    pub fn end(&self) {
        self.0.ending.send_replace(true);
    }

    /// A place for one more stream of a person; `None` when they have enough.
    fn enter(&self, user: UserId) -> Option<Place> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let number = open.entry(user).or_default();
        if *number >= PER_PERSON {
            return None;
        }
        *number += 1;
        Some(Place {
            streams: self.clone(),
            user,
        })
    }
}

/// Counts as an open stream until it is dropped.
struct Place {
    streams: Streams,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self
            .streams
            .0
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = open.get_mut(&self.user) {
            *number -= 1;
            if *number == 0 {
                open.remove(&self.user);
            }
        }
    }
}

/// Opens a stream for the person who is signed in.
pub async fn events(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    match open(&state, visitor) {
        Ok(stream) => {
            let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
            let mut response = Sse::new(stream).keep_alive(keep_alive).into_response();
            response
                .headers_mut()
                .insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
            response
        }
        Err(error) => failure(PATH, error),
    }
}

fn open(
    state: &AppState,
    visitor: Visitor,
) -> Result<impl Stream<Item = Result<Event, Infallible>> + use<>, ApiError> {
    let user = visitor
        .user
        .ok_or_else(|| ApiError::new(Code::Unauthenticated, "Sign in to go on."))?;
    let changes = state
        .broker
        .live_changes(&Actor::from(&user))
        .map_err(ApiError::of)?;
    let place = state.live.enter(user.user.id).ok_or_else(|| {
        let detail = "Tokenry is open in too many tabs. Close some, then reload this one.";
        ApiError::new(Code::RateLimited, detail).retry_after(TimeDelta::minutes(1))
    })?;
    let connection = Connection {
        changes,
        broker: state.broker.clone(),
        user,
        ending: state.live.0.ending.subscribe(),
        over: false,
        _place: place,
    };
    // At once, so that the page knows it is heard and reads what it may have missed before.
    let hello = stream::once(async { Ok(Event::default().event("hello").data("")) });
    Ok(stream::StreamExt::chain(
        hello,
        stream::unfold(connection, Connection::next),
    ))
}

/// One open stream.
struct Connection {
    changes: LiveChanges,
    broker: Broker,
    user: SessionUser,
    ending: watch::Receiver<bool>,
    /// The last message was sent.
    over: bool,
    _place: Place,
}

impl Connection {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.over {
            return None;
        }
        let mut checks = interval_at(Instant::now() + SESSION_CHECK, SESSION_CHECK);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let changes = loop {
            let changes = tokio::select! {
                // An error means that the server is gone, which is an end as well.
                _ = self.ending.wait_for(|ending| *ending) => return None,
                changes = self.changes.next() => Some(changes?),
                _ = checks.tick() => None,
            };
            if !self.session_lasts().await {
                self.over = true;
                return Some((Ok(Event::default().event("end").data("")), self));
            }
            if let Some(changes) = changes {
                break changes;
            }
        };
        let event = Event::default()
            .json_data(changes)
            .unwrap_or_else(|error| Event::default().comment(error.to_string()));
        Some((Ok(event), self))
    }

    /// A database that cannot be asked is no reason to sign anybody out.
    async fn session_lasts(&self) -> bool {
        self.broker
            .session_lasts(&self.user)
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "a session cannot be looked up");
                true
            })
    }
}

#[cfg(test)]
mod tests {
    use super::{PER_PERSON, Streams};
    use model::UserId;
    use uuid::Uuid;

    #[test]
    fn one_person_does_not_take_all_places_and_gives_them_back() {
        let streams = Streams::default();
        let (ada, ben) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let places: Vec<_> = (0..PER_PERSON)
            .map(|_| streams.enter(ada).unwrap())
            .collect();
        assert!(streams.enter(ada).is_none());
        assert!(streams.enter(ben).is_some());
        drop(places);
        assert!(streams.enter(ada).is_some());
        assert!(streams.0.open.lock().unwrap().is_empty());
    }
}
