//! An edit that leaves every identity where it was: then nothing that only the whole load can show has moved, and what was
//! loaded before is right but for the objects of that file.

use std::collections::BTreeSet;

use crate::domain::address::Address;
use crate::domain::desired::{Desired, Spec};
use crate::manifest::document::Document;
use crate::manifest::load::{Loaded, Part};
use crate::manifest::report::Findings;

/// What the new text of a file declares in another way.
#[derive(Debug)]
pub(super) struct Patch<'a> {
    /// What was there before, and what is there now.
    objects: Vec<(&'a Desired, &'a Desired, &'a BTreeSet<String>)>,
    documents: (usize, usize),
}

impl<'a> Patch<'a> {
    /// `None` when the whole has to be loaded: something is wrong or worth knowing in the file, then or now, it declares a
    /// suite, or an object of it came, went, or is another one to the others.
    pub(super) fn between(old: &'a Part, new: &'a Part) -> Option<Self> {
        let nothing = Findings::default();
        if old.objects.len() != new.objects.len() || old.findings != nothing || new.findings != nothing {
            return None;
        }
        let mut objects = Vec::new();
        for ((old, _), (new, fields)) in old.objects.iter().zip(&new.objects) {
            let (Document::Object(old), Document::Object(new)) = (old, new) else { return None };
            if !same_to_others(&old.desired, &new.desired) {
                return None;
            }
            objects.push((&old.desired, &new.desired, fields));
        }
        Some(Self { objects, documents: (old.counts.documents, new.counts.documents) })
    }

    /// Puts what is there now into what was loaded before. Returns what is declared in another way, or elsewhere.
    pub(super) fn put_into(self, loaded: &mut Loaded) -> BTreeSet<Address> {
        let (before, now) = self.documents;
        loaded.documents = (loaded.documents + now).saturating_sub(before);
        let mut touched = BTreeSet::new();
        for (old, new, fields) in self.objects {
            if fields.is_empty() {
                loaded.substituted.remove(&new.address);
            } else {
                loaded.substituted.insert(new.address.clone(), fields.clone());
            }
            if old != new {
                loaded.desired.put(new.clone());
                touched.insert(new.address.clone());
            }
        }
        touched
    }
}

/// Whether no check across objects can tell the two apart.
fn same_to_others(old: &Desired, new: &Desired) -> bool {
    let claim = |desired: &Desired| match &desired.spec {
        Spec::FlinkConnector(spec) => Some((spec.workspace.clone(), spec.connector_type.clone())),
        Spec::Store(_) => None,
    };
    old.address == new.address
        && old.spec.key() == new.spec.key()
        && claim(old) == claim(new)
        && old.depends_on == new.depends_on
}
