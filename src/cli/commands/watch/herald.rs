//! What others than the person before it hear of a watch: the service manager that started it, and the webhook.
//!
//! Promises: they are told beside the watch and in its own loop, so that they never delay it, and a loop that is stuck is
//! silent; whatever they do with it changes nothing.

use std::convert::Infallible;
use std::future::Future;

use tokio::sync::watch as channel;

use super::page::Page;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::notification::{
    Courier, Message, News, Outbox, Seen, Sender, Situation, Standstill, Tally, Webhook,
};
use crate::cli::session::Session;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::engine::executor::Stop;
use crate::platform::systemd::ServiceManager;
use crate::platform::time::timestamp_ms;
use crate::ports::clock::Clock;

/// Who hears.
pub(super) struct Listeners {
    manager: ServiceManager,
    webhook: Option<Webhook>,
    outbox: Outbox,
}

impl Listeners {
    /// Whoever the environment and the profile name.
    pub(super) fn open(session: &Session) -> Result<Self, CliError> {
        let webhook = session.wired.webhook()?.map(Webhook::new).transpose();
        let webhook = webhook.map_err(|error| CliError::Settings(format!("notify: {error}")))?;
        Ok(Self { manager: ServiceManager::from_environment(), webhook, outbox: Outbox::default() })
    }

    /// What became of messages so far.
    pub(super) fn tally(&self) -> Tally {
        self.outbox.tally()
    }

    /// Does the work, and tells beside it. What is not delivered when the work is over has its last call.
    pub(super) async fn beside<T>(
        &self,
        (stop, session, page): (channel::Receiver<Stop>, &Session, &Page),
        work: impl Future<Output = T>,
    ) -> T {
        // On the heap: a watch is large, and is moved a few times before it begins.
        let work = Box::pin(async {
            let done = work.await;
            self.outbox.close();
            done
        });
        let deliver = Box::pin(async {
            if let Some(to) = &self.webhook {
                let hears = |warning: Option<&str>| {
                    page.notified(warning.is_none());
                    if let Some(warning) = warning {
                        session.events.note(warning);
                    }
                };
                Courier { clock: &session.clock, to, hears }.run(&self.outbox).await;
            }
        });
        tokio::select! {
            // A signal may end the work in the same moment: that it ends is told first.
            biased;
            never = self.vital_signs(stop, &session.clock) => match never {},
            (done, ()) = async { tokio::join!(biased; work, deliver) } => done,
        }
    }

    /// Says that we are alive, and once that we are about to end.
    async fn vital_signs(&self, mut stop: channel::Receiver<Stop>, clock: &impl Clock) -> Infallible {
        let beat = async {
            let Some(every) = self.manager.alive_every() else { return std::future::pending().await };
            loop {
                self.manager.alive();
                clock.sleep_until(clock.now() + every).await;
            }
        };
        let end = async {
            if stop.wait_for(|stop| *stop != Stop::No).await.is_ok() {
                self.manager.stopping();
            }
            std::future::pending().await
        };
        tokio::select! {
            never = beat => never,
            never = end => never,
        }
    }
}

/// Tells them what comes of a look or a pass.
pub(super) struct Herald<'a> {
    listeners: &'a Listeners,
    session: &'a Session,
    situation: Situation,
    pass: u64,
    is_ready: bool,
}

impl<'a> Herald<'a> {
    /// Tells these.
    pub(super) fn to(listeners: &'a Listeners, session: &'a Session) -> Self {
        Self { listeners, session, situation: Situation::default(), pass: 0, is_ready: false }
    }

    /// What the watch is at, in one line.
    pub(super) fn at(&self, line: &str) {
        self.listeners.manager.status(line);
    }

    /// The manifests cannot be loaded.
    pub(super) fn unloadable(&mut self, diagnostics: &[Diagnostic]) {
        let words = words(diagnostics);
        self.at(&format!("the manifests cannot be loaded: {words}"));
        let news = self.situation.stands_still(Standstill::Manifests, &words, self.session.clock.now());
        self.tell(news);
    }

    /// A pass could not be made. `line` says so in one line.
    pub(super) fn failed(&mut self, number: u64, line: &str, error: &CliError) {
        self.pass = number;
        self.at(line);
        let why = match error.exit() {
            Exit::Locked => Standstill::Held,
            other => Standstill::Pass(other.code()),
        };
        let words = match error.diagnostics() {
            [] => error.message(),
            diagnostics => words(diagnostics),
        };
        let news = self.situation.stands_still(why, &words, self.session.clock.now());
        self.tell(news);
    }

    /// A pass was made, and has shown this; `None` when it was given up on the way.
    pub(super) fn passed(&mut self, number: u64, seen: Option<Seen>) {
        let Some(seen) = seen else { return };
        self.pass = number;
        if !std::mem::replace(&mut self.is_ready, true) {
            self.listeners.manager.ready();
        }
        let news = self.situation.passed(seen);
        self.tell(news);
    }

    fn tell(&self, news: Option<News>) {
        let (Some(news), Some(_)) = (news, &self.listeners.webhook) else { return };
        let run = self.session.events.run();
        let sender = Sender { profile: &self.session.wired.profile, run: &run.0, pass: self.pass };
        self.listeners.outbox.put(Message::of(&news, sender, timestamp_ms()));
    }
}

/// The first problem with its place, and how many more there are. Source lines are left out, as in the event stream.
fn words(diagnostics: &[Diagnostic]) -> String {
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
    let Some(first) = errors.first() else { return String::new() };
    let place = first.labels.first().map(|label| format!("{}:{}: ", label.span.file, label.span.line));
    let rest = errors.len() - 1;
    let rest = if rest == 0 { String::new() } else { format!(" (and {rest} more)") };
    format!("{}{}{rest}", place.unwrap_or_default(), first.message)
}
