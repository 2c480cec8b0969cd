//! Texts with their secrets, hostile ones too.

use super::{announcements, text};
use crate::redact::marks::LOOKED;

/// A text with each secret between `«` and `»`; what is between them must be hidden, and nothing else.
fn check(marked: &str) {
    let given = marked.replace(['«', '»'], "");
    let mut expected = String::new();
    for (index, part) in marked.split(['«', '»']).enumerate() {
        expected.push_str(if index % 2 == 0 { part } else { crate::redact::HIDDEN });
    }
    assert_eq!(text(&given), expected, "{given}");
    assert_eq!(text(&expected), expected, "hidden again: {expected}");
}

#[test]
fn secrets_are_hidden_by_their_form() {
    for marked in [
        "key «-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAB+/==\n-----END RSA PRIVATE KEY-----» loaded",
        "«-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk»",
        "tail:«\nMIIEow\nAB+/==\n-----END PRIVATE KEY-----»\n",
        r#"{"key.pem":"«-----BEGIN EC PRIVATE KEY-----\nMIIEow\n-----END EC PRIVATE KEY-----»\n"}"#,
        "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----",
        "sent «eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.abc-DEF_123» twice",
        r"line\n«eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.abc»",
        "config «eyJhdXRocyI6eyJyZWdpc3RyeS5leGFtcGxlLmNvbSI6e319fQ==»",
        "id «AKIAIOSFODNN7EXAMPLE», role «ASIAIOSFODNN7EXAMPLE»",
        "clone «ghp_0123456789abcdefghij0123456789abcdef» «gho_0123456789abcdefghij» «ghs_0123456789abcdefghij»",
        "«ghu_0123456789abcdefghij» «github_pat_11ABCDEFG0_abcdefghijkl» «glpat-abcdefghij0123456789»",
        "slack «xoxb-123456789012-abcdefGHIJ» stripe «sk_live_abcdefGHIJ0123» «rk_live_abcdefGHIJ0123»",
        "maps «AIzaSyA0123456789abcdefghijklmnopqrstuv» npm «npm_0123456789abcdefghijABCDEFGHIJ012345»",
        "GET /x Bearer «0123abcd-token.value» 401",
        "curl -H 'x: Basic «dXNlcjpwYXNz»'",
        "dial postgres://app:«hunter2»@db:5432/x?sslmode=off",
        "amqp://app:«pass/w0rd»@mq redis://:«x»@cache:6379 https://user@host/",
    ] {
        check(marked);
    }
}

#[test]
fn secrets_are_hidden_by_the_name_before_them() {
    for marked in [
        "password=«hunter2» user=app",
        "DB_PASSWORD=«hunter2»",
        "dbPassword=«hunter2»,host=db",
        "spring.datasource.password=«hunter2»",
        "Server=db;Password=«a;b»;Encrypt=true",
        "url?access_token=«abc»&page=2",
        "api_key=«abc» api-key=«abc» apiKey=«abc» APIKEY=«abc» passwd=«abc» MYSQL_PWD=«abc» client_secret=«abc»",
        "private_key=«abc» passphrase=«abc» AWS_SECRET_ACCESS_KEY=«abc» dsn=«app:x@tcp(db)/x» SENTRY_DSN=«abc»",
        "password='«two words»' token=\"«a\\\"b»\" end",
        "password = «hunter2»",
        r#"{"password":"«hunter2»","user":"app"}"#,
        r#"{"token": "«a b»", "auth":"«dXNlcjpwYXNz»"}"#,
        r#"msg="{\"password\":\"«hunter2»\",\"user\":\"app\"}""#,
        r#"["--password=«hunter2»","--user=app"]"#,
        r#"["--password","«hunter2»","--user"]"#,
        r#"[{"name":"DB_PASSWORD","value":"«hunter2»"},{"name":"X","value":"1"}]"#,
        "run --password «hunter2» --token «abc» --verbose",
        "password: «hunter2»",
        "user: app\npassword: «correct horse battery»\nhost: db",
        "- token: «abcdef»",
        r#"{ "password" : "«hunter2»" }"#,
        "password : «hunter2»",
        "{user: app, password: «x»} (password: «x») [password: «y»]",
        "login with password: «hunter2» failed",
        "password:«hunter2»",
        "Authorization: Bearer «abc»",
        "authorization: «abc def»\nnext",
        "curl -H 'Authorization: Token «abc»' https://host",
        "headers map[Accept:[x] Authorization:[Bearer «abc»] Cookie:[«a=b; c=d»]]",
        "Cookie: «session=abc; other=def»",
        "pässwörd=ü password=«ü»",
    ] {
        check(marked);
    }
}

#[test]
fn schemes_are_not_taken_for_credentials() {
    for marked in [
        "Authorization=Bearer «abc»",
        "--header=Authorization=Bearer «abc»",
        r#"["--header=Authorization=Bearer «abc»","--verbose"]"#,
        "authorization=\"«Bearer abc»\"",
        "GRPC_AUTH authorization=Basic «dXNlcjpBcTF3MmUz»",
        "Authorization => Bearer «abc»",
        "Authorization := Bearer «abc»",
        "Authorization=Token «abc»",
        "Authorization=Digest «username=\"a\", response=\"b\"»\nnext",
        "Authorization: AWS4-HMAC-SHA256 «Credential=a/b, Signature=c»",
        "Proxy-Authorization = Negotiate «abc»",
        "x Authorization: Bearer  «abc»",
        "Cookie=«a=1; sid=abc»\nnext",
        "token=Bearer «abc» user=app",
        "access_token=Bearer «abc»&page=2",
        "--token Bearer «abc» --verbose",
        "--token=ApiKey «abc»",
        "token: Bearer «abc»",
        "TOKEN: Bearer «Aq1w2e3r4tH»",
        "password: Basic «abc»",
        "token=«basic» user=app",
        "token=Bearer \"«abc»\"",
    ] {
        check(marked);
    }
}

#[test]
fn values_are_hidden_wherever_they_stand() {
    for marked in [
        "passwords=[«a, b»] user=app",
        "password: [«a, b»]",
        r#"{"passwords":[«"a","b"»],"user":"app"}"#,
        "tokens=[«a b»]",
        "password=«[ab]cd» x",
        "password: |\n  «one\n  two»\nuser: app",
        "a:\n  password: >-\n    «one\n\n    two»\n  user: app",
        r#"msg="password: |\n  «one\n  two»\nuser: app""#,
        "password:\n  «hunter2»\nuser: app",
        "password:\n  from: vault",
        "fatal: cannot log in\npassword:\n«hunter2Xq9»",
        "password:\n«hunter2»\nuser: app",
        "password:\nrequired",
        "password:\nPermission denied",
        "enter password:\nhunter2Xq9",
        "{\n \"token\":\n \"«Zx9QpLm4Rt7K»\" }",
        "Authorization: Bearer\n«abcDEF123456ghi»",
        "Authorization:\nBearer «abcDEF123456ghi»",
        "mysql -u root \\\n -p«Zx9QpLm4Rt7K»",
        r#"{"env":[{"name":"FOO","value":"«x»"},{"value":"«y»","name":"B"}],"args":[{"name":"C","value":"z"}]}"#,
        r#"{\"env\": [{\"name\": \"FOO\", \"value\": \"«x»\"}]}"#,
        r#"{"env":[{"name":"A","value":""}],"value":"z"}"#,
        "password%3D«hunter2» x?password%3d«a»%26user=app",
        "password\u{A0}=\u{A0}«hunter2»",
        "password:\u{A0}«hunter2»",
        "password\u{FF1A}«hunter2» password\u{FF1D}«hunter2»",
        "password == «hunter2» password -> «hunter2»",
        "https://«0123456789abcdef»@git.example.com/a/b https://«Aq1w2e3r4tG»@git.example.com ssh://git@git.example.com",
        "https://deploy2@git.example.com docker-pullable://a-very-long-name-of-an-image@sha256:00",
    ] {
        check(marked);
    }
}

#[test]
fn names_are_read_by_their_words() {
    for name in [
        "tokens",
        "client_secrets",
        "apiKeys",
        "token_v2",
        "PASSWORD_1",
        "db_password_b64",
        "passwordHash",
        "privateKeyPem",
        "SECRET_KEY_BASE",
        "DB_PASSWORD_PROD",
        "DB_PASSWORD_BLUE",
        "PASSWORD1",
        "--tokens",
        "secret_id",
        "credentialsJson",
        "tls.key",
        "pw",
        "api-key-2",
        "X-Token-V2",
        "encryptionKey.v1",
        "token-1",
        "my-password-base64",
        "secretvalue",
        "credentials.json",
        "ssh-privatekey",
        "db_pw",
        "PGPASSWORD",
    ] {
        check(&format!("{name}=«abc» end"));
        check(&format!("{name}: «abc»"));
    }
    for name in ["X-Auth", "Auth", "X-Session-Id", "X-Signature", "db_password_blue"] {
        check(&format!("{name}=«Aq1w2e3r4tG» end"));
    }
    for name in [
        "secretName",
        "secretKeyRef",
        "tokenExpirationSeconds",
        "automountServiceAccountToken.path",
        "passwordFile",
        "imagePullSecrets",
        "TOKEN_URL",
        "max_tokens",
        "PASSWORD_FILE",
        "secret-store-csi-driver",
        "tokenreviews",
        "key",
        "topologyKey",
        "idempotency-key",
        "tokenizer",
        "author",
        "passes",
        "keyboard",
        "secretsManagerEndpoint",
    ] {
        check(&format!("{name}=abc1234 end"));
    }
    for told in [
        "dial tcp: lookup vault-secret.default.svc:8200",
        "open /etc/tls.key: no such file or directory",
        "max_tokens=4096 --token-ttl 3600s0 --secret-name db1234",
        "token: Bearer token missing",
    ] {
        check(told);
    }
}

#[test]
fn what_kubernetes_says_stays() {
    for told in [
        "",
        "secret \"foo\" not found",
        "Error: secret \"db-password\" not found",
        "MountVolume.SetUp failed for volume \"kube-api-access-x2b4k\" : object \"default\"/\"kube-root-ca.crt\" not registered",
        "MountVolume.SetUp failed for volume \"token\" : secret \"db-token\" not found",
        "MountVolume.SetUp failed for volume \"db\" : references non-existent secret key: password",
        "Error: couldn't find key password in Secret default/db",
        "token expired",
        "failed to fetch token: rpc error: code = Unauthenticated desc = token has expired",
        "failed to fetch anonymous token: unexpected status from GET request to https://auth.example.com/token?service=x: 401 Unauthorized",
        "failed to fetch oauth token: x509: certificate signed by unknown authority",
        "failed to get secret: default/db-1 not found",
        "failed to sync secret cache: timed out waiting for the condition",
        "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.",
        "Www-Authenticate: Bearer realm=\"https://auth.example.com/token\",service=\"registry\"",
        "the server requires Basic authentication, bearer token missing",
        "error reading password: EOF",
        "Access denied for user 'root'@'10.0.0.1' (using password: YES)",
        "the flag --token is required",
        "must specify --token or --kubeconfig",
        "--token-file=/var/run/secrets/token --token=/var/run/secrets/token",
        "--password=$(DB_PASSWORD) --token ${TOKEN} --secret=$SECRET",
        "password=\"\" token=null secret=*** PWD=/app OLDPWD=/",
        "Back-off pulling image \"registry.example.com/auth/api-token:v1.2.3\"",
        "Back-off pulling image \"vault-secret:latest\"",
        "docker-pullable://registry.example.com:5000/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "containerd://0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "3b17588e-56c4-4703-81ee-2e7f757f64c7 resourceVersion: 812345",
        "Readiness probe failed: Get \"http://10.244.1.12:8080/healthz\": dial tcp 10.244.1.12:8080: connect: connection refused",
        "automountServiceAccountToken: false secretName: db-credentials serviceAccountToken: {path: token}",
        "imagePullSecret=regcred tokenExpirationSeconds=3607 topologyKey=zone",
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
        "tests pass: 10, fail: 2",
        "exit code 1: a=b c: d \u{1F600}\u{200B}",
    ] {
        check(told);
    }
}

/// Twice as much of what begins something again and again takes twice as many steps, and no more.
#[test]
fn hostile_texts_take_linear_time() {
    let pieces = [
        "a=",
        "token=",
        "auth=",
        "token: a ",
        "cookie: a ",
        "cookie:",
        "/token:",
        "token=/var/",
        "a-----",
        "-----BEGIN ",
        "-----BEGIN/",
        "-----END PRIVATE KEY",
        "://a:b/",
        "://a",
        "eyJa.",
        "eyJ",
        "basic/",
        "bearer a=",
        "--token ",
        "glpat-",
        "token \"",
        "token=\"",
        "token=\\\"",
        "token='a\" ",
        "\"--token\",",
        "\\",
        "\"",
        "-",
        "_",
        "@:",
        "auth:\"a ",
        "AKIA",
        "authorization:a",
        "password",
        "\"name\":\"token\",\"value\":",
        "auth:a,",
        "[cookie:[a]",
        "cookie:[]",
        "'cookie=",
        "\"cookie: a\" ",
        "token=[",
        "]",
        ")",
        "'",
        " ",
        "\n",
        "token: |\n ",
        "token:\n ",
        "\"env\":[",
        "\"value\":\"",
        "authorization=basic ",
        "\u{A0}",
        "%3D",
        "tls.key",
        "{",
        ",",
        "é",
    ];
    let steps = |pattern: &str, bytes: usize, end: &str| {
        LOOKED.with(|looked| looked.set(0));
        let long = pattern.repeat(bytes / pattern.len()) + end;
        announcements(&long, &mut Vec::new());
        LOOKED.with(std::cell::Cell::get)
    };
    const BYTES: usize = 1 << 12;
    for first in pieces {
        for second in pieces {
            for (pattern, end) in [(format!("{first}{second}"), ""), (format!("{first}{second}a"), ")")] {
                let (once, twice) = (steps(&pattern, BYTES, end), steps(&pattern, 2 * BYTES, end));
                assert!(twice < once * 5 / 2 + BYTES, "{pattern:?}: {once}, {twice}");
            }
        }
    }
}

/// Signs and words in every order, cut at every letter.
#[test]
fn no_text_panics() {
    let pieces = [
        "token",
        "é",
        "=",
        ":",
        " ",
        "\"",
        "\\",
        "'",
        "://",
        "@",
        "-----BEGIN PRIVATE KEY-----",
        "-----END ",
        "eyJ",
        ".",
        "Bearer",
        "[",
        "\u{1F600}",
        "--",
        ",",
        "value",
        "\u{A0}",
        "\u{FF1A}",
        "%3D",
        "|\n ",
        "cookie",
        "\"env\":[",
        "tls.key",
        "\n",
    ];
    let mut state = 1_usize;
    for _ in 0..20_000 {
        let mut made = String::new();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            made.push_str(pieces[(state >> 33) % pieces.len()]);
        }
        let _shown = text(&made);
    }
}
