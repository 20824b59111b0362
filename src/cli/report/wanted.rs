//! `--report FORMAT=FILE`: which report goes where, and which command has one.

use std::str::FromStr;

use crate::cli::args::Output;
use crate::cli::events::{Destination, DestinationError};

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Markdown, for a job summary or a comment of GitHub.
    GitHub,
    /// Counts, for the merge-request widget of GitLab.
    GitlabTerraform,
    /// Manifest diagnostics, for GitLab Code Quality.
    CodeQuality,
    /// Manifest diagnostics, as SARIF 2.1.0.
    Sarif,
    /// Test cases: files of `validate`, objects of `drift`, scenarios and properties of `verify`.
    Junit,
}

impl Format {
    const ALL: [Self; 5] = [Self::GitHub, Self::GitlabTerraform, Self::CodeQuality, Self::Sarif, Self::Junit];

    /// The word on the command line.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitlabTerraform => "gitlab-terraform",
            Self::CodeQuality => "codequality",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
        }
    }

    /// The commands about which it has something to say.
    pub(super) fn commands(self) -> &'static [&'static str] {
        match self {
            Self::GitHub | Self::CodeQuality | Self::Sarif => {
                &["validate", "plan", "apply", "destroy", "drift", "verify"]
            }
            Self::GitlabTerraform => &["plan", "apply", "destroy"],
            Self::Junit => &["validate", "drift", "verify"],
        }
    }
}

/// `FORMAT=FILE`, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(super) format: Format,
    pub(super) to: Destination,
}

impl Wanted {
    /// The report that stands on stdout in place of everything else (`-o junit`, `-o markdown`).
    pub(crate) fn on_stdout(output: Output) -> Option<Self> {
        let format = match output {
            Output::Text | Output::Json => return None,
            Output::Junit => Format::Junit,
            Output::Markdown => Format::GitHub,
        };
        Some(Self { format, to: Destination::Stdout })
    }
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WantedError {
    /// No `=` in it.
    #[error("write FORMAT=FILE, for example sarif=reconcile.sarif")]
    NoFile,
    /// Another format.
    #[error("`{0}` is no format: there are github, gitlab-terraform, codequality, sarif and junit")]
    UnknownFormat(String),
    /// The file.
    #[error(transparent)]
    Destination(#[from] DestinationError),
}

impl FromStr for Wanted {
    type Err = WantedError;
    fn from_str(text: &str) -> Result<Self, WantedError> {
        let (format, to) = text.split_once('=').ok_or(WantedError::NoFile)?;
        let known = Format::ALL.into_iter().find(|known| known.as_str() == format);
        let format = known.ok_or_else(|| WantedError::UnknownFormat(format.to_owned()))?;
        Ok(Self { format, to: to.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_known_format_and_a_place() {
        let parse = str::parse::<Wanted>;
        for format in Format::ALL {
            let wanted = parse(&format!("{}=out/a=b", format.as_str())).unwrap();
            assert_eq!(wanted, Wanted { format, to: Destination::File("out/a=b".into()) });
        }
        assert_eq!(parse("sarif=fd:1").unwrap().to, Destination::Stdout);
        assert_eq!(parse("sarif"), Err(WantedError::NoFile));
        assert_eq!(parse("html=x"), Err(WantedError::UnknownFormat("html".to_owned())));
        assert_eq!(parse("sarif="), Err(WantedError::Destination(DestinationError::Empty)));
    }
}
