//! The sources of keys: order, choice, refresh, and errors that name what was tried.

use jiff::Timestamp;

use super::*;
use crate::platform::fs;
use crate::providers::alicloud::credentials::{CredentialError, KeyRing};

fn now() -> Timestamp {
    "2026-01-02T03:00:00Z".parse().unwrap()
}

async fn fetched(
    source: CredentialSource,
    variables: Variables,
) -> Result<(String, &'static str), CredentialError> {
    let held = KeyRing::new(source, Arc::new(variables)).key(now()).await?;
    Ok((held.key.access_key_id().to_owned(), held.source))
}

/// A home folder with a profile file.
fn home(config: &str) -> (tempfile::TempDir, Variables) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_folder(&folder.path().join(".aliyun")).unwrap();
    fs::replace(&folder.path().join(".aliyun/config.json"), config.as_bytes()).unwrap();
    let variables = Variables { home: Some(folder.path().to_owned()), ..Variables::default() };
    (folder, variables)
}

const PROFILES: &str = r#"{"current":"main","meta_path":"","profiles":[
    {"name":"main","mode":"AK","access_key_id":"main-id","access_key_secret":"hush","region_id":"cn-hangzhou"},
    {"name":"sts","mode":"StsToken","access_key_id":"sts-id","access_key_secret":"hush","sts_token":"hush-t"},
    {"name":"half","mode":"StsToken","access_key_id":"sts-id","access_key_secret":"hush","sts_token":""},
    {"name":"role","mode":"RamRoleArn","access_key_id":"i","access_key_secret":"hush"},
    {"name":"tool","mode":"External","process_command":"printf '{\"mode\":\"AK\",\"access_key_id\":\"tool-id\",\"access_key_secret\":\"hush\"}'"},
    {"name":"broken","mode":"External","process_command":"sh -c 'echo hush; exit 3'"}]}"#;

#[tokio::test]
async fn the_environment_comes_before_the_profile_file_and_the_uri_comes_last() {
    let (_folder, mut variables) = home(PROFILES);
    let pairs = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "env-id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")]
        .map(|(n, v)| (n.into(), v.into()));
    variables.set.extend(pairs);
    assert_eq!(
        fetched(CredentialSource::Chain, variables).await.unwrap(),
        ("env-id".into(), "the environment")
    );

    let (_folder, variables) = home(PROFILES);
    assert_eq!(
        fetched(CredentialSource::Chain, variables).await.unwrap(),
        ("main-id".into(), "~/.aliyun/config.json")
    );

    let server = Loopback::start(vec![answer("2030-01-02T03:04:05Z")]);
    let (_folder, mut variables) = home(PROFILES);
    variables.set.extend(uri(&server).set);
    variables.set.insert("ALIBABA_CLOUD_CLI_PROFILE_DISABLED".into(), "TRUE".into());
    assert_eq!(
        fetched(CredentialSource::Chain, variables).await.unwrap(),
        ("uri-id".into(), "the credentials URI")
    );
    assert!(server.heard()[0].starts_with("GET /keys?for=me HTTP/1.1\r\n"));
}

fn answer(expiration: &str) -> Reply {
    Reply::json(
        200,
        &format!(
            r#"{{"Code":"Success","AccessKeyId":"uri-id","AccessKeySecret":"hush","SecurityToken":"t","Expiration":"{expiration}"}}"#
        ),
    )
}

fn uri(server: &Loopback) -> Variables {
    Variables::of(&[("ALIBABA_CLOUD_CREDENTIALS_URI", &format!("{}/keys?for=me", server.url()))])
}

#[tokio::test]
async fn a_profile_is_chosen_by_settings_then_variable_then_file() {
    let (_folder, mut variables) = home(PROFILES);
    variables.set.insert("ALIBABA_CLOUD_PROFILE".into(), "sts".into());
    assert_eq!(fetched(CredentialSource::Chain, variables).await.unwrap().0, "sts-id");
    let (_folder, mut variables) = home(PROFILES);
    variables.set.insert("ALIBABA_CLOUD_PROFILE".into(), "sts".into());
    variables.set.insert("ALIBABA_CLOUD_CLI_PROFILE_DISABLED".into(), "true".into());
    assert_eq!(fetched(CredentialSource::Profile("tool".into()), variables).await.unwrap().0, "tool-id");
}

#[tokio::test]
async fn a_profile_that_gives_no_key_says_why_and_what_to_do() {
    for (profile, words) in [
        ("role", "mode RamRoleArn, which is not supported: use mode AK, StsToken or External"),
        ("half", "has no sts_token"),
        ("broken", "failed (exit status: 3): run it by hand"),
        ("nobody", "has no profile `nobody`: it has `main`, `sts`"),
    ] {
        let (_folder, variables) = home(PROFILES);
        let error =
            fetched(CredentialSource::Profile(profile.into()), variables).await.unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains("hush"), "{error}");
    }
    let (_folder, variables) =
        home("{\"current\":\"x\",\n \"profiles\":[{\"name\":5,\"access_key_secret\":\"hush\"}]}");
    let error = fetched(CredentialSource::Profile("x".into()), variables).await.unwrap_err().to_string();
    assert!(error.contains("config.json:2:") && !error.contains("hush"), "{error}");
}

#[tokio::test]
async fn an_error_lists_what_was_tried_in_order() {
    let mut variables = Variables::of(&[("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush")]);
    variables.home = Some("/nonexistent".into());
    let error = fetched(CredentialSource::Chain, variables).await.unwrap_err().to_string();
    let places = [
        "the environment (ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
        "~/.aliyun/config.json (there is no such file",
        "the credentials URI (ALIBABA_CLOUD_CREDENTIALS_URI is not set",
    ];
    let found: Vec<_> = places.iter().map(|words| error.find(words)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{error}");
    assert!(!error.contains("hush"));
}

#[tokio::test]
async fn a_credentials_uri_that_gives_no_key_is_not_repeated() {
    for reply in [
        Reply::json(500, "hush"),
        Reply::json(200, r#"{"Code":"Denied","AccessKeyId":"hush"}"#),
        answer("tomorrow"),
        Reply::page(302, "Location: http://127.0.0.1:9/\r\n", ""),
        Reply::Hang,
    ] {
        let server = Loopback::start(vec![reply]);
        let error = fetched(CredentialSource::Uri, uri(&server)).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hush") && !text.contains("for=me"), "{text}");
    }
}

#[tokio::test]
async fn a_temporary_key_is_fetched_again_fifteen_minutes_before_it_ends() {
    let server = Loopback::start(vec![answer("2026-01-02T04:00:00Z"), answer("2026-01-02T05:00:00Z")]);
    let ring = KeyRing::new(CredentialSource::Uri, Arc::new(uri(&server)));
    let at = |time: &str| format!("2026-01-02T{time}Z").parse::<Timestamp>().unwrap();
    for (time, fetches) in [("03:00:00", 1), ("03:44:59", 1), ("03:45:00", 2), ("04:30:00", 2)] {
        ring.key(at(time)).await.unwrap();
        assert_eq!(server.heard().len(), fetches, "at {time}");
    }
    // No more replies: the old key serves until it ends, then there is none.
    assert!(ring.key(at("04:59:59")).await.is_ok());
    assert!(matches!(ring.key(at("05:00:00")).await, Err(CredentialError::Uri { .. })));
}

#[tokio::test]
async fn many_callers_share_one_fetch() {
    let server = Loopback::start(vec![answer("2030-01-02T03:04:05Z")]);
    let ring = KeyRing::new(CredentialSource::Chain, Arc::new(uri(&server)));
    let calls = (0..20).map(|_| ring.key(now()));
    assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn a_key_that_the_service_refused_is_fetched_anew() {
    let refused = Reply::json(400, r#"{"Code":"InvalidSecurityToken.Expired","Message":"m"}"#);
    let keys = Loopback::start(vec![answer("2030-01-02T03:04:05Z"), answer("2030-01-02T03:04:05Z")]);
    let service = Loopback::start(vec![refused, Reply::json(200, r#"{"success":true,"data":[]}"#)]);
    let settings = Settings { credentials: CredentialSource::Uri, ..settings(&service.url()) };
    let environment: Arc<dyn Environment> = Arc::new(uri(&keys));
    let provider = AlicloudProvider::new(&settings, &BTreeMap::new(), &environment).unwrap();
    provider.observe(&scope()).await.unwrap_err();
    provider.observe(&scope()).await.unwrap();
    assert_eq!(keys.heard().len(), 2);
}

#[test]
fn a_key_never_prints_and_a_pasted_line_end_is_refused() {
    let key = Credentials::new("id", "hush", Some("hush-t".into()), None).unwrap();
    let source = CredentialSource::Static(key.clone());
    assert!(!format!("{key:?} {source:?}").contains("hush"));
    assert!(format!("{key:?}").contains("\"id\""));
    for (id, secret) in [("id\n", "s"), ("id", "s\n"), ("", "s"), ("id", ""), ("i d", "s")] {
        let error = Credentials::new(id, secret, None, None).unwrap_err();
        assert!(matches!(error, CredentialError::NotSendable { .. }));
    }
}
