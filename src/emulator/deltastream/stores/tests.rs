use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_000_000 + seconds).unwrap()
}

fn outlook(login: Login, seconds: u64) -> Outlook {
    Outlook { login, provisioning_for: Duration::from_secs(seconds), salt: "salt".to_owned() }
}

fn given(pairs: &[(&'static str, &str)]) -> Parameters {
    pairs.iter().map(|(name, value)| (*name, Given::Plain((*value).to_owned()))).collect()
}

fn store(role: &str, login: Login, now: i64) -> Store {
    Store::new(role.to_owned(), Kind::Kafka, &given(&[]), outlook(login, 0), at(now))
}

fn create(stores: &mut Stores, role: &str, name: &str, now: i64) -> Result<(), Refusal> {
    stores.vacant(name, at(now))?;
    stores.set(name.to_owned(), Some(store(role, Login::Accepted, now)));
    Ok(())
}

fn names<'s>(stores: &'s Stores, role: &str, now: i64) -> Vec<&'s str> {
    stores.visible(role, at(now)).map(|(name, _)| name).collect()
}

#[test]
fn a_store_is_seen_by_its_owner_and_by_the_two_roles_that_see_everything() {
    let mut stores = Stores::default();
    create(&mut stores, "red", "a", 0).unwrap();
    create(&mut stores, "blue", "b", 0).unwrap();
    for (role, seen) in
        [("red", vec!["a"]), ("blue", vec!["b"]), ("sysadmin", vec!["a", "b"]), ("orgadmin", vec!["a", "b"])]
    {
        assert_eq!(names(&stores, role, 0), seen, "{role}");
    }
    let unknown = Err(Refusal::Unknown("a".to_owned()));
    assert_eq!(stores.find("blue", "a", at(0)), unknown);
    assert_eq!(stores.present("blue", "a", at(0)), unknown);
    assert_eq!(create(&mut stores, "blue", "a", 0), Err(Refusal::Duplicate("a".to_owned())));
}

#[test]
fn a_store_is_provisioning_first_and_then_ready_or_errored() {
    for (login, end, message) in
        [(Login::Accepted, "ready", None), (Login::Refused("no".to_owned()), "errored", Some("no"))]
    {
        let store = Store::new("r".to_owned(), Kind::S3, &given(&[]), outlook(login, 5), at(0));
        assert_eq!((store.status(at(4)), store.message(at(4))), ("provisioning", None));
        assert_eq!((store.status(at(5)), store.message(at(5))), (end, message));
    }
}

#[test]
fn a_dropped_store_stays_for_the_lag_and_blocks_its_name_until_then() {
    let mut stores = Stores::default();
    create(&mut stores, "r", "a", 0).unwrap();
    let present = stores.present("r", "a", at(1)).unwrap();
    assert_eq!(present.dropped(Duration::ZERO, at(1)), None);
    let rest = present.dropped(Duration::from_secs(5), at(1));
    assert_eq!(rest.as_ref().unwrap().status(at(2)), "dropping");
    stores.set("a".to_owned(), rest);
    assert_eq!(names(&stores, "r", 5), ["a"]);
    assert_eq!(stores.present("r", "a", at(5)), Err(Refusal::Dropping("a".to_owned())));
    assert!(matches!(create(&mut stores, "r", "a", 5), Err(Refusal::Duplicate(_))));
    assert_eq!(names(&stores, "r", 6), [""; 0]);
    assert_eq!(stores.present("r", "a", at(6)), Err(Refusal::Unknown("a".to_owned())));
    create(&mut stores, "r", "a", 6).unwrap();
}

#[test]
fn an_update_keeps_what_is_left_out_and_replaces_a_group_as_a_whole() {
    let mut first =
        given(&[("uris", "a"), ("kafka.sasl.hash_function", "PLAIN"), ("schema_registry.name", "reg")]);
    first.insert("kafka.sasl.password", Given::Secret("hush".into()));
    first.insert("tls.ca_cert_file", Given::File("pem".into()));
    let store = Store::new("r".to_owned(), Kind::Kafka, &first, outlook(Login::Accepted, 0), at(0));
    let updated = store.updated(&given(&[("uris", "b")]), outlook(Login::Unchanged, 0), at(0));
    assert_eq!(updated.shown("uris"), Some("b"));
    for kept in ["kafka.sasl.password", "tls.ca_cert_file", "kafka.sasl.hash_function"] {
        assert_eq!(updated.parameters.get(kept), store.parameters.get(kept), "{kept}");
    }
    assert_eq!(updated.created_at, store.created_at);
    assert!(updated.updated_at > store.updated_at, "two changes at one moment");
    let mut detach = given(&[("kafka.sasl.hash_function", "NONE")]);
    detach.insert("schema_registry.name", Given::Detached);
    let again = updated.updated(&detach, outlook(Login::Accepted, 0), at(0));
    assert!(again.updated_at > updated.updated_at);
    let left: Vec<&str> = again.parameters.keys().map(String::as_str).collect();
    assert_eq!(left, ["kafka.sasl.hash_function", "tls.ca_cert_file", "uris"]);
}

#[test]
fn a_refused_login_stays_until_an_update_brings_another_one() {
    let store = store("r", Login::Refused("no".to_owned()), 0);
    let status = |login| store.updated(&given(&[]), outlook(login, 0), at(0)).status(at(1));
    assert_eq!((status(Login::Unchanged), status(Login::Accepted)), ("errored", "ready"));
}

#[test]
fn a_secret_is_kept_as_a_salted_digest() {
    let secret = Parameters::from([("kafka.sasl.password", Given::Secret("hush".into()))]);
    let with_salt = |salt: &str| {
        let outlook = Outlook { salt: salt.to_owned(), ..outlook(Login::Accepted, 0) };
        Store::new("r".to_owned(), Kind::Kafka, &secret, outlook, at(0))
    };
    let (one, other) = (with_salt("a"), with_salt("b"));
    assert_ne!(one.parameters, other.parameters);
    assert_eq!(one, with_salt("a"));
    let text = format!("{one:?} {}", serde_json::to_string(&one).unwrap());
    assert!(!text.contains("hush"), "{text}");
    assert_eq!(one.shown("kafka.sasl.password"), None);
}

#[test]
fn a_name_above_the_limit_is_refused() {
    let stores = Stores::default();
    assert_eq!(stores.vacant(&"é".repeat(255), at(0)), Ok(()));
    assert_eq!(stores.vacant(&"é".repeat(256), at(0)), Err(Refusal::NameTooLong));
}
