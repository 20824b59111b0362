//! The project file.

use std::path::Path;
use std::time::Duration;

use super::place;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::natural_key::WorkspaceId;
use crate::manifest::codes;
use crate::manifest::project::{
    self, CredentialSource, Deltastream, Network, Notify, Project, Proxy, Signature, Target, Ververica,
};
use crate::platform::fs;

pub(super) fn load_project(text: &str) -> Result<Project, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().unwrap();
    fs::replace(&folder.path().join("reconcile.yaml"), text.as_bytes()).unwrap();
    project::load(folder.path())
}

const FULL: &str = "\
defaultProfile: prod
profiles:
  local:
    emulator: true
  prod:
    state: state/prod
    limits: {delete: 5, replace: 0}
    ververica:
      region: eu-central-1
      endpoint: ververica.example:8443
      network: vpc
      signature: roa
      sendDefinition: false
      proxy: none
      credentials: {profile: team}
      timeouts: {connect: 5s, read: 30s, total: 1m}
    workspaces:
      ws-2:
        region: cn-beijing
        credentials: env
        proxy: http://proxy.example:3128
";

#[test]
fn every_setting_is_read() {
    let project = load_project(FULL).unwrap();
    assert_eq!(project.default_profile.as_deref(), Some("prod"));
    assert_eq!(project.profiles["local"].target, Target::Emulator);
    let prod = &project.profiles["prod"];
    assert_eq!(prod.state.as_deref(), Some(Path::new("state/prod")));
    assert_eq!((prod.limits.delete, prod.limits.replace), (Some(5), Some(0)));
    let Target::Cloud { ververica: Some(ververica), deltastream: None } = &prod.target else {
        panic!("not the service")
    };
    let Ververica { settings, workspaces } = &**ververica;
    assert_eq!(settings.region.as_deref(), Some("eu-central-1"));
    assert_eq!(settings.endpoint.as_deref(), Some("ververica.example:8443"));
    assert_eq!((settings.network, settings.signature), (Some(Network::Vpc), Some(Signature::Roa)));
    assert_eq!((settings.send_definition, &settings.proxy), (Some(false), &Some(Proxy::None)));
    assert_eq!(settings.credentials, Some(CredentialSource::Profile("team".into())));
    assert_eq!(settings.timeouts.total, Some(Duration::from_mins(1)));
    let other = workspaces.get(&WorkspaceId::new("ws-2").unwrap()).unwrap();
    assert_eq!(other.credentials, Some(CredentialSource::Env));
    assert_eq!(other.proxy, Some(Proxy::Url("http://proxy.example:3128".into())));
    assert_eq!(other.signature, None);
}

#[test]
fn deltastream_stands_alone_or_beside_ververica_and_its_token_in_a_variable() {
    let text = "profiles: {a: {deltastream: {url: https://api.example/v2, organization: acme, role: loader, \
                token: {fromEnv: ACME_TOKEN}, proxy: none, timeouts: {total: 1m}}}, b: {ververica: {}, deltastream: {token: env}}}";
    let project = load_project(text).unwrap();
    let Target::Cloud { ververica: None, deltastream: Some(found) } = &project.profiles["a"].target else {
        panic!("{project:?}")
    };
    let text = |text: &str| Some(text.to_owned());
    let wanted = Deltastream {
        url: text("https://api.example/v2"),
        organization: text("acme"),
        role: text("loader"),
        token_variable: text("ACME_TOKEN"),
        proxy: Some(Proxy::None),
        timeouts: project::CallTimeouts { total: Some(Duration::from_mins(1)), ..Default::default() },
    };
    assert_eq!(**found, wanted);
    let Target::Cloud { ververica: Some(_), deltastream: Some(found) } = &project.profiles["b"].target else {
        panic!("{project:?}")
    };
    assert_eq!(**found, Deltastream::default());
}

#[test]
fn a_token_in_the_project_file_is_refused_and_never_shown() {
    for line in [
        "token: hunter2",
        "token: 1234567",
        "token: [hunter2]",
        "token: !hunter2 x",
        "token: {fromEnv: hunter2/1234567}",
        "tokn: hunter2",
        "token: hunter2: 1234567",
        "token:hunter2",
        "organization: [hunter2, 1234567]",
        "url: https://u:hunter2@api.example/v2",
    ] {
        let found = load_project(&format!("profiles:\n  a:\n    deltastream:\n      {line}\n")).unwrap_err();
        let shown = format!("{found:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("1234567"), "{line}: {shown}");
        if line.starts_with("token: h") && !line.contains("hunter2:") {
            assert_eq!(found[0].code, codes::TOKEN_IN_FILE);
        }
    }
}

#[test]
fn a_webhook_is_a_url_or_the_variable_that_holds_it() {
    let read = |notify: &str| {
        let text = format!("profiles: {{a: {{emulator: true, notify: {notify}}}}}");
        load_project(&text).unwrap().profiles["a"].notify.clone().unwrap()
    };
    let Notify::Url(url) = read("{url: 'https://hooks.example/services/x?y'}") else { panic!("no URL") };
    assert_eq!((url.origin().authority(), url.target()), ("hooks.example", "/services/x?y"));
    assert_eq!(read("{urlVariable: HOOK}"), Notify::Variable("HOOK".into()));
    assert!(matches!(read("{url: 'http://127.0.0.1:1/x'}"), Notify::Url(_)));
}

#[test]
fn a_webhook_that_cannot_be_used_is_refused_and_its_url_is_never_shown() {
    for (line, code) in [
        ("notify: {url: 'http://hooks.example/hunter2'}", codes::BAD_WEBHOOK),
        ("notify: {url: 'https://u:hunter2@hooks.example/'}", codes::BAD_WEBHOOK),
        ("notify: {url: hooks.example/hunter2}", codes::BAD_WEBHOOK),
        ("notify: {url: 'https://h/hunter2', urlVariable: HOOK}", codes::BAD_WEBHOOK),
        ("notify: {}", codes::BAD_WEBHOOK),
        ("notify: {urlVariable: 'https://h/hunter2'}", codes::SECRET_SOURCE),
        ("notify: {url: ['https://h/hunter2']}", codes::WRONG_TYPE),
        ("notify: {url: 'https://h/hunter2', secret: x}", codes::UNKNOWN_FIELD),
        ("notify: {ulr: 'https://h/hunter2'}", codes::UNKNOWN_FIELD),
        ("notify: 'https://h/hunter2'", codes::WRONG_TYPE),
        ("notfy: {url: 'https://h/hunter2'}", codes::UNKNOWN_FIELD),
        ("notifications: {url: 'https://h/hunter2'}", codes::UNKNOWN_FIELD),
        ("web_hook: {url: 'https://h/hunter2'}", codes::UNKNOWN_FIELD),
        ("Notify: {url: 'https://h/hunter2'}", codes::UNKNOWN_FIELD),
        ("notify: {url: 'https://h/hunter2'", codes::SYNTAX),
        ("notify: {url: &a 'https://h/hunter2'}", codes::REFERENCE),
        ("notify: {url: 'https://h/hunter2', url: 'https://h/hunter2'}", codes::DUPLICATE_KEY),
    ] {
        let text = format!("profiles:\n  a:\n    emulator: true\n    {line}\n");
        let found = load_project(&text).unwrap_err();
        assert_eq!(found[0].code, code, "{line}: {found:#?}");
        assert!(!format!("{found:?}").contains("hunter2"), "{line}: {found:#?}");
    }
}

#[test]
fn without_a_file_or_with_an_empty_one_there_is_the_local_emulator() {
    let folder = tempfile::tempdir().unwrap();
    // The search ends at a repository's root, so the machine's own files do not matter.
    fs::create_folder(&folder.path().join(".git")).unwrap();
    for project in [project::load(folder.path()).unwrap(), load_project("# nothing yet\n").unwrap()] {
        assert_eq!(project.default_profile.as_deref(), Some("local"));
        assert_eq!(project.profiles["local"].target, Target::Emulator);
    }
}

#[test]
fn the_nearest_file_above_wins_and_a_repository_root_ends_the_search() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    fs::create_folder(&deep).unwrap();
    fs::replace(&folder.path().join("reconcile.yaml"), b"profiles: {outer: {emulator: true}}").unwrap();
    let found = |start: &Path| project::load(start).unwrap().default_profile.unwrap();
    assert_eq!(found(&deep), "outer");
    fs::replace(&folder.path().join("a/reconcile.yaml"), b"profiles: {inner: {emulator: true}}").unwrap();
    assert_eq!(found(&deep), "inner");
    fs::create_folder(&folder.path().join("a/b/.git")).unwrap();
    assert_eq!(found(&deep), "local");
}

#[test]
fn a_file_with_several_profiles_leaves_the_default_open() {
    let project = load_project("profiles: {a: {emulator: true}, b: {ververica: {}}}").unwrap();
    assert_eq!(project.default_profile, None);
}

#[test]
fn mistakes_are_reported_where_they_stand() {
    for (text, wanted) in [
        ("profile: {}\n", "RC0107 1:1"),
        ("defaultProfile: prd\nprofiles: {prod: {emulator: true}}\n", "RC0131 1:17"),
        ("profiles: {a: {}}\n", "RC0132 1:12"),
        ("profiles: {a: {emulator: false}}\n", "RC0132 1:12"),
        ("profiles: {a: {emulator: true, ververica: {}}}\n", "RC0132 1:12"),
        ("profiles: {a: {emulator: true, deltastream: {}}}\n", "RC0132 1:12"),
        ("profiles: {a: {deltastream: {}, workspaces: {}}}\n", "RC0132 1:12"),
        ("profiles: {a: {deltastream: {token: secret}}}\n", "RC0146 1:37"),
        ("profiles: {a: {deltastream: {region: x}}}\n", "RC0107 1:30"),
        ("profiles: {a: {emulator: yes, ververica: {}}}\n", "RC0111 1:26"),
        ("profiles: {../a: {emulator: true}}\n", "RC0116 1:12"),
        ("profiles: {a: {ververica: {regoin: x}}}\n", "RC0107 1:28"),
        ("profiles: {a: {ververica: {network: private}}}\n", "RC0122 1:37"),
        ("profiles: {a: {ververica: {proxy: proxy.example}}}\n", "RC0133 1:35"),
        ("profiles: {a: {ververica: {}, workspaces: {a b: {}}}}\n", "RC0117 1:44"),
        ("profiles: {a: {ververica: {credentials: {profil: x}}}}\n", "RC0107 1:42"),
        ("profiles: {a: {ververica: {}, limits: {delete: -1}}}\n", "RC0134 1:48"),
        ("profiles: {a: {ververica: {}, limits: {delete: \"5\"}}}\n", "RC0134 1:48"),
        ("profiles: {a: {emulator: true}}\n---\nb: 1\n", "RC0130 3:1"),
        ("profiles:\n", "RC0112 1:1"),
        ("- a\n", "RC0109 1:1"),
        ("a: 1\na: 2\n", "RC0106 2:1"),
    ] {
        let found = load_project(text).unwrap_err();
        assert!(found.iter().any(|found| place(found) == wanted), "{text}: {found:#?}");
    }
}

#[test]
fn a_password_in_a_proxy_or_endpoint_is_refused_and_never_shown() {
    for line in
        ["proxy: http://user:hunter2@proxy:3128", "endpoint: user:hunter2@host", "proxi: https://u:hunter2@p"]
    {
        let found = load_project(&format!("profiles:\n  a:\n    ververica:\n      {line}\n")).unwrap_err();
        assert!(!format!("{found:?}").contains("hunter2"), "{line}: {found:?}");
        let wanted = if line.starts_with("proxi") { codes::UNKNOWN_FIELD } else { codes::BAD_URL };
        assert_eq!(found[0].code, wanted);
    }
}
