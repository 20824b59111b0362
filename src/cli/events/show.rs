//! What the engine tells, on the board of a watch.

use std::time::Duration;

use crate::dashboard::{Board, Happened};
use crate::domain::address::Address;
use crate::ports::event_sink::{Event, Visible};

pub(super) fn show(board: &Board, event: &Event) {
    match event {
        Event::ReadStarted { .. } => {}
        Event::ReadCompleted { took, .. } => board.listed(*took),
        Event::Retry { operation, .. } => board.retried(operation),
        Event::Transition { address, state, elapsed } => board.happened(address, turned(*state, *elapsed)),
        Event::Reported { address, state, message, .. } => {
            let (word, explanation) = (state.clone(), message.clone());
            board.happened(address, Happened::Reported { word, explanation });
        }
        Event::Succeeded { address } => board.happened(address, Happened::Done),
        Event::Failed { address, message } => tell(board, address, message, Happened::Failed),
        Event::Skipped { address, message } => tell(board, address, message, Happened::Skipped),
        Event::Notice { address, message } => tell(board, address, message, Happened::Noted),
    }
}

fn turned(state: Visible, elapsed: Duration) -> Happened {
    let is_ready = matches!(state, Visible::Available | Visible::Ready);
    Happened::Turned { word: state.as_str(), ready_after: is_ready.then_some(elapsed) }
}

fn tell(board: &Board, address: &Address, message: &str, what: impl FnOnce(String) -> Happened) {
    board.happened(address, what(message.to_owned()));
}
