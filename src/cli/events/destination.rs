//! Where the stream goes: a file, or a descriptor that the caller left open.

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use crate::platform::fs::{self, FsError};

/// `--events FILE|fd:N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A file, which is emptied; a device or a named pipe.
    File(PathBuf),
    /// Standard output or standard error themselves.
    Stdout,
    /// Standard error.
    Stderr,
    /// Another open descriptor. It is opened anew for appending, by its name under `/proc/self/fd`: to take it over as it
    /// is needs `unsafe` code.
    Descriptor(u32),
}

/// What is wrong with a destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DestinationError {
    /// `fd:` without a number.
    #[error("`{0}` is not a descriptor: write for example fd:3")]
    NotANumber(String),
    /// `fd:0`.
    #[error("fd:0 is standard input: use fd:3 or above, fd:1 or fd:2")]
    Input,
    /// Nothing.
    #[error("write a file, or a descriptor such as fd:3")]
    Empty,
}

impl FromStr for Destination {
    type Err = DestinationError;
    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let Some(number) = text.strip_prefix("fd:") else {
            return if text.is_empty() {
                Err(DestinationError::Empty)
            } else {
                Ok(Self::File(PathBuf::from(text)))
            };
        };
        match number.parse() {
            Ok(0) => Err(DestinationError::Input),
            Ok(1) => Ok(Self::Stdout),
            Ok(2) => Ok(Self::Stderr),
            Ok(number) => Ok(Self::Descriptor(number)),
            Err(_) => Err(DestinationError::NotANumber(text.to_owned())),
        }
    }
}

impl Destination {
    /// Opens it.
    ///
    /// # Errors
    /// [`FsError`]: it cannot be written, there is no such descriptor, or it is a pipe that nobody reads.
    pub(crate) fn open(&self) -> Result<Box<dyn Write + Send>, FsError> {
        Ok(match self {
            Self::File(path) => Box::new(fs::open_output(path)?),
            Self::Stdout => Box::new(std::io::stdout()),
            Self::Stderr => Box::new(std::io::stderr()),
            Self::Descriptor(number) => Box::new(fs::open_descriptor(*number)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_file_or_a_descriptor_that_can_be_written() {
        let parse = str::parse::<Destination>;
        assert_eq!(parse("run.ndjson"), Ok(Destination::File("run.ndjson".into())));
        assert_eq!(parse("fd:1"), Ok(Destination::Stdout));
        assert_eq!(parse("fd:2"), Ok(Destination::Stderr));
        assert_eq!(parse("fd:17"), Ok(Destination::Descriptor(17)));
        assert_eq!(parse("fd:0"), Err(DestinationError::Input));
        assert_eq!(parse(""), Err(DestinationError::Empty));
        for bad in ["fd:", "fd:x", "fd:-1", "fd:99999999999"] {
            assert_eq!(parse(bad), Err(DestinationError::NotANumber(bad.to_owned())));
        }
    }
}
