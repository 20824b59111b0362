//! Evidence as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::evidence::Evidence;
use crate::domain::journal::{Intent, PlanId, Recovered, WriteId};
use crate::domain::live::Census;
use crate::domain::natural_key::Scope;
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::{Lineage, MadeBy, Serial, Snapshot, Stray};

/// Both sides.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenEvidence {
    recorded: RecordedSide,
    live: Vec<Census>,
    sends_definition: BTreeSet<Scope>,
}

/// What the state folder held: its snapshot, and what its journal added.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RecordedSide {
    lineage: Lineage,
    serial: Serial,
    made_by: Option<MadeBy>,
    resources: Vec<Recorded>,
    strays: Vec<Stray>,
    open: BTreeMap<WriteId, Intent>,
    next_write: WriteId,
    unfolded: bool,
    plans: BTreeSet<PlanId>,
}

impl From<Evidence> for WrittenEvidence {
    fn from(Evidence { recovered, live, sends_definition }: Evidence) -> Self {
        let Recovered { snapshot, open, next_write, unfolded, plans } = recovered;
        let Snapshot { lineage, serial, made_by, resources, strays } = snapshot;
        let recorded = RecordedSide {
            lineage,
            serial,
            made_by,
            resources: Arc::unwrap_or_clone(resources).into_values().collect(),
            strays: strays.into_values().collect(),
            open,
            next_write,
            unfolded,
            plans,
        };
        Self { recorded, live: live.into_values().collect(), sends_definition }
    }
}

impl From<WrittenEvidence> for Evidence {
    fn from(WrittenEvidence { recorded, live, sends_definition }: WrittenEvidence) -> Self {
        let RecordedSide { lineage, serial, made_by, resources, strays, open, next_write, unfolded, plans } =
            recorded;
        let snapshot = Snapshot {
            lineage,
            serial,
            made_by,
            resources: Arc::new(
                resources.into_iter().map(|recorded| (recorded.key.clone(), recorded)).collect(),
            ),
            strays: strays.into_iter().map(|stray| (stray.key.clone(), stray)).collect(),
        };
        Self {
            recovered: Recovered { snapshot, open, next_write, unfolded, plans },
            live: live.into_iter().map(|census| (census.scope().clone(), census)).collect(),
            sends_definition,
        }
    }
}
