use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const HERE: Scope<'_> = Scope { workspace: "w", namespace: "n" };
const NO_LAG: Lag = Lag { creating_for: Duration::ZERO, deleting_for: Duration::ZERO };

/// As the store does it: the change is decided, then made.
impl World {
    fn register(
        &mut self,
        scope: Scope<'_>,
        definitions: &[Definition],
        lag: Lag,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for (name, entry) in self.registration(scope, definitions, lag, now)? {
            self.set(scope, &name, Some(entry));
        }
        Ok(())
    }

    fn delete(&mut self, scope: Scope<'_>, name: &str, lag: Lag, now: Timestamp) -> Result<(), Refusal> {
        let (_, left) = self.deletion(scope, name, lag, now)?;
        self.set(scope, name, left);
        Ok(())
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_000_000 + seconds).unwrap()
}

fn names<'w>(world: &'w World, scope: Scope<'_>, now: Timestamp) -> Vec<&'w str> {
    world.list(scope, now).map(|definition| definition.name.as_str()).collect()
}

#[test]
fn a_type_is_unique_in_its_workspace_and_a_name_in_its_namespace() {
    let mut world = World::default();
    let mut register = |workspace, namespace, name, connector_type| {
        let definitions = [Definition::named(name, connector_type)];
        world.register(Scope { workspace, namespace }, &definitions, NO_LAG, at(0))
    };
    assert_eq!(register("w", "n", "a", "t"), Ok(()));
    assert!(matches!(register("w", "n", "a", "u"), Err(Refusal::NameTaken { .. })));
    assert!(matches!(register("w", "n", "b", "t"), Err(Refusal::TypeTaken { .. })));
    let error = register("w", "other", "b", "t").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the connector type \"t\" already exists in this workspace: connector \"a\" in namespace \"n\" has it"
    );
    assert_eq!(register("w", "other", "a", "u"), Ok(()));
    assert_eq!(register("other", "n", "a", "t"), Ok(()));
}

#[test]
fn registering_a_jar_is_all_or_nothing() {
    let mut world = World::default();
    world.register(HERE, &[Definition::named("a", "t")], NO_LAG, at(0)).unwrap();
    let before = world.clone();
    for second in [Definition::named("c", "t"), Definition::named("a", "u"), Definition::named("b", "v")] {
        let jar = [Definition::named("b", "w"), second];
        world.register(HERE, &jar, NO_LAG, at(1)).unwrap_err();
        assert_eq!(world, before);
    }
    world.register(HERE, &[Definition::named("b", "u"), Definition::named("c", "v")], NO_LAG, at(1)).unwrap();
    assert_eq!(names(&world, HERE, at(1)), ["a", "b", "c"]);
}

#[test]
fn a_registered_connector_appears_after_the_lag_but_exists_at_once() {
    let lag = Lag { creating_for: Duration::from_secs(5), ..NO_LAG };
    let mut world = World::default();
    world.register(HERE, &[Definition::named("a", "t")], lag, at(0)).unwrap();
    assert_eq!(names(&world, HERE, at(4)), [""; 0]);
    assert_eq!(names(&world, HERE, at(5)), ["a"]);
    world.register(HERE, &[Definition::named("a", "t")], lag, at(1)).unwrap_err();
}

#[test]
fn a_deleted_connector_stays_for_the_lag_and_blocks_its_name_and_type_until_then() {
    let lag = Lag { deleting_for: Duration::from_secs(5), ..NO_LAG };
    let mut world = World::default();
    world.register(HERE, &[Definition::named("a", "t")], lag, at(0)).unwrap();
    world.delete(HERE, "a", lag, at(10)).unwrap();
    assert_eq!(names(&world, HERE, at(14)), ["a"]);
    assert!(matches!(world.delete(HERE, "a", lag, at(14)), Err(Refusal::Deleting { .. })));
    let again =
        |world: &mut World, name, now| world.register(HERE, &[Definition::named(name, "t")], lag, at(now));
    assert!(matches!(again(&mut world, "a", 14), Err(Refusal::Deleting { .. })));
    assert!(matches!(again(&mut world, "b", 14), Err(Refusal::TypeTaken { .. })));
    assert_eq!(names(&world, HERE, at(15)), [""; 0]);
    assert!(matches!(world.delete(HERE, "a", lag, at(15)), Err(Refusal::Unknown { .. })));
    assert_eq!(again(&mut world, "a", 15), Ok(()));
    assert_eq!(names(&world, HERE, at(15)), ["a"]);
}

#[test]
fn what_is_gone_is_forgotten_and_what_took_its_type_is_not() {
    let lag = Lag { deleting_for: Duration::from_secs(5), ..NO_LAG };
    let mut world = World::default();
    world.register(HERE, &[Definition::named("z", "t")], lag, at(0)).unwrap();
    world.delete(HERE, "z", lag, at(1)).unwrap();
    world.register(HERE, &[Definition::named("a", "t")], lag, at(6)).unwrap();
    world.forget_gone(at(6));
    let kept: Vec<&str> = world.entries().map(|(_, name, _)| name).collect();
    assert_eq!(kept, ["a"]);
    let again = world.register(HERE, &[Definition::named("b", "t")], lag, at(7));
    assert!(matches!(again, Err(Refusal::TypeTaken { .. })));
}

/// One request of a random history: namespace, name and type are drawn from few, so that clashes are frequent.
#[derive(Debug, Clone)]
enum Act {
    Register(&'static str, Vec<(&'static str, &'static str)>),
    Delete(&'static str, &'static str),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let namespace = || prop::sample::select(vec!["n", "m"]);
    let name = || prop::sample::select(vec!["a", "b", "c"]);
    let connector_type = prop::sample::select(vec!["t", "u", "v"]);
    let jar = prop::collection::vec((name(), connector_type), 0..3);
    let act = prop_oneof![
        (namespace(), jar).prop_map(|(namespace, jar)| Act::Register(namespace, jar)),
        (namespace(), name()).prop_map(|(namespace, name)| Act::Delete(namespace, name)),
    ];
    prop::collection::vec(act, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The model is a flat map from (namespace, name) to type, checked by counting.
    #[test]
    fn the_world_agrees_with_a_flat_model(acts in acts()) {
        let mut world = World::default();
        let mut model: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for act in acts {
            match act {
                Act::Register(namespace, jar) => {
                    let definitions: Vec<_> = jar.iter().map(|(name, kind)| Definition::named(name, kind)).collect();
                    let scope = Scope { workspace: "w", namespace };
                    let accepted = world.register(scope, &definitions, NO_LAG, at(0)).is_ok();
                    let mut next = model.clone();
                    next.extend(jar.iter().map(|(name, kind)| ((namespace, *name), *kind)));
                    let types: std::collections::BTreeSet<_> = next.values().collect();
                    let fits = next.len() == model.len() + jar.len() && types.len() == next.len();
                    prop_assert_eq!(accepted, fits);
                    if fits {
                        model = next;
                    }
                }
                Act::Delete(namespace, name) => {
                    let accepted = world.delete(Scope { workspace: "w", namespace }, name, NO_LAG, at(0)).is_ok();
                    prop_assert_eq!(accepted, model.remove(&(namespace, name)).is_some());
                }
            }
            for namespace in ["n", "m"] {
                let listed: Vec<_> = world.list(Scope { workspace: "w", namespace }, at(0))
                    .map(|definition| (definition.name.as_str(), definition.connector_type.as_str()))
                    .collect();
                let expected: Vec<_> = model.iter().filter(|((place, _), _)| *place == namespace)
                    .map(|((_, name), kind)| (*name, *kind))
                    .collect();
                prop_assert_eq!(listed, expected);
            }
        }
        let mut again = World::default();
        for (scope, name, entry) in world.entries() {
            again.set(scope, name, Some(entry.clone()));
        }
        prop_assert!(again.entries().eq(world.entries()));
    }
}
