//! The place that the program runs in: proxies, root certificates, the terminal and its character set.

use std::path::Path;

use super::Check;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::platform::{env, fs};

const PROXIES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The place.
pub(crate) fn place(terminal: Terminal) -> Vec<Check> {
    vec![proxies(), certificates(), streams(terminal), locale()]
}

/// Which variables are set; the address of a proxy may hold a password.
fn proxies() -> Check {
    let set: Vec<&str> = PROXIES.iter().copied().filter(|name| env::var(name).is_some()).collect();
    let fact = if set.is_empty() { "no variable".to_owned() } else { format!("{} set", set.join(", ")) };
    Check::ok("proxy", fact)
}

/// `SSL_CERT_FILE` and `SSL_CERT_DIR` take the place of the machine's own root certificates.
fn certificates() -> Check {
    let set = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| (name, env::var(name)));
    let mut said = Vec::new();
    for (name, path) in set {
        let Some(path) = path else { continue };
        if let Err(error) = fs::entry(Path::new(&path)) {
            let fact = format!("{name} leads nowhere: {error}");
            return Check::fail(
                "certificates",
                fact,
                format!("correct {name}, or unset it"),
                Exit::Unavailable,
            );
        }
        said.push(format!("{name} is {path}"));
    }
    Check::ok("certificates", if said.is_empty() { "the machine's own".to_owned() } else { said.join(", ") })
}

fn streams(terminal: Terminal) -> Check {
    Check::ok(
        "terminal",
        match (terminal.interactive, terminal.live) {
            (true, true) => "a person can be asked, and progress is shown as it goes",
            (true, false) => "a person can be asked; progress is told line by line",
            (false, _) => "nobody can be asked: apply and destroy need --yes",
        },
    )
}

/// `LC_ALL` wins over `LC_CTYPE`, and that over `LANG`.
fn locale() -> Check {
    let found = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, env::var(name)?)));
    let remedy = "set LC_ALL=C.UTF-8: other character sets garble names that are not English";
    match found {
        Some((name, value)) if value.to_ascii_lowercase().replace('-', "").contains("utf8") => {
            Check::ok("locale", format!("{name} is {value}"))
        }
        Some((name, value)) => {
            Check::warn("locale", format!("{name} is {value}, which is not UTF-8"), remedy)
        }
        None => Check::warn("locale", "neither LC_ALL, LC_CTYPE nor LANG is set", remedy),
    }
}
