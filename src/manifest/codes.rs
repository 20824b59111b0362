//! The stable codes of manifest diagnostics: one table, the source for `reconcile help CODE` and the documentation.
//!
//! A number is never given to another meaning; a code that is no longer produced is removed and stays free.

use crate::domain::diagnostic::Code;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// What it says, in a few words.
    pub title: &'static str,
    /// Why it is refused and what to do, for `reconcile help CODE`.
    pub explanation: &'static str,
}

macro_rules! table {
    ($($name:ident = $number:literal, $title:literal, $explanation:literal;)+) => {
        $(#[doc = concat!("RC0", stringify!($number), ": ", $title, ".")]
        pub const $name: Code = Code($number);)+

        /// Every code, in order.
        pub const TABLE: &[Entry] = &[
            $(Entry { code: $name, title: $title, explanation: $explanation },)+
        ];
    };
}

table! {
    UNREADABLE = 101, "a file or folder cannot be read",
        "A path that was named, or a file or link in a folder that was named, could not be read. Nothing is skipped: an \
         object whose manifest was missed would look as if it had been removed, and would be deleted. Correct the path, \
         the permission or the link. A link is followed only inside the folder that was named.";
    TOO_LARGE = 102, "an input limit is exceeded",
        "Files, documents, values, and nesting are limited so that a damaged or hostile file cannot exhaust the \
         machine. The message names the limit. Split the input; if an honest input is too large, the limit is wrong: \
         report it.";
    NOT_UTF8 = 103, "a file is not UTF-8",
        "Manifests are UTF-8, with or without a byte order mark. Save the file again with this encoding.";
    SYNTAX = 104, "the text is not YAML",
        "The file cannot be parsed. The rest of this file is not looked at, other files are.";
    REFERENCE = 105, "anchors, aliases, merge keys and tags are refused",
        "They make a value depend on a distant place or on the reader, and small files expand to gigabytes. Write the \
         value where it is used. A text such as `*` or `&x` needs quotes.";
    DUPLICATE_KEY = 106, "a key stands twice in one mapping",
        "Most YAML readers silently take one of the two values. Remove one.";
    UNKNOWN_FIELD = 107, "a field is unknown",
        "The field is not part of this object. Fields are spelt in camelCase. It is refused, because a misspelt \
         `protect` that is ignored protects nothing.";
    MISSING_FIELD = 108, "a required field is missing",
        "Add the field; `reconcile help KIND` lists all fields of a kind.";
    WRONG_TYPE = 109, "a value has the wrong type",
        "A text, a list, a mapping or a number was expected, and something else was found. Often the indentation \
         is off, or a `-` is missing or superfluous.";
    UNQUOTED = 110, "a number or flag stands where text is wanted",
        "YAML readers change such values: `1.10` becomes 1.1, `017` becomes 15 or 17. Quote the value.";
    NOT_A_FLAG = 111, "a flag is neither `true` nor `false`",
        "`yes`, `no`, `on` and `off` are flags to some YAML readers and text to others; so is a quoted \"true\". Write \
         true or false, without quotes.";
    NO_VALUE = 112, "a value is null or empty",
        "The field stands there without a value. An optional field that is meant to be absent is left out; a required \
         one needs a text that is not blank.";
    API_VERSION = 113, "the apiVersion is unknown",
        "This program reads `apiVersion: reconcile/v1`.";
    UNKNOWN_KIND = 114, "the kind is unknown",
        "The message lists the known kinds. Manifests of other programs do not belong into this folder.";
    SPEC_BEFORE_KIND = 115, "`spec` stands before `kind`",
        "The kind says how the spec is read, for programs and for people. Move `kind` above `spec`.";
    BAD_NAME = 116, "a name or address is malformed",
        "An object name is 1 to 253 letters, digits, `-`, `_` or `.`, beginning with a letter or digit. An address \
         is `Kind/name`. A profile is named by the same rule, because its state folder has this name.";
    BAD_KEY = 117, "part of the natural key cannot be sent",
        "Workspace, namespace and connector name travel in a header and a URL path. Texts that such places change \
         or refuse would address another object. The names of a store and of its owner travel in SQL, which carries no \
         control character.";
    CONTROL_CHARACTER = 118, "a text holds a control character",
        "The value is sent in a request or used as a path, and a line break or another control character in it is an \
         accident, often that of a block text (`|`). Write the value on one line. A secret that was fetched \
         may end with one line end, which is taken off.";
    BAD_DURATION = 119, "a duration is malformed or zero",
        "Durations are whole numbers with units, largest first: `10m`, `30s`, `1h30m`, `500ms`. Zero would end every \
         wait before it began.";
    BAD_IGNORE = 120, "`ignoreFields` names no field that can be ignored",
        "Each entry is a JSON pointer to a field of the spec that can change in place, such as `/spec/lookup`. A \
         field of the natural key or one that forces a replacement cannot be ignored.";
    REPEATED_ITEM = 121, "an item stands twice in a set",
        "The list is compared as a set; the second mention changes nothing. Remove it.";
    BAD_CHOICE = 122, "a value is not one of the allowed ones",
        "The message lists the allowed values.";
    DUPLICATE_ADDRESS = 123, "two objects have the same address",
        "`Kind/name` identifies an object in state and messages. Rename one of them.";
    DUPLICATE_NATURAL_KEY = 124, "two objects claim the same live object",
        "The service knows an object by its natural key; two manifests would overwrite each other for ever. Remove one.";
    DUPLICATE_CONNECTOR_TYPE = 125, "two connectors of a workspace have the same type",
        "SQL finds a connector by its type, so the service allows each type once per workspace, across namespaces.";
    UNKNOWN_DEPENDENCY = 126, "`dependsOn` names an object that is not declared",
        "The target must be declared in the same load. Correct the address, or name the folder that holds it too.";
    SELF_DEPENDENCY = 127, "an object depends on itself",
        "It could never be created. Remove the entry.";
    TOO_MANY_ERRORS = 128, "loading stopped after too many errors",
        "Mend the errors above and run the command again.";
    LINE_END = 129, "a line end that only some readers know",
        "The characters U+0085, U+2028 and U+2029 end a line, and with it a comment, for readers of YAML 1.1 and are \
         text for readers of YAML 1.2. In a double-quoted text they can be written as an escape.";
    PROJECT_DOCUMENTS = 130, "the project file has more than one document",
        "`reconcile.yaml` holds one mapping. Remove the `---`.";
    UNKNOWN_PROFILE = 131, "`defaultProfile` names no profile",
        "The message lists the profiles of the file.";
    PROFILE_TARGET = 132, "a profile does not say what it talks to",
        "A profile has `emulator: true`, or else `ververica: {…}`, `deltastream: {…}` or both; settings of workspaces \
         belong to `ververica`.";
    BAD_URL = 133, "an endpoint or proxy is malformed",
        "A proxy is a URL such as `http://proxy.example:3128`, an endpoint a host with an optional scheme and port. User names and \
         passwords do not belong into the project file: put them into HTTPS_PROXY and write `proxy: system`.";
    BAD_LIMIT = 134, "a limit is not a whole number",
        "`limits.delete` and `limits.replace` count objects. Write 0, 1, 2 or more, without quotes.";
    STORE_BLOCK = 135, "a store has not exactly one block",
        "The block says what is behind the store: `kafka: {…}`, `postgres: {…}`, `snowflake: {…}` and others. Its name \
         is the type; there is no field `type`. Another block is another store.";
    NEEDED_WITH = 136, "a parameter of a store is needed with another one",
        "Parameters go together: a hash function with its user and password, a certificate with its key, one whole way to \
         log in. The message names what is missing; without it the statement would be refused.";
    NOT_WITH = 137, "a parameter of a store does not go with another one",
        "The message names both. Remove one of them: the service would ignore or refuse what is too much.";
    BAD_ENDPOINT = 138, "an address of a store is malformed",
        "The message says what is wrong and shows the form. Addresses are recorded and shown in plans, so a user name or \
         password in one is refused: declare it in its own field.";
    NOT_FOR_KIND = 139, "a part of `lifecycle` is not for this kind",
        "A store is changed in place, so there is no gap to allow. All its waits have the same limit of 10 minutes. A suite \
         of kind SinkVerification has nothing live behind it, so it has no lifecycle at all.";
    SECRET_SOURCE = 140, "where a secret comes from is not said, or not once",
        "A secret is a text, or a mapping with exactly one of `fromEnv: NAME`, `fromFile: PATH` and \
         `fromCommand: [PROGRAM, ARGUMENT, …]`. A file is a path, or one of these for its content.";
    SECRET_LITERAL = 141, "a secret stands in the manifest",
        "It works, and whoever reads the repository knows it. Write `{fromEnv: NAME}`, `{fromFile: PATH}` or \
         `{fromCommand: [PROGRAM, …]}`; the same value from another place is no change. User names count as secrets too.";
    NOT_A_PATH = 142, "the content of a file stands where its path is wanted",
        "A file is named by its path, relative to the manifest's folder. Where there is no file, put the content into a \
         variable and write `{fromEnv: NAME}`.";
    SECRET_VARIABLE = 143, "the variable of a secret has no value",
        "The variable is not set, empty, or not UTF-8. Set it for this command; an empty secret is never what is meant.";
    SECRET_FILE = 144, "the file of a secret cannot be used",
        "The file is missing, unreadable, empty, larger than 1 MiB, or not UTF-8. Relative paths begin at the manifest's \
         folder.";
    SECRET_COMMAND = 145, "the command of a secret gave none",
        "It runs without a shell in the manifest's folder, with standard input closed, for 30 seconds at most, and prints \
         the secret on standard output, 1 MiB at most. What it prints is never shown, and its standard error is thrown \
         away, because it may tell the secret: run it by hand to see why it fails.";
    TOKEN_IN_FILE = 146, "a token or password stands in the project file",
        "The project file is for everybody. The token comes from the environment: from the vendor's own variable, or from \
         the one that `token: {fromEnv: NAME}` names; the password of a database from where `password: {fromEnv: NAME}`, \
         `{fromFile: PATH}` or `{fromCommand: [PROGRAM, …]}` says.";
    BAD_WEBHOOK = 147, "where messages go is not said, not once, or not safely",
        "`notify` has exactly one of `url: https://…` and `urlVariable: NAME`. Who knows the URL of a webhook can send \
         messages to it, so it is never shown, and it goes over https, or over http to this machine only.";
    NOT_FORMATTED = 155, "a file cannot be formatted without a change of what it says",
        "Before a file is written, two readers compare it: every value, number and comment must be the same. Here one was \
         not, or the formatter does not understand the file. Nothing was written. It is a bug of the formatter: report the \
         smallest such file. Known: a block text that keeps blank lines at its end (`|+`); write it in double quotes.";
    NOT_ACCEPTED = 156, "drift is not written to a manifest",
        "`drift --write` changes a value where it stands, and only if the file then says exactly that and nothing else. The \
         message says why it left this one alone. Edit it by hand, or apply to set live back.";
    UNDEFINED_VALUE = 160, "a value is not defined",
        "`${values.NAME}` stands for a value of the profile, and this profile has none of this name. It is refused, because \
         an empty text in its place would name another object. Add it to `values` of the profile in reconcile.yaml, or \
         pass `--set NAME=VALUE`.";
    BAD_REFERENCE = 161, "`${` begins no value",
        "Only `${values.NAME}` is put in, and only in labels, annotations and the spec, not in keys. There is no shell and no variable of the \
         environment behind it; a secret names its variable as `{fromEnv: NAME}`. Write `$${` where the text `${` is meant.";
    BAD_VALUE = 162, "a value of a profile cannot be used",
        "A value is a text, a whole number, true or false, and its name is letters, digits, `-` and `_`, beginning with a \
         letter. Quote every other number: `1.10` becomes 1.1 and `017` becomes 15 or 17 on the way.";
    BAD_NUMBER = 163, "a number is outside its limits",
        "The message names the limits. Numbers are whole and stand without quotes.";
    BAD_QUANTITY = 164, "a share or an amount is malformed",
        "A share is a number with `%`, with at most two digits behind the point: `30%`, `0.5%`. An amount of bytes is a whole \
         number with B, KiB, MiB, GiB or TiB: `512MiB`; a unit such as MB means two things and is refused.";
    BAD_TYPE = 165, "a type cannot be read",
        "Fields of a schema have Flink SQL types, such as `BIGINT NOT NULL`, `DECIMAL(20, 4)` or `ROW<a INT, b STRING>`. Columns of \
         a table have types of MySQL, such as `BIGINT UNSIGNED` or `DATETIME(6)`. The message says at which character it goes wrong.";
    BAD_SCHEMA = 166, "fields and primary key are no schema",
        "No two fields have the same name, not even in another case, because columns do not tell them apart. The primary key \
         names fields that are there, whose type ends in NOT NULL and can be indexed.";
    BAD_EXPRESSION = 167, "an expression cannot be read",
        "Transforms and rules are expressions in CEL, the Common Expression Language: `amount * 2.0`, `value >= 0.0`, \
         `value.startsWith('a')`. The message says at which character it goes wrong.";
    ONE_WAY = 168, "not exactly one of several ways is declared",
        "A source is `generate`, `csv` or `ndjson`; a transform is `set` with `cel`, `flatten` or `program`; a constraint is \
         `unique` or `check`. Each is a list item or block of its own.";
    ENGINE = 169, "engine and sink do not go together",
        "`sink: jdbc` is Flink's own connector, so it needs `engine: flink`; and that needs a `flink` block, which says \
         which cluster.";
    NEEDS_SCHEMA = 170, "a source from a file has no schema",
        "Text says nothing of its types: whether `1.10` is a number, and how exact, only the schema tells. A generator has a \
         schema of its own.";
    BAD_IDENTIFIER = 171, "a name cannot be used in SQL",
        "Names of tables, columns, fields, constraints and indexes are 1 to 64 ASCII letters, digits and `_`, not beginning with \
         a digit: they mean the same in every statement, quoted or not.";
    REPEATED_NAME = 172, "a name stands twice in a suite",
        "Scenarios are chosen by their names, columns are filled by theirs. Rename one of the two.";
    BAD_FAULT = 173, "a fault has a field too many or too few",
        "`drop` and `badStatement` stand alone; `stall` and `serverDown` last `for` a time; `delay` lasts `for` a time and holds \
         up `by` another; `throttle` lasts `for` a time at a `rate` such as `64KiB` in a second; `cut` comes `after` so many \
         bytes; `duplicateKeys` and `oversizedText` spoil so many `rows`.";
    BAD_TLS = 174, "the TLS settings contradict each other",
        "Only `verifyCa` and `verifyIdentity` look at the server's certificate. With another mode a `caFile` would be ignored in \
         silence, and the connection would look safer than it is.";
    BAD_RETRY = 175, "retries and delays do not fit",
        "`max` says how often something is tried again, `delays` what waits before each attempt. There are at most as many delays \
         as retries; the last one counts for all further ones; none is shorter than the one before.";
    BAD_HOST = 176, "a host is malformed",
        "`mysql.host` is a host name or an IP address alone: `db.example.com`, `127.0.0.1`, `::1`. The port, the user and the \
         password have their own fields.";
    UNKNOWN_NAME = 177, "a rule or a table names something that is not there",
        "A rule judges a field that the schema or a transform gives; a constraint and an index are about columns of the table. \
         The message suggests what may be meant.";
    UPSERT_WITHOUT_KEY = 178, "an upsert has no key",
        "An upsert replaces the row that has the same primary key. Add `primaryKey` to the schema, or write `mode: insert`.";
    IMPOSSIBLE = 179, "more rows are expected than there are",
        "Of the rows of the source each one is written or refused. Correct `expect.written`, `expect.refused` or \
         `source.generate.rows`.";
    BAD_CHARSET = 180, "the charset of the connection is not UTF-8",
        "Rows are sent as UTF-8. Under another name the server would take their bytes for other characters and store those. \
         Write `utf8mb4`; columns may have any charset of their own.";
    BAD_PORT = 181, "a port is malformed",
        "`mysql.port` is a whole number from 1 to 65535, without quotes. It is 3306 when it is left out.";
    BAD_POOL = 182, "the size of the pool is outside its limits",
        "`mysql.pool.size` is a whole number from 1 to 1000: that many connections are open at a time, at most. A pool of none \
         would wait for ever, and no server accepts more than some hundreds by default.";
    BAD_DATABASE = 183, "the name of the database is malformed",
        "It is 1 to 64 characters without `/`, `\\` and `.`, and does not end with a blank. The database must be there: only \
         tables are created.";
    BAD_USER = 184, "the name of the user is malformed",
        "It is 1 to 128 characters (MySQL itself takes 32) and does not end with a blank. The host part of an account, such as \
         `'loader'@'%'`, is the server's business and is not written here.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_ascending_and_explained() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
        for entry in TABLE {
            assert!(!entry.title.ends_with('.') && entry.explanation.ends_with('.'), "{}", entry.code);
        }
    }
}
