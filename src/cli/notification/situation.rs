//! The situation: what is wrong as far as the last pass has shown, and whether that is news. Pure.
//!
//! Promises: what was told is not told again until it was over; what gets worse is news, what gets better is news only when
//! nothing is wrong any more. A pass that could not be made shows nothing, so it neither adds nor ends anything of the objects.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::address::Address;

/// How wrong something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// It is not as declared, or has moved.
    Drift,
    /// It could not be made as declared.
    Failure,
}

/// What is wrong with one object: how, and in words.
type Wrong = (Fault, String);

/// What a pass has shown of the objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// What was wrong.
    pub(crate) wrong: BTreeMap<Address, Wrong>,
    /// What the pass left alone because it failed before: nothing new is known of it.
    pub(crate) left_alone: BTreeSet<Address>,
    /// What the pass was about; `None` when it was about everything. Nothing new is known of anything else.
    pub(crate) within: Option<BTreeSet<Address>>,
}

/// Whoever holds the state is at work on it, and that is no news. After this long they may be stuck.
const PATIENCE: Duration = Duration::from_mins(10);

/// Why nothing can be shown of the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standstill {
    /// Somebody else holds the state.
    Held,
    /// The manifests cannot be loaded.
    Manifests,
    /// The pass could not be made, for a cause with this exit code. Its words may differ each time.
    Pass(u8),
}

/// Something worth a message. The objects are all that is wrong, what is new before the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// Something is wrong that was not, or is worse than it was.
    Worse {
        /// The worst of what is new.
        fault: Fault,
        /// How many of the objects are new.
        new: usize,
        /// All of them.
        objects: Vec<(Address, Wrong)>,
    },
    /// Nothing can be shown any more.
    Standstill {
        /// Why.
        why: Standstill,
        /// The same in words.
        words: String,
        /// What was wrong before.
        objects: Vec<(Address, Wrong)>,
    },
    /// All of it is over.
    Recovery,
}

/// What is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Situation {
    standstill: Option<Standstill>,
    /// Since when somebody else holds the state, if they do.
    held_since: Option<Duration>,
    wrong: BTreeMap<Address, Wrong>,
}

impl Situation {
    fn is_fine(&self) -> bool {
        self.standstill.is_none() && self.wrong.is_empty()
    }

    /// Takes in why there was no pass, at this moment of a monotonic clock.
    pub(crate) fn stands_still(&mut self, why: Standstill, words: &str, now: Duration) -> Option<News> {
        self.held_since = if why == Standstill::Held { Some(self.held_since.unwrap_or(now)) } else { None };
        if self.held_since.is_some_and(|since| now.saturating_sub(since) < PATIENCE) {
            return None;
        }
        let before = self.standstill.replace(why);
        let objects = || self.wrong.clone().into_iter().collect();
        (before != Some(why)).then(|| News::Standstill { why, words: words.to_owned(), objects: objects() })
    }

    /// Takes in what a pass has shown.
    pub(crate) fn passed(&mut self, seen: Seen) -> Option<News> {
        let was_fine = self.is_fine();
        let mut before = std::mem::replace(self, Self { wrong: seen.wrong, ..Self::default() }).wrong;
        let is_new = |(address, (fault, _)): (&Address, &Wrong)| {
            before.get(address).is_none_or(|(before, _)| before < fault)
        };
        let new: BTreeSet<Address> =
            self.wrong.iter().filter(|entry| is_new(*entry)).map(|(address, _)| address.clone()).collect();
        before.retain(|address, _| {
            let is_elsewhere = seen.within.as_ref().is_some_and(|within| !within.contains(address));
            is_elsewhere || seen.left_alone.contains(address)
        });
        for (address, wrong) in before {
            self.wrong.entry(address).or_insert(wrong);
        }
        if self.is_fine() {
            return (!was_fine).then_some(News::Recovery);
        }
        let worst = self
            .wrong
            .iter()
            .filter(|(address, _)| new.contains(address))
            .map(|(_, (fault, _))| *fault)
            .max();
        let mut objects: Vec<(Address, Wrong)> = self.wrong.clone().into_iter().collect();
        objects.sort_by_key(|(address, (fault, _))| (!new.contains(address), std::cmp::Reverse(*fault)));
        worst.map(|fault| News::Worse { fault, new: new.len(), objects })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn address(name: &str) -> Address {
        format!("Store/{name}").parse().unwrap()
    }

    fn seen(wrong: &[(&str, Fault)], left_alone: &[&str]) -> Seen {
        Seen {
            wrong: wrong.iter().map(|(name, fault)| (address(name), (*fault, "x".to_owned()))).collect(),
            left_alone: left_alone.iter().map(|name| address(name)).collect(),
            within: None,
        }
    }

    fn names(news: Option<News>) -> (usize, Vec<String>) {
        match news {
            Some(News::Worse { new, objects, .. }) => {
                (new, objects.iter().map(|(address, _)| address.name.to_string()).collect())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_told_once_and_its_end_too() {
        let mut situation = Situation::default();
        assert_eq!(situation.passed(seen(&[], &[])), None, "all was well and is");
        assert!(matches!(
            situation.passed(seen(&[("a", Fault::Drift)], &[])),
            Some(News::Worse { fault: Fault::Drift, new: 1, .. })
        ));
        assert_eq!(situation.passed(seen(&[("a", Fault::Drift)], &[])), None);
        assert_eq!(situation.passed(seen(&[], &[])), Some(News::Recovery));
        assert_eq!(situation.passed(seen(&[], &[])), None);
    }

    #[test]
    fn what_is_new_comes_first_and_what_gets_better_is_no_news() {
        let mut situation = Situation::default();
        situation.passed(seen(&[("b", Fault::Drift), ("c", Fault::Drift)], &[]));
        let news =
            situation.passed(seen(&[("a", Fault::Drift), ("b", Fault::Drift), ("c", Fault::Failure)], &[]));
        assert!(matches!(news, Some(News::Worse { fault: Fault::Failure, .. })), "{news:?}");
        assert_eq!(names(news), (2, vec!["c".into(), "a".into(), "b".into()]));
        assert_eq!(situation.passed(seen(&[("c", Fault::Drift)], &[])), None);
    }

    #[test]
    fn what_waits_after_a_failure_has_not_recovered() {
        let mut situation = Situation::default();
        situation.passed(seen(&[("a", Fault::Failure)], &[]));
        assert_eq!(situation.passed(seen(&[], &["a"])), None);
        assert_eq!(situation.passed(seen(&[("a", Fault::Failure)], &[])), None, "it failed again");
        assert_eq!(situation.passed(seen(&[], &[])), Some(News::Recovery));
    }

    #[test]
    fn a_pass_about_something_else_ends_nothing() {
        let mut situation = Situation::default();
        situation.passed(seen(&[("a", Fault::Failure), ("b", Fault::Drift)], &[]));
        let about = |name: &str| Seen { within: Some([address(name)].into()), ..Seen::default() };
        assert_eq!(situation.passed(about("c")), None);
        assert_eq!(situation.passed(about("b")), None, "`a` is still wrong");
        assert_eq!(situation.passed(about("a")), Some(News::Recovery));
    }

    #[test]
    fn a_pass_that_cannot_be_made_ends_nothing_and_is_told_once() {
        let mut situation = Situation::default();
        situation.passed(seen(&[("a", Fault::Drift)], &[]));
        let told = situation.stands_still(Standstill::Pass(69), "gone", NOW);
        assert!(matches!(told, Some(News::Standstill { objects, .. }) if objects.len() == 1));
        assert_eq!(situation.stands_still(Standstill::Pass(69), "gone, in other words", NOW), None);
        assert!(situation.stands_still(Standstill::Pass(77), "refused", NOW).is_some());
        assert!(situation.stands_still(Standstill::Manifests, "half of a file", NOW).is_some());
        assert_eq!(situation.passed(seen(&[("a", Fault::Drift)], &[])), None);
        assert_eq!(situation.passed(seen(&[], &[])), Some(News::Recovery));
    }

    #[test]
    fn whoever_holds_the_state_is_news_after_ten_minutes() {
        let mut situation = Situation::default();
        let mut held =
            |seconds| situation.stands_still(Standstill::Held, "held", Duration::from_secs(seconds));
        assert_eq!((held(100), held(699)), (None, None));
        assert!(held(700).is_some());
        assert_eq!(held(5_000), None, "told");
        assert_eq!(situation.passed(seen(&[], &[])), Some(News::Recovery));
        let again = |situation: &mut Situation, seconds| {
            situation.stands_still(Standstill::Held, "held", Duration::from_secs(seconds))
        };
        assert_eq!(again(&mut situation, 6_000), None, "somebody else, later");
        assert_eq!(situation.passed(seen(&[], &[])), None, "nobody has heard of it");
    }

    #[derive(Debug, Clone)]
    enum Step {
        Pass(Seen),
        Still(Standstill),
    }

    fn step() -> impl Strategy<Value = Step> {
        let object = || (0..4_u8).prop_map(|n| address(&n.to_string()));
        let fault = prop_oneof![Just(Fault::Drift), Just(Fault::Failure)];
        let wrong = proptest::collection::btree_map(object(), (fault, "[a-z]{0,3}"), 0..4);
        let pass = (wrong, proptest::collection::btree_set(object(), 0..3))
            .prop_map(|(wrong, left_alone)| Step::Pass(Seen { wrong, left_alone, within: None }));
        let why = prop_oneof![Just(Standstill::Manifests), (69..71_u8).prop_map(Standstill::Pass)];
        prop_oneof![4 => pass, 1 => why.prop_map(Step::Still)]
    }

    /// What is wrong after a step, by the words of the module alone: no code is shared with the machine.
    fn after(
        before: &(Option<Standstill>, BTreeMap<Address, Fault>),
        step: &Step,
    ) -> (Option<Standstill>, BTreeMap<Address, Fault>) {
        match step {
            Step::Still(why) => (Some(*why), before.1.clone()),
            Step::Pass(Seen { wrong, left_alone, within: _ }) => {
                let kept = before.1.iter().filter(|(address, _)| left_alone.contains(address));
                let mut now: BTreeMap<Address, Fault> =
                    kept.map(|(address, fault)| (address.clone(), *fault)).collect();
                now.extend(wrong.iter().map(|(address, (fault, _))| (address.clone(), *fault)));
                (None, now)
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn there_is_news_exactly_when_the_situation_got_worse_or_all_is_over(
            steps in proptest::collection::vec(step(), 1..30),
        ) {
            let mut situation = Situation::default();
            let mut model = (None, BTreeMap::new());
            let mut is_told = false;
            for step in steps {
                let next = after(&model, &step);
                let news = match step.clone() {
                    Step::Pass(seen) => situation.passed(seen),
                    Step::Still(why) => situation.stands_still(why, "words", NOW),
                };
                let worse = |fault: Fault| next.1.iter().any(|(address, now)| {
                    *now == fault && model.1.get(address).is_none_or(|before| *before < fault)
                });
                let fine = next == (None, BTreeMap::new());
                match &news {
                    Some(News::Standstill { why, .. }) => prop_assert!(next.0 == Some(*why) && model.0 != next.0),
                    Some(News::Worse { fault: Fault::Failure, .. }) => {
                        prop_assert!(next.0.is_none() && worse(Fault::Failure));
                    }
                    Some(News::Worse { fault: Fault::Drift, .. }) => {
                        prop_assert!(next.0.is_none() && worse(Fault::Drift) && !worse(Fault::Failure));
                    }
                    Some(News::Recovery) => prop_assert!(fine && is_told, "nothing was over"),
                    None => prop_assert!(
                        !(fine && is_told) && (next.0.is_some() || !worse(Fault::Drift) && !worse(Fault::Failure))
                            && (next.0.is_none() || next.0 == model.0),
                        "not told: {model:?} -> {next:?}"
                    ),
                }
                if let Some(News::Worse { new, objects, .. }) = &news {
                    let all: BTreeMap<Address, Fault> =
                        objects.iter().map(|(address, (fault, _))| (address.clone(), *fault)).collect();
                    prop_assert_eq!(&all, &next.1, "a message tells the whole situation");
                    let is_new = |(address, (fault, _)): &(Address, (Fault, String))| {
                        model.1.get(address).is_none_or(|before| before < fault)
                    };
                    prop_assert!(*new > 0 && objects[..*new].iter().all(is_new) && !objects[*new..].iter().any(is_new));
                }
                is_told = !fine && (is_told || news.is_some());
                // The same again is never news.
                let again = match step {
                    Step::Pass(seen) => situation.passed(seen),
                    Step::Still(why) => situation.stands_still(why, "other words", NOW),
                };
                prop_assert_eq!(again, None);
                model = next;
            }
        }
    }
}
