//! `snapshot.json`: bytes ⇄ [`Snapshot`]. Pure.
//!
//! Pretty JSON with sorted keys, so that people and their tools can read and compare it. The last member is a checksum over
//! the whole file, which is judged before anything else is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::{Lineage, MadeBy, Serial, Snapshot, Stray};
use crate::platform::checksum::{self, Unsealed};

/// The format that this program writes, and the newest that it reads.
pub(crate) const FORMAT: u32 = 1;

/// Why the bytes are not a snapshot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotDamage {
    #[error("it is empty")]
    Empty,
    #[error(transparent)]
    Unsealed(#[from] Unsealed),
    #[error("its checksum matches, but this program does not understand it")]
    Undecodable(#[from] serde_json::Error),
    #[error("it has format {found}")]
    Newer { found: u32 },
    #[error("it records `{key}` twice")]
    Twice { key: NaturalKey },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    format: u32,
    tool_version: &'static str,
    lineage: &'a Lineage,
    serial: Serial,
    #[serde(skip_serializing_if = "Option::is_none")]
    made_by: Option<&'a MadeBy>,
    resources: Vec<&'a Recorded>,
    strays: Vec<&'a Stray>,
    checksum: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Found {
    format: u32,
    #[serde(rename = "toolVersion")]
    _tool_version: String,
    lineage: Lineage,
    serial: Serial,
    #[serde(default)]
    made_by: Option<MadeBy>,
    resources: Vec<Recorded>,
    strays: Vec<Stray>,
    #[serde(rename = "checksum")]
    _checksum: String,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// The bytes of a snapshot.
///
/// # Errors
/// The serialiser refused; with these types it does not.
pub(crate) fn encode(snapshot: &Snapshot) -> serde_json::Result<Vec<u8>> {
    let Snapshot { lineage, serial, made_by, resources, strays } = snapshot;
    let mut bytes = serde_json::to_vec_pretty(&Written {
        format: FORMAT,
        tool_version: env!("CARGO_PKG_VERSION"),
        lineage,
        serial: *serial,
        made_by: made_by.as_ref(),
        resources: sorted(resources.values().collect()),
        strays: strays.values().collect(),
        checksum: checksum::BLANK,
    })?;
    bytes.push(b'\n');
    Ok(checksum::seal(bytes))
}

/// By address, as people look for them; the key decides between two that share one.
fn sorted(mut resources: Vec<&Recorded>) -> Vec<&Recorded> {
    resources.sort_by(|a, b| (&a.address, &a.key).cmp(&(&b.address, &b.key)));
    resources
}

/// The snapshot in the bytes.
///
/// # Errors
/// [`SnapshotDamage`]
pub(crate) fn decode(bytes: &[u8]) -> Result<Snapshot, SnapshotDamage> {
    if bytes.is_empty() {
        return Err(SnapshotDamage::Empty);
    }
    checksum::check(bytes)?;
    let newer = |found: u32| SnapshotDamage::Newer { found };
    let found: Found =
        serde_json::from_slice(bytes).map_err(|error| match serde_json::from_slice::<Format>(bytes) {
            Ok(Format { format }) if format > FORMAT => newer(format),
            Ok(_) | Err(_) => SnapshotDamage::Undecodable(error),
        })?;
    if found.format != FORMAT {
        return Err(newer(found.format));
    }
    let mut resources = BTreeMap::new();
    for recorded in found.resources {
        if let Some(Recorded { key, .. }) = resources.insert(recorded.key.clone(), recorded) {
            return Err(SnapshotDamage::Twice { key });
        }
    }
    Ok(Snapshot {
        lineage: found.lineage,
        serial: found.serial,
        made_by: found.made_by,
        resources: resources.into(),
        strays: found.strays.into_iter().map(|stray| (stray.key.clone(), stray)).collect(),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::state::tests::world;

    /// The same file with other text in it and a checksum that fits.
    pub(crate) fn forged(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        checksum::seal(text.replace(from, to).into_bytes())
    }

    #[test]
    fn a_snapshot_survives_its_own_bytes() {
        let snapshot = world::snapshot(7);
        assert_eq!(decode(&encode(&snapshot).unwrap()).unwrap(), snapshot);
    }

    #[test]
    fn the_bytes_of_format_1_stay_as_they_are() {
        let bytes = encode(&world::snapshot(7)).unwrap();
        let text = String::from_utf8(bytes).unwrap().replace(env!("CARGO_PKG_VERSION"), "0.0.0");
        // The version is part of the checksum, so the digits are cut off.
        let (text, _) = text.split_once("sha256:").unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_newer_format_is_called_newer_whatever_else_is_in_it() {
        let bytes = encode(&world::snapshot(7)).unwrap();
        let newer = forged(&bytes, "\"format\": 1", "\"format\": 2");
        assert!(matches!(decode(&newer), Err(SnapshotDamage::Newer { found: 2 })));
        let newer = forged(&newer, "\"serial\"", "\"generation\"");
        assert!(matches!(decode(&newer), Err(SnapshotDamage::Newer { found: 2 })));
    }

    #[test]
    fn an_object_that_is_recorded_twice_is_damage_and_not_one_of_the_two() {
        let bytes = encode(&world::snapshot(7)).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (_, rest) = text.split_once("\"resources\": [").unwrap();
        let (resources, _) = rest.split_once("\n  ],").unwrap();
        let twice = forged(&bytes, resources, &format!("{resources},{resources}"));
        assert!(matches!(decode(&twice), Err(SnapshotDamage::Twice { .. })));
    }

    #[test]
    fn an_unknown_member_is_refused_wherever_it_stands() {
        let bytes = encode(&world::snapshot(7)).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        for object in text.match_indices('{').map(|(at, _)| at) {
            let grown = format!("{}\"unheardOf\": {{}},{}", &text[..=object], &text[object + 1..]);
            let grown = checksum::seal(grown.into_bytes());
            // An empty object becomes `{"unheardOf": {},}`, which is not JSON; that is refused as well.
            assert!(
                matches!(decode(&grown), Err(SnapshotDamage::Undecodable(_))),
                "accepted: {}",
                String::from_utf8_lossy(&grown)
            );
        }
    }
}
