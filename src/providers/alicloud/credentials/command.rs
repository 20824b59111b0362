//! External commands that print a key (`process_command`). Run without a shell.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::error::CommandFailure;
use super::key::Credentials;
use crate::platform::process::{self, Bounds};

/// The vendor's own limit.
const DEADLINE: Duration = Duration::from_mins(1);

/// More than any key needs.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// What a command prints: a profile of mode `AK` or `StsToken`, with an optional end.
#[derive(Deserialize)]
struct Printed {
    #[serde(default)]
    mode: Option<String>,
    access_key_id: String,
    access_key_secret: String,
    #[serde(default)]
    sts_token: Option<String>,
    #[serde(default)]
    expiration: Option<String>,
}

/// Runs the command and reads the key that it prints.
pub(super) async fn run(command: &str) -> Result<Credentials, CommandFailure> {
    let words = split(command).ok_or(CommandFailure::Unsplittable)?;
    let (program, arguments) = words.split_first().ok_or(CommandFailure::Unsplittable)?;
    let bounds = Bounds { deadline: DEADLINE, output: OUTPUT_LIMIT };
    let output = process::output(program, arguments, None, bounds).await?;
    printed_key(&output).ok_or(CommandFailure::NoKey)
}

fn printed_key(output: &[u8]) -> Option<Credentials> {
    let printed: Printed = serde_json::from_slice(output).ok()?;
    let token = printed.sts_token.filter(|token| !token.is_empty());
    if printed.mode.as_deref() == Some("StsToken") && token.is_none() {
        return None;
    }
    let expires = match printed.expiration.as_deref() {
        None | Some("") => None,
        Some(text) => Some(text.parse::<Timestamp>().ok()?),
    };
    Credentials::new(printed.access_key_id, printed.access_key_secret, token, expires).ok()
}

/// Splits like a POSIX shell, as the vendor's package does: blanks separate, quotation marks group, a backslash takes
/// the next character literally outside quotation marks, and before `"` and `\` inside double ones. Nothing is
/// expanded. `None` for a quotation mark or backslash without its partner.
fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(rest.next()?),
            '\'' | '"' => {
                let text = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        end if end == c => break,
                        '\\' if c == '"' => match rest.next()? {
                            escaped @ ('"' | '\\') => text.push(escaped),
                            other => text.extend(['\\', other]),
                        },
                        other => text.push(other),
                    }
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::process::ProcessError;

    #[test]
    fn a_command_is_split_as_the_vendors_package_splits_it() {
        let cases: [(&str, &[&str]); 6] = [
            (" a  b\tc ", &["a", "b", "c"]),
            (r#"/opt/my\ tool --name "x y" 'it is'"#, &["/opt/my tool", "--name", "x y", "it is"]),
            (r#"a"b"'c'd """#, &["abcd", ""]),
            (r#""\"\\\n" '\'"#, &[r#""\\n"#, r"\"]),
            ("echo $HOME;x | y `z` #w", &["echo", "$HOME;x", "|", "y", "`z`", "#w"]),
            ("", &[]),
        ];
        for (command, words) in cases {
            assert_eq!(split(command).unwrap(), words, "{command}");
        }
        for bad in ["'", "a \"b", "a\\"] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn the_printed_key_is_read_with_its_end() {
        let key = run(
            r#"printf '{"mode":"StsToken","access_key_id":"i","access_key_secret":"s","sts_token":"t","expiration":"2030-01-02T03:04:05Z"}'"#,
        )
        .await
        .unwrap();
        assert_eq!(
            key,
            Credentials::new("i", "s", Some("t".into()), "2030-01-02T03:04:05Z".parse().ok()).unwrap()
        );
    }

    #[tokio::test]
    async fn a_command_that_gives_no_key_says_how_it_failed_and_repeats_nothing() {
        let missing_token = r#"printf '{"mode":"StsToken","access_key_id":"i","access_key_secret":"hush"}'"#;
        assert_eq!(run(missing_token).await, Err(CommandFailure::NoKey));
        assert_eq!(run("printf hush").await, Err(CommandFailure::NoKey));
        assert_eq!(run("head -c 70000 /dev/zero").await, Err(ProcessError::TooLong(OUTPUT_LIMIT).into()));
        assert!(matches!(
            run("sh -c 'echo hush; exit 3'").await,
            Err(CommandFailure::Process(ProcessError::Status(_)))
        ));
        assert!(matches!(
            run("/nonexistent/tool").await,
            Err(CommandFailure::Process(ProcessError::Start(_)))
        ));
        assert_eq!(run("  ").await, Err(CommandFailure::Unsplittable));
    }

    #[tokio::test]
    async fn no_shell_reads_the_command() {
        assert_eq!(run("true; false").await.unwrap_err().to_string(), "cannot be started: entity not found");
    }
}
