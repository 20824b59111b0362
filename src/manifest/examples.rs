//! An example of every diagnostic: a text that is refused with this code and no other, and the same text mended. A test
//! feeds all of them to `validate` and `plan`, so none can go stale.

use super::codes;
use crate::domain::diagnostic::Code;

/// What an example is put into, to be a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// Nothing: it is the whole manifest file.
    File,
    /// The lines follow the required ones of a connector, whose spec stands last.
    Connector,
    /// The lines follow the name of a store in its spec.
    Store,
    /// The lines follow the required ones in `spec.mysql` of a suite, which stands last.
    Mysql,
    /// The lines follow the name of the one scenario of a suite, which stands last.
    Scenario,
    /// Nothing: it is the whole of `reconcile.yaml`.
    Project,
    /// Nothing: it is a manifest file in the encoding Latin-1.
    Latin1,
    /// Nothing: it is repeated so many times in one manifest file.
    Repeated(usize),
    /// Nothing: it is the argument of `reconcile validate`.
    Path,
}

/// An example of one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The code.
    pub code: Code,
    /// What it is put into.
    pub around: Around,
    /// What is refused, or warned of.
    pub wrong: &'static str,
    /// The same, mended.
    pub right: &'static str,
}

impl Around {
    /// The whole text of the file with an example in it.
    pub fn text(self, example: &str) -> String {
        match self {
            Around::Connector => format!("{CONNECTOR}{example}"),
            Around::Store => format!("{STORE}{example}"),
            Around::Mysql => format!("{MYSQL}{example}"),
            Around::Scenario => format!("{SCENARIO}{example}"),
            Around::Repeated(times) => example.repeat(times),
            Around::File | Around::Project | Around::Latin1 | Around::Path => example.to_owned(),
        }
    }
}

const CONNECTOR: &str = "\
apiVersion: reconcile/v1
kind: FlinkConnector
metadata: {name: orders}
spec:
  workspaceId: ws-1
  namespaceName: default
  connectorName: orders
  connectorType: orders
  jarUrl: oss://artifacts/orders.jar
";

const STORE: &str = "\
apiVersion: reconcile/v1
kind: Store
metadata: {name: orders}
spec:
  name: orders
";

const MYSQL: &str = "\
apiVersion: reconcile/v1
kind: SinkVerification
metadata: {name: orders}
spec:
  scenarios: [{name: orders, source: {generate: {kind: basic}}}]
  mysql:
    host: 127.0.0.1
    database: shop
    username: loader
";

const SCENARIO: &str = "\
apiVersion: reconcile/v1
kind: SinkVerification
metadata: {name: orders}
spec:
  mysql: {host: 127.0.0.1, database: shop, username: loader}
  scenarios:
    - name: orders
";

/// The example of a code.
pub fn of(code: Code) -> Option<&'static Example> {
    TABLE.iter().find(|example| example.code == code)
}

const fn example(code: Code, around: Around, wrong: &'static str, right: &'static str) -> Example {
    Example { code, around, wrong, right }
}

/// All examples, in the order of the codes.
pub const TABLE: &[Example] = {
    use Around::{Connector, File, Latin1, Mysql, Path, Project, Repeated, Scenario, Store};
    &[
        example(codes::UNREADABLE, Path, "manifest", "manifests"),
        example(
            codes::TOO_LARGE,
            Connector,
            "  source: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
            "  source: true\n",
        ),
        example(codes::NOT_UTF8, Latin1, "# caf\u{e9}\n", "# coffee\n"),
        example(codes::SYNTAX, Connector, "  source: [true\n", "  source: true\n"),
        example(codes::REFERENCE, Connector, "  description: &text orders\n", "  description: orders\n"),
        example(codes::DUPLICATE_KEY, Connector, "  source: true\n  source: false\n", "  source: true\n"),
        example(codes::UNKNOWN_FIELD, Connector, "  jar_version: '3'\n", "  jarVersion: '3'\n"),
        example(
            codes::MISSING_FIELD,
            File,
            "apiVersion: reconcile/v1\nkind: Store\nmetadata: {}\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\n",
            "apiVersion: reconcile/v1\nkind: Store\nmetadata: {name: a}\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\n",
        ),
        example(codes::WRONG_TYPE, Connector, "  supportedFormats: json\n", "  supportedFormats: [json]\n"),
        example(codes::UNQUOTED, Connector, "  jarVersion: 1.10\n", "  jarVersion: '1.10'\n"),
        example(codes::NOT_A_FLAG, Connector, "  source: yes\n", "  source: true\n"),
        example(codes::NO_VALUE, Connector, "  jarVersion: ''\n", "  jarVersion: '3'\n"),
        example(
            codes::API_VERSION,
            File,
            "apiVersion: v1\nkind: Store\nmetadata: {name: a}\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\n",
            "apiVersion: reconcile/v1\nkind: Store\nmetadata: {name: a}\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\n",
        ),
        example(
            codes::UNKNOWN_KIND,
            File,
            "apiVersion: reconcile/v1\nkind: Stor\nmetadata: {name: a}\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\n",
            "apiVersion: reconcile/v1\nkind: Store\nmetadata: {name: a}\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\n",
        ),
        example(
            codes::SPEC_BEFORE_KIND,
            File,
            "apiVersion: reconcile/v1\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\nkind: Store\nmetadata: {name: a}\n",
            "apiVersion: reconcile/v1\nkind: Store\nmetadata: {name: a}\nspec: {name: a, kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}}\n",
        ),
        example(codes::BAD_NAME, Connector, "dependsOn: [orders/b]\n", "dependsOn: []\n"),
        example(
            codes::BAD_KEY,
            File,
            "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: a}\nspec: {workspaceId: .., namespaceName: n, connectorName: a, connectorType: a, jarUrl: 'oss://b/a.jar'}\n",
            "apiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: a}\nspec: {workspaceId: w, namespaceName: n, connectorName: a, connectorType: a, jarUrl: 'oss://b/a.jar'}\n",
        ),
        example(codes::CONTROL_CHARACTER, Connector, "  jarVersion: \"3\\n\"\n", "  jarVersion: \"3\"\n"),
        example(
            codes::BAD_DURATION,
            Connector,
            "lifecycle: {timeouts: {create: 10}}\n",
            "lifecycle: {timeouts: {create: 10m}}\n",
        ),
        example(
            codes::BAD_IGNORE,
            Connector,
            "lifecycle: {ignoreFields: [lookup]}\n",
            "lifecycle: {ignoreFields: [/spec/lookup]}\n",
        ),
        example(
            codes::REPEATED_ITEM,
            Connector,
            "  supportedFormats: [json, json]\n",
            "  supportedFormats: [json]\n",
        ),
        example(
            codes::BAD_CHOICE,
            Connector,
            "lifecycle: {onRemove: keep}\n",
            "lifecycle: {onRemove: retain}\n",
        ),
        example(
            codes::DUPLICATE_ADDRESS,
            Connector,
            "---\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: orders}\nspec: {workspaceId: w, namespaceName: n, connectorName: b, connectorType: b, jarUrl: 'oss://b/b.jar'}\n",
            "---\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: b}\nspec: {workspaceId: w, namespaceName: n, connectorName: b, connectorType: b, jarUrl: 'oss://b/b.jar'}\n",
        ),
        example(
            codes::DUPLICATE_NATURAL_KEY,
            Connector,
            "---\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: b}\nspec: {workspaceId: ws-1, namespaceName: default, connectorName: orders, connectorType: orders, jarUrl: 'oss://b/b.jar'}\n",
            "---\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: b}\nspec: {workspaceId: ws-1, namespaceName: default, connectorName: b, connectorType: b, jarUrl: 'oss://b/b.jar'}\n",
        ),
        example(
            codes::DUPLICATE_CONNECTOR_TYPE,
            Connector,
            "---\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: b}\nspec: {workspaceId: ws-1, namespaceName: n, connectorName: b, connectorType: orders, jarUrl: 'oss://b/b.jar'}\n",
            "---\napiVersion: reconcile/v1\nkind: FlinkConnector\nmetadata: {name: b}\nspec: {workspaceId: ws-1, namespaceName: n, connectorName: b, connectorType: b, jarUrl: 'oss://b/b.jar'}\n",
        ),
        example(codes::UNKNOWN_DEPENDENCY, Connector, "dependsOn: [Store/nobody]\n", "dependsOn: []\n"),
        example(codes::SELF_DEPENDENCY, Connector, "dependsOn: [FlinkConnector/orders]\n", "dependsOn: []\n"),
        example(codes::TOO_MANY_ERRORS, Repeated(1_001), "- kind: Store\n---\n", ""),
        example(codes::LINE_END, Connector, "  description: a\u{2028}b\n", "  description: \"a\\u2028b\"\n"),
        example(
            codes::PROJECT_DOCUMENTS,
            Project,
            "profiles: {local: {emulator: true}}\n---\nprofiles: {prod: {emulator: true}}\n",
            "profiles: {local: {emulator: true}}\n",
        ),
        example(
            codes::UNKNOWN_PROFILE,
            Project,
            "defaultProfile: locl\nprofiles: {local: {emulator: true}}\n",
            "defaultProfile: local\nprofiles: {local: {emulator: true}}\n",
        ),
        example(
            codes::PROFILE_TARGET,
            Project,
            "profiles: {local: {state: elsewhere}}\n",
            "profiles: {local: {state: elsewhere, emulator: true}}\n",
        ),
        example(
            codes::BAD_URL,
            Project,
            "profiles: {prod: {ververica: {region: eu-central-1, proxy: 'proxy:3128'}}}\n",
            "profiles: {prod: {ververica: {region: eu-central-1, proxy: 'http://proxy:3128'}}}\n",
        ),
        example(
            codes::BAD_LIMIT,
            Project,
            "profiles: {local: {emulator: true, limits: {delete: few}}}\n",
            "profiles: {local: {emulator: true, limits: {delete: 2}}}\n",
        ),
        example(
            codes::STORE_BLOCK,
            Store,
            "  description: orders\n",
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}\n",
        ),
        example(
            codes::NEEDED_WITH,
            Store,
            "  kafka: {uris: [b:9092], sasl: {hashFunction: PLAIN, username: {fromEnv: HOME}}}\n",
            "  kafka: {uris: [b:9092], sasl: {hashFunction: PLAIN, username: {fromEnv: HOME}, password: {fromEnv: HOME}}}\n",
        ),
        example(
            codes::NOT_WITH,
            Store,
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE, username: {fromEnv: HOME}}}\n",
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}\n",
        ),
        example(
            codes::BAD_ENDPOINT,
            Store,
            "  kafka: {uris: [b], sasl: {hashFunction: NONE}}\n",
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}\n",
        ),
        example(
            codes::NOT_FOR_KIND,
            Store,
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}\nlifecycle: {allowGap: true}\n",
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}}\n",
        ),
        example(
            codes::SECRET_SOURCE,
            Store,
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: {}}\n",
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: {fromEnv: HOME}}\n",
        ),
        example(
            codes::SECRET_LITERAL,
            Store,
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: secret}\n",
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: {fromEnv: HOME}}\n",
        ),
        example(
            codes::NOT_A_PATH,
            Store,
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}, tls: {caCertFile: '-----BEGIN CERTIFICATE-----'}}\n",
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}, tls: {caCertFile: {fromEnv: HOME}}}\n",
        ),
        example(
            codes::SECRET_VARIABLE,
            Store,
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: {fromEnv: NOBODY_SET_IT}}\n",
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: {fromEnv: HOME}}\n",
        ),
        example(
            codes::SECRET_FILE,
            Store,
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}, tls: {caCertFile: ca-cert.pem}}\n",
            "  kafka: {uris: [b:9092], sasl: {hashFunction: NONE}, tls: {caCertFile: ca.pem}}\n",
        ),
        example(
            codes::SECRET_COMMAND,
            Store,
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: {fromCommand: [/bin/false]}}\n",
            "  postgres: {uris: 'postgresql://h:5432/d', username: {fromEnv: HOME}, password: {fromCommand: [/bin/echo, x]}}\n",
        ),
        example(
            codes::TOKEN_IN_FILE,
            Project,
            "profiles: {prod: {deltastream: {token: abc}}}\n",
            "profiles: {prod: {deltastream: {token: {fromEnv: TOKEN}}}}\n",
        ),
        example(
            codes::BAD_WEBHOOK,
            Project,
            "profiles: {local: {emulator: true, notify: {url: 'http://hooks.example/x'}}}\n",
            "profiles: {local: {emulator: true, notify: {urlVariable: WEBHOOK_URL}}}\n",
        ),
        example(
            codes::UNDEFINED_VALUE,
            Connector,
            "  description: orders of ${values.team}\n",
            "  description: orders of the sales team\n",
        ),
        example(
            codes::BAD_REFERENCE,
            Connector,
            "  description: orders of ${HOME}\n",
            "  description: orders of $${HOME}\n",
        ),
        example(
            codes::BAD_VALUE,
            Project,
            "profiles: {local: {emulator: true, values: {version: 1.10}}}\n",
            "profiles: {local: {emulator: true, values: {version: '1.10'}}}\n",
        ),
        example(
            codes::BAD_NUMBER,
            Scenario,
            "      source: {generate: {rows: 0}}\n",
            "      source: {generate: {rows: 10}}\n",
        ),
        example(
            codes::BAD_QUANTITY,
            Scenario,
            "      source: {generate: {rows: 10}}\n      faults: [{at: 30%, do: throttle, for: 2s, rate: 64KB}]\n",
            "      source: {generate: {rows: 10}}\n      faults: [{at: 30%, do: throttle, for: 2s, rate: 64KiB}]\n",
        ),
        example(
            codes::BAD_TYPE,
            Scenario,
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGNIT NOT NULL}]}\n",
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGINT NOT NULL}]}\n",
        ),
        example(
            codes::BAD_SCHEMA,
            Scenario,
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGINT}], primaryKey: [id]}\n",
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGINT NOT NULL}], primaryKey: [id]}\n",
        ),
        example(
            codes::BAD_EXPRESSION,
            Scenario,
            "      source: {generate: {rows: 10}}\n      transform: [{set: total, cel: amount *}]\n",
            "      source: {generate: {rows: 10}}\n      transform: [{set: total, cel: amount * 2.0}]\n",
        ),
        example(
            codes::ONE_WAY,
            Scenario,
            "      source: {generate: {rows: 10}, ndjson: orders.ndjson}\n",
            "      source: {generate: {rows: 10}}\n",
        ),
        example(
            codes::ENGINE,
            File,
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: 127.0.0.1, database: shop, username: loader}\n  sink: jdbc\n",
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: 127.0.0.1, database: shop, username: loader}\n  engine: flink\n  sink: jdbc\n  flink: {gateway: http://127.0.0.1:8083}\n",
        ),
        example(
            codes::NEEDS_SCHEMA,
            Scenario,
            "      source: {csv: orders.csv}\n",
            "      source: {csv: orders.csv}\n      schema: {fields: [{name: id, type: BIGINT NOT NULL}], primaryKey: [id]}\n",
        ),
        example(
            codes::BAD_IDENTIFIER,
            Scenario,
            "      source: {generate: {rows: 10}}\n      table: {name: shop.orders}\n",
            "      source: {generate: {rows: 10}}\n      table: {name: orders}\n",
        ),
        example(
            codes::REPEATED_NAME,
            Scenario,
            "      source: {generate: {rows: 10}}\n    - name: orders\n      source: {generate: {rows: 10}}\n",
            "      source: {generate: {rows: 10}}\n    - name: payments\n      source: {generate: {rows: 10}}\n",
        ),
        example(
            codes::BAD_FAULT,
            Scenario,
            "      source: {generate: {rows: 10}}\n      faults: [{at: 30%, do: stall}]\n",
            "      source: {generate: {rows: 10}}\n      faults: [{at: 30%, do: stall, for: 2s}]\n",
        ),
        example(
            codes::BAD_TLS,
            Mysql,
            "    tls: {mode: required, caFile: ca.pem}\n",
            "    tls: {mode: verifyIdentity, caFile: ca.pem}\n",
        ),
        example(
            codes::BAD_RETRY,
            Mysql,
            "    retry: {max: 1, delays: [1s, 2s, 4s]}\n",
            "    retry: {max: 3, delays: [1s, 2s, 4s]}\n",
        ),
        example(
            codes::BAD_HOST,
            File,
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: '127.0.0.1:3306', database: shop, username: loader}\n",
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: 127.0.0.1, database: shop, username: loader}\n",
        ),
        example(
            codes::UNKNOWN_NAME,
            Scenario,
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGINT NOT NULL}]}\n      rules: [{field: ID, check: value > 0}]\n",
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGINT NOT NULL}]}\n      rules: [{field: id, check: value > 0}]\n",
        ),
        example(
            codes::UPSERT_WITHOUT_KEY,
            Scenario,
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGINT NOT NULL}]}\n      write: {mode: upsert}\n",
            "      source: {generate: {rows: 10}}\n      schema: {fields: [{name: id, type: BIGINT NOT NULL}], primaryKey: [id]}\n      write: {mode: upsert}\n",
        ),
        example(
            codes::IMPOSSIBLE,
            Scenario,
            "      source: {generate: {rows: 10}}\n      expect: {written: 10, refused: 1}\n",
            "      source: {generate: {rows: 10}}\n      expect: {written: 9, refused: 1}\n",
        ),
        example(codes::BAD_CHARSET, Mysql, "    charset: latin1\n", "    charset: utf8mb4\n"),
        example(codes::BAD_PORT, Mysql, "    port: 0\n", "    port: 3306\n"),
        example(codes::BAD_POOL, Mysql, "    pool: {size: 0}\n", "    pool: {size: 10}\n"),
        example(
            codes::BAD_DATABASE,
            File,
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: 127.0.0.1, database: shop.orders, username: loader}\n",
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: 127.0.0.1, database: shop, username: loader}\n",
        ),
        example(
            codes::BAD_USER,
            File,
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: 127.0.0.1, database: shop, username: 'loader '}\n",
            "apiVersion: reconcile/v1\nkind: SinkVerification\nmetadata: {name: orders}\nspec:\n  scenarios: [{name: orders, source: {generate: {}}}]\n  mysql: {host: 127.0.0.1, database: shop, username: loader}\n",
        ),
    ]
};
