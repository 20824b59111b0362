//! `program`: rows as NDJSON through a program of the user's (Property 35).
//!
//! One row in, one row out, in the same order: the n-th line that comes out is the n-th row that went in. The program may
//! keep rows back as it likes, as programs do whose output goes into a pipe, up to [`MOST_IN_FLIGHT`]. Rows keep their
//! fields and types; a new field is made by `set` before it.
//!
//! Promises: no shell; the program is killed by its process id when the flow ends early; what it prints on standard error
//! is kept to its last bytes; it holds back the rows before it when it is slow, and is held back itself.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use super::error::{WrongRow, WrongValue};
use super::transforms::{Chunk, Losses, Numbered};
use crate::domain::suite::types::{RowField, Schema};
use crate::verify::row::{Row, WrongMember, read_object, write_json};

/// Rows that a program may have taken and not given back yet.
const MOST_IN_FLIGHT: usize = 100_000;
/// No line is longer, in bytes: as with files of rows.
const LONGEST_LINE: u64 = 64 << 20;
/// How long a program may do nothing, while it is the one that everybody waits for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long its last words on standard error are waited for, when it has ended: a program that it has started itself may hold
/// them open.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// What is kept of its standard error, in bytes: the end.
const KEPT_STDERR: usize = 2_048;
/// What is written at a time, in bytes, as soon as there is so much.
const PORTION: usize = 64 << 10;
/// Rows that are passed on together at most.
const TOGETHER: usize = 256;

/// Why a program ends the flow.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The system does not start it.
    #[error("the program `{program}` cannot be started: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// It cannot be read from.
    #[error("the program `{program}` cannot be read from: {source}")]
    Read {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// It said that it failed.
    #[error("the program `{program}` failed ({status}){stderr}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its standard error, as ` and said: …`, or nothing.
        stderr: String,
    },
    /// It ended while it still had rows, or before it was given all.
    #[error(
        "the program `{program}` ended ({status}) and gave {given} rows for {taken} that it had taken{stderr}: it must give \
         one line for each line"
    )]
    TooFew {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// Rows that it gave.
        given: u64,
        /// Rows that it took.
        taken: u64,
        /// The end of its standard error.
        stderr: String,
    },
    /// It gave a row that nobody had given to it.
    #[error(
        "the program `{program}` gave more rows than the {taken} that it had taken: it must give one line for each line"
    )]
    TooMany {
        /// The program.
        program: String,
        /// Rows that it took.
        taken: u64,
    },
    /// A line that is no row.
    #[error("the program `{program}` gave a line that is no JSON object for row {row}: {line:?}")]
    NotARow {
        /// The program.
        program: String,
        /// The row that it is for.
        row: u64,
        /// The start of the line.
        line: String,
    },
    /// It takes rows and gives none.
    #[error(
        "the program `{program}` has taken {taken} rows without giving one back: it must work line by line"
    )]
    Hoards {
        /// The program.
        program: String,
        /// Rows that it has.
        taken: usize,
    },
    /// It does nothing.
    #[error("the program `{program}` did nothing for {} s, with {in_flight} rows to give back", after.as_secs_f64())]
    Stalled {
        /// The program.
        program: String,
        /// For how long.
        after: Duration,
        /// Rows that it had taken and not given back.
        in_flight: usize,
    },
}

/// A program between two stages.
#[derive(Debug)]
pub(super) struct Program {
    argv: Vec<String>,
    folder: PathBuf,
    /// Each field with what stands before its value: `{"a":`, `,"b":`.
    fields: Vec<(String, RowField)>,
    schema: Schema,
    pub(super) patience: Duration,
    pub(super) most_in_flight: usize,
}

/// What both halves know.
#[derive(Default)]
struct Shared {
    in_flight: Mutex<VecDeque<u64>>,
    taken: AtomicU64,
    /// All rows were given to it.
    is_fed: AtomicBool,
    /// It does not take what is being written.
    is_writing: AtomicBool,
    portions: AtomicU64,
}

impl Shared {
    fn in_flight(&self) -> std::sync::MutexGuard<'_, VecDeque<u64>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Program {
    pub(super) fn new(argv: &[String], folder: &Path, schema: &Schema) -> Self {
        let fields = schema.fields().iter().enumerate().map(|(at, field)| {
            let open = if at == 0 { '{' } else { ',' };
            (format!("{open}{}:", serde_json::Value::from(field.name.as_str())), field.clone())
        });
        Self {
            argv: argv.to_vec(),
            folder: folder.to_owned(),
            fields: fields.collect(),
            schema: schema.clone(),
            patience: PATIENCE,
            most_in_flight: MOST_IN_FLIGHT,
        }
    }

    fn name(&self) -> String {
        self.argv.first().cloned().unwrap_or_default()
    }

    fn start(&self) -> Result<(Child, ChildStdin, ChildStdout, ChildStderr), ProgramError> {
        let failed = |source| ProgramError::Start { program: self.name(), source };
        let (program, arguments) =
            self.argv.split_first().ok_or_else(|| failed(std::io::ErrorKind::InvalidInput.into()))?;
        // `./enrich` is looked for in the folder in which it runs.
        let path = if program.contains('/') { self.folder.join(program) } else { PathBuf::from(program) };
        let mut command = Command::new(path);
        command.args(arguments).current_dir(&self.folder).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(stdin), Some(stdout), Some(stderr)) => Ok((child, stdin, stdout, stderr)),
            _ => Err(failed(std::io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Runs it until no more rows come and all have come back.
    pub(super) async fn run(
        &self,
        rows: mpsc::Receiver<Chunk>,
        out: mpsc::Sender<Chunk>,
        losses: &dyn Losses,
    ) -> Result<(), ProgramError> {
        let (mut child, stdin, stdout, stderr) = self.start()?;
        let (shared, said, silence) = (Shared::default(), Mutex::new(Vec::new()), Notify::new());
        let ended = async {
            let given = self.read(stdout, out, losses, &shared).await?;
            let Some(given) = given else { return Ok(()) };
            let status = match timeout(self.patience, child.wait()).await {
                Ok(status) => status.map_err(|source| self.unreadable(source))?,
                Err(_elapsed) => return Err(self.stalled(&shared)),
            };
            // Without its last words the message is shorter, and no less true.
            drop(timeout(LAST_WORDS, silence.notified()).await);
            self.judge(status, given, &shared, &said)
        };
        tokio::pin!(ended);
        let feeding = async {
            self.feed(rows, stdin, &shared).await?;
            // Its output tells the rest.
            std::future::pending().await
        };
        let listening = async {
            listen(stderr, &said).await;
            silence.notify_one();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = &mut ended => ended,
            fed = feeding => fed,
            () = listening => Ok(()),
        }
    }

    fn unreadable(&self, source: std::io::Error) -> ProgramError {
        ProgramError::Read { program: self.name(), source }
    }

    fn stalled(&self, shared: &Shared) -> ProgramError {
        let in_flight = shared.in_flight().len();
        ProgramError::Stalled { program: self.name(), after: self.patience, in_flight }
    }

    fn judge(
        &self,
        status: ExitStatus,
        given: u64,
        shared: &Shared,
        said: &Mutex<Vec<u8>>,
    ) -> Result<(), ProgramError> {
        let said = said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&said);
        let said = said.trim();
        let stderr = if said.is_empty() { String::new() } else { format!(" and said: {said:?}") };
        let program = self.name();
        if !status.success() {
            return Err(ProgramError::Failed { program, status, stderr });
        }
        if shared.in_flight().is_empty() && shared.is_fed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let taken = shared.taken.load(Ordering::Relaxed);
        Err(ProgramError::TooFew { program, status, given, taken, stderr })
    }

    /// Gives it the rows. When it does not take them any more, its end tells why.
    async fn feed(
        &self,
        mut rows: mpsc::Receiver<Chunk>,
        mut stdin: ChildStdin,
        shared: &Shared,
    ) -> Result<(), ProgramError> {
        let mut lines = String::new();
        while let Some(chunk) = rows.recv().await {
            let mut last = chunk.len();
            for row in &chunk {
                let in_flight = {
                    let mut in_flight = shared.in_flight();
                    in_flight.push_back(row.number);
                    in_flight.len()
                };
                shared.taken.fetch_add(1, Ordering::Relaxed);
                if in_flight > self.most_in_flight {
                    return Err(ProgramError::Hoards { program: self.name(), taken: self.most_in_flight });
                }
                self.write_line(&mut lines, &row.row);
                last -= 1;
                if lines.len() >= PORTION || last == 0 {
                    shared.is_writing.store(true, Ordering::Relaxed);
                    let written = stdin.write_all(lines.as_bytes()).await;
                    shared.is_writing.store(false, Ordering::Relaxed);
                    shared.portions.fetch_add(1, Ordering::Relaxed);
                    lines.clear();
                    if written.is_err() {
                        return Ok(());
                    }
                }
            }
        }
        shared.is_fed.store(true, Ordering::Relaxed);
        drop(stdin);
        Ok(())
    }

    fn write_line(&self, lines: &mut String, row: &Row) {
        for ((before, field), value) in self.fields.iter().zip(row.values()) {
            lines.push_str(before);
            write_json(lines, &field.value, value);
        }
        lines.push_str("}\n");
    }

    /// Takes its rows; how many there were. `None`: nobody wants more.
    async fn read(
        &self,
        stdout: ChildStdout,
        out: mpsc::Sender<Chunk>,
        losses: &dyn Losses,
        shared: &Shared,
    ) -> Result<Option<u64>, ProgramError> {
        let mut reader = BufReader::with_capacity(PORTION, stdout);
        let (mut line, mut given, mut together) = (Vec::new(), 0, Vec::new());
        loop {
            if !self.read_line(&mut reader, &mut line, shared).await? {
                break;
            }
            let number = shared.in_flight().pop_front();
            let taken = shared.taken.load(Ordering::Relaxed);
            let number = number.ok_or_else(|| ProgramError::TooMany { program: self.name(), taken })?;
            given += 1;
            if let Some(row) = self.row(number, &line, losses)? {
                together.push(Numbered { number, row });
            }
            line.clear();
            // Whatever is there already goes together; nobody waits for more.
            let is_all = !reader.buffer().contains(&b'\n');
            if (is_all || together.len() >= TOGETHER)
                && !together.is_empty()
                && out.send(std::mem::take(&mut together)).await.is_err()
            {
                return Ok(None);
            }
        }
        Ok(Some(given))
    }

    /// Reads a line; `false` at the end.
    async fn read_line(
        &self,
        reader: &mut BufReader<ChildStdout>,
        line: &mut Vec<u8>,
        shared: &Shared,
    ) -> Result<bool, ProgramError> {
        loop {
            let (before, portions) = (line.len(), shared.portions.load(Ordering::Relaxed));
            let room = LONGEST_LINE.saturating_sub(before as u64);
            let mut limited = (&mut *reader).take(room);
            match timeout(self.patience, limited.read_until(b'\n', line)).await {
                Ok(Ok(0)) if room > 0 => return Ok(!line.is_empty()),
                Ok(Ok(_)) if line.last() == Some(&b'\n') || room == 0 => return Ok(true),
                Ok(Ok(_)) => {}
                Ok(Err(source)) => return Err(self.unreadable(source)),
                Err(_elapsed) => {
                    let is_stuck = shared.is_writing.load(Ordering::Relaxed)
                        && portions == shared.portions.load(Ordering::Relaxed);
                    let is_awaited = is_stuck || shared.is_fed.load(Ordering::Relaxed);
                    if is_awaited && line.len() == before {
                        return Err(self.stalled(shared));
                    }
                }
            }
        }
    }

    /// The row that a line is; `None` when it is refused.
    fn row(&self, number: u64, line: &[u8], losses: &dyn Losses) -> Result<Option<Row>, ProgramError> {
        let text = std::str::from_utf8(line).unwrap_or_default();
        match read_object(self.schema.fields(), text) {
            Ok(row) => Ok(Some(row)),
            Err(Some(WrongMember { name, json, problem })) => {
                let value = json.map(|json| start(&json));
                losses.refused(
                    number,
                    &WrongRow { field: name, value, reason: WrongValue::OfProgram(problem) },
                );
                Ok(None)
            }
            Err(None) => {
                let line = start(String::from_utf8_lossy(line).trim_end());
                Err(ProgramError::NotARow { program: self.name(), row: number, line })
            }
        }
    }
}

/// The start of a text.
fn start(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Keeps the end of what it says.
async fn listen(mut stderr: ChildStderr, said: &Mutex<Vec<u8>>) {
    let mut bytes = [0; 1_024];
    while let Ok(read @ 1..) = stderr.read(&mut bytes).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend(bytes.iter().take(read));
        let beyond = said.len().saturating_sub(KEPT_STDERR);
        said.drain(..beyond);
    }
}
