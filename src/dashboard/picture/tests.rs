//! Whatever happens, and whenever a reader looks: what it puts together is the picture.

use proptest::prelude::*;

use super::*;

fn address(n: u8) -> Address {
    format!("FlinkConnector/c{n}").parse().unwrap()
}

fn when(pass: u64) -> When {
    When { at: format!("2026-01-01T00:00:{:02}Z", pass % 60), pass }
}

fn planned(n: u8, state: State) -> Planned {
    let action = matches!(state, State::Pending | State::Drifted).then_some("update");
    Planned {
        address: address(n),
        id: format!("w:n:c{n}"),
        source: None,
        state,
        action,
        readiness: Some("ready".to_owned()),
        drift: Vec::new(),
        error: (state == State::Blocked).then(|| "protected".to_owned()),
        diff: action.map(|_| format!("+ a : {n}")),
    }
}

/// What a reader puts together from the deltas that it got.
#[derive(Debug, Default)]
struct Reader {
    since: Option<u64>,
    rows: BTreeMap<String, Arc<Resource>>,
}

impl Reader {
    fn read(&mut self, picture: &Picture) {
        let changes = picture.since(self.since);
        if changes.whole {
            self.rows.clear();
        }
        for gone in changes.gone {
            self.rows.remove(&gone);
        }
        self.rows.extend(changes.resources.into_iter().map(|row| (row.address.clone(), row)));
        self.since = Some(picture.revision());
    }
}

fn whole(picture: &Picture) -> BTreeMap<String, Arc<Resource>> {
    picture.resources().into_iter().map(|row| (row.address.clone(), row)).collect()
}

#[derive(Debug, Clone)]
enum Step {
    Plan(Vec<(u8, State)>, BTreeSet<u8>),
    Happen(u8, Happened),
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop::sample::select(vec![
        State::AsDeclared,
        State::Pending,
        State::Drifted,
        State::Blocked,
        State::Kept,
    ]);
    let row = (0..8_u8, state);
    let happened = prop_oneof![
        Just(Happened::Turned { word: "Creating", ready_after: None }),
        Just(Happened::Reported { word: "Pending".to_owned(), explanation: Some("soon".to_owned()) }),
        Just(Happened::Done),
        Just(Happened::Failed("no".to_owned())),
        Just(Happened::Skipped("later".to_owned())),
        Just(Happened::Noted("well".to_owned())),
    ];
    prop_oneof![
        (prop::collection::vec(row, 0..8), prop::collection::btree_set(0..8_u8, 0..3))
            .prop_map(|(rows, held)| Step::Plan(rows, held)),
        (0..8_u8, happened).prop_map(|(n, happened)| Step::Happen(n, happened)),
        Just(Step::Read),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn deltas_lead_to_the_same_picture_as_reading_everything(steps in prop::collection::vec(step(), 1..60)) {
        let mut picture = Picture::new(1000);
        let mut reader = Reader::default();
        for (pass, step) in (1..).zip(steps) {
            match step {
                Step::Plan(rows, held) => {
                    let rows: BTreeMap<u8, State> = rows.into_iter().collect();
                    let rows = rows.into_iter().filter(|(n, _)| !held.contains(n));
                    let rows = rows.map(|(n, state)| planned(n, state)).collect();
                    picture.planned(&when(pass), rows, &held.iter().copied().map(address).collect(), None);
                }
                Step::Happen(n, happened) => {
                    picture.happened(&when(pass), &address(n), happened);
                }
                Step::Read => reader.read(&picture),
            }
            let counted: usize = picture.counts().values().sum();
            prop_assert_eq!(counted, picture.resources().len());
            for ((_, state), count) in picture.counts() {
                let rows = picture.resources().iter().filter(|row| row.state == *state).count();
                prop_assert_eq!(rows, *count);
            }
        }
        reader.read(&picture);
        prop_assert_eq!(reader.rows, whole(&picture));
    }
}

#[test]
fn a_reader_with_a_revision_that_never_was_is_told_everything() {
    let mut picture = Picture::new(1000);
    picture.planned(&when(1), vec![planned(1, State::AsDeclared)], &BTreeSet::new(), None);
    for since in [None, Some(0), Some(999), Some(u64::MAX)] {
        let changes = picture.since(since);
        assert!(changes.whole && changes.resources.len() == 1, "{since:?}");
    }
    assert_eq!(picture.since(Some(picture.revision())), Changes::default());
}

#[test]
fn a_plan_that_shows_the_same_changes_nothing() {
    let mut picture = Picture::new(1);
    let rows = || vec![planned(1, State::AsDeclared), planned(2, State::Drifted)];
    assert_eq!(picture.planned(&when(1), rows(), &BTreeSet::new(), None), [Drifted(Kind::FlinkConnector)]);
    let revision = picture.revision();
    assert!(picture.planned(&when(2), rows(), &BTreeSet::new(), None).is_empty());
    assert_eq!(picture.revision(), revision);
}

#[test]
fn a_plan_of_some_objects_takes_none_of_the_others_away() {
    let mut picture = Picture::new(1);
    let three = [1, 2, 3].map(|n| planned(n, State::Kept)).into();
    picture.planned(&when(1), three, &BTreeSet::new(), None);
    let within = [address(1), address(2)].into();
    picture.planned(&when(2), vec![planned(1, State::AsDeclared)], &BTreeSet::new(), Some(&within));
    let shown: Vec<_> = picture.resources().iter().map(|row| (row.name.clone(), row.state)).collect();
    assert_eq!(shown, [("c1".to_owned(), State::AsDeclared), ("c3".to_owned(), State::Kept)]);
}

#[test]
fn what_failed_stays_so_until_its_change_is_carried_out() {
    let mut picture = Picture::new(1);
    let state = |picture: &Picture| picture.detail(&address(1)).unwrap().resource.state;
    picture.planned(&when(1), vec![planned(1, State::Pending)], &BTreeSet::new(), None);
    picture.happened(&when(1), &address(1), Happened::Failed("refused".to_owned()));
    picture.planned(&when(2), Vec::new(), &[address(1)].into(), None);
    assert_eq!(state(&picture), State::Failed);
    picture.planned(&when(3), vec![planned(1, State::Pending)], &BTreeSet::new(), None);
    assert_eq!(state(&picture), State::Failed);
    assert_eq!(picture.happened(&when(3), &address(1), Happened::Done), Some("update"));
    let detail = picture.detail(&address(1)).unwrap();
    assert_eq!((detail.resource.state, detail.resource.error, detail.diff), (State::AsDeclared, None, None));
    let told: Vec<_> = detail.history.iter().map(|moment| (moment.pass, moment.text.as_str())).collect();
    assert_eq!(told, [(3, "update done"), (1, "failed: refused"), (1, "update planned")]);
}

#[test]
fn what_failed_is_not_shown_as_still_under_way() {
    let turned = || Happened::Turned { word: "Creating", ready_after: None };
    let said = |explanation| Happened::Reported { word: "errored".to_owned(), explanation };
    for (before, readiness) in [
        (None, Some("ready")),
        (Some(turned()), None),
        (Some(said(None)), None),
        (Some(said(Some("wrong password".to_owned()))), Some("errored")),
    ] {
        let mut picture = Picture::new(1);
        picture.planned(&when(1), vec![planned(1, State::Pending)], &BTreeSet::new(), None);
        if let Some(before) = before {
            picture.happened(&when(1), &address(1), before);
        }
        picture.happened(&when(1), &address(1), Happened::Failed("refused".to_owned()));
        assert_eq!(picture.detail(&address(1)).unwrap().resource.readiness.as_deref(), readiness);
    }
}

#[test]
fn what_was_deleted_is_gone_and_its_reader_hears_of_it() {
    let mut picture = Picture::new(1);
    let deleted = Planned { action: Some("delete"), ..planned(1, State::Pending) };
    picture.planned(&when(1), vec![deleted], &BTreeSet::new(), None);
    let since = picture.revision();
    assert_eq!(picture.happened(&when(1), &address(1), Happened::Done), Some("delete"));
    assert_eq!(picture.since(Some(since)).gone, ["FlinkConnector/c1"]);
    assert!(picture.detail(&address(1)).is_none());
}

#[test]
fn memory_does_not_grow_with_time() {
    let mut picture = Picture::new(1);
    for pass in 0..20_000_u64 {
        let rows = if pass % 2 == 0 {
            vec![planned(1, State::Pending), planned(2, State::Blocked)]
        } else {
            Vec::new()
        };
        picture.planned(&when(pass), rows, &BTreeSet::new(), None);
        picture.happened(&when(pass), &address(2), Happened::Noted(format!("{pass}")));
    }
    assert!(picture.moments.len() <= MOMENTS && picture.tombstones.len() <= TOMBSTONES);
    assert!(picture.since(Some(1)).whole, "too long ago for the tombstones");
    assert!(picture.entries.values().all(|entry| entry.history.len() <= HISTORY));
}
