//! `/api/v1/events`: one server-sent event for whatever changed since the one before.
//!
//! Level-triggered: a reader that is slow gets fewer events that say more, never a queue that grows.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::watch;

use super::board::Board;
use crate::platform::time::sleep;

/// The pause behind each event: at most five a second.
const PAUSE: Duration = Duration::from_millis(200);
/// How often a quiet stream shows that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Reader {
    board: Arc<Board>,
    revisions: watch::Receiver<u64>,
    /// What it has; `None` at first, or when it cannot say.
    since: Option<u64>,
    is_first: bool,
}

/// What changes from this revision on.
pub(super) fn events(
    board: Arc<Board>,
    since: Option<u64>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let revisions = board.revisions();
    let reader = Reader { board, revisions, since, is_first: true };
    Sse::new(unfold(reader, next)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

async fn next(mut reader: Reader) -> Option<(Result<Event, Infallible>, Reader)> {
    if !reader.is_first {
        sleep(PAUSE).await;
        reader.revisions.wait_for(|revision| Some(*revision) != reader.since).await.ok()?;
    }
    let delta = reader.board.since(reader.since);
    reader.is_first = false;
    reader.since = Some(delta.status.revision);
    // Texts and numbers of our own making: they can always be written.
    let data = serde_json::to_string(&delta).ok()?;
    let event = Event::default().event("delta").id(delta.status.revision.to_string()).data(data);
    Some((Ok(event), reader))
}
