//! Rows that are alike: the same change of the same kind in the same scope.

use std::collections::{BTreeMap, BTreeSet};

use super::thousands;
use crate::domain::address::Kind;
use crate::domain::natural_key::Scope;
use crate::domain::plan::{Change, Row, Strategy};

/// With more groups than this, scopes are counted instead.
const MANY_GROUPS: usize = 20;

/// What is to happen to the rows of a group; first what a reader must not miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Blocked,
    Destroy,
    Replace,
    Reregister,
    Adopt,
    Update,
    Create,
    Record,
    Forget,
}

impl Sort {
    pub(super) fn of(row: &Row) -> Self {
        match &row.change {
            Change::Blocked(_) => Sort::Blocked,
            Change::Delete(_) => Sort::Destroy,
            Change::Replace(_) => Sort::Replace,
            Change::Update(Strategy::Reregister(_)) | Change::Adopt(Some(Strategy::Reregister(_))) => {
                Sort::Reregister
            }
            Change::Adopt(_) => Sort::Adopt,
            Change::Update(Strategy::Native(_) | Strategy::Await) => Sort::Update,
            Change::Create(_) => Sort::Create,
            Change::Update(Strategy::RecordOnly) | Change::Keep => Sort::Record,
            Change::Forget(_) => Sort::Forget,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Sort::Blocked => "blocked",
            Sort::Destroy => "to destroy",
            Sort::Replace => "to replace",
            Sort::Reregister => "to register again",
            Sort::Adopt => "to take over",
            Sort::Update => "to update",
            Sort::Create => "to create",
            Sort::Record => "recorded only",
            Sort::Forget => "to forget",
        }
    }
}

/// Rows that are alike, in the order of the plan.
#[derive(Debug)]
pub(super) struct Group<'p> {
    sort: Sort,
    kind: Kind,
    pub(super) rows: Vec<&'p Row>,
}

impl Group<'_> {
    /// Whether it deletes, leaves a gap, or cannot be carried out.
    pub(super) fn is_grave(&self) -> bool {
        self.sort <= Sort::Reregister
    }

    /// How many there are, what they are and where.
    pub(super) fn heading(&self) -> String {
        let scopes: BTreeSet<Scope> = self.rows.iter().map(|row| row.key.scope()).collect();
        let place = match (self.kind, scopes.first()) {
            (Kind::FlinkConnector, Some(scope)) if scopes.len() == 1 => format!(" in {scope}"),
            (Kind::FlinkConnector, _) => format!(" in {} namespaces", thousands(scopes.len())),
            (Kind::Store, _) => String::new(),
        };
        format!("{}{place}: {} {}", self.kind, thousands(self.rows.len()), self.sort.words())
    }
}

/// Groups the rows.
pub(super) fn grouped<'p>(rows: &[&'p Row]) -> Vec<Group<'p>> {
    let mut by_scope: BTreeMap<(Sort, Kind, Option<Scope>), Vec<&'p Row>> = BTreeMap::new();
    for row in rows {
        let alike = (Sort::of(row), row.address.kind, Some(row.key.scope()));
        by_scope.entry(alike).or_default().push(row);
    }
    if by_scope.len() > MANY_GROUPS {
        by_scope.clear();
        for row in rows {
            by_scope.entry((Sort::of(row), row.address.kind, None)).or_default().push(row);
        }
    }
    by_scope.into_iter().map(|((sort, kind, _), rows)| Group { sort, kind, rows }).collect()
}
