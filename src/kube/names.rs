//! What names, labels and keys may look like, with the upstream's words for those that may not.
//!
//! Architecture invariant: text in, problems out; no regular expressions are run.
// Models apimachinery pkg/util/validation/validation.go.

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
    characters, '-' or '.', and must start and end with an alphanumeric character (e.g. \
    'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters \
    or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', \
    regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or \
    '-', start with an alphabetic character, and end with an alphanumeric character (e.g. \
    'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start \
    and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex \
    used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, \
    '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or \
    'my_value',  or '12345', regex used for validation is \
    '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or \
    '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is \
    '[-._a-zA-Z0-9]+')";
const ENV: &str = "a valid environment variable name must consist only of printable ASCII \
    characters other than '='";

fn lower(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Letters at both ends, letters and `more` between.
fn framed(text: &str, letter: fn(char) -> bool, more: &str) -> bool {
    !text.is_empty()
        && text.starts_with(letter)
        && text.ends_with(letter)
        && text.chars().all(|c| letter(c) || more.contains(c))
}

fn problems(text: &str, bytes_max: usize, fits: bool, problem: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.len() > bytes_max {
        found.push(format!("must be no more than {bytes_max} bytes"));
    }
    if !fits {
        found.push(problem.to_string());
    }
    found
}

/// The name of most objects.
pub(super) fn subdomain(text: &str) -> Vec<String> {
    let fits = text.split('.').all(|part| framed(part, lower, "-"));
    problems(text, 253, fits, SUBDOMAIN)
}

/// The name of a namespace, a container, a port.
pub(super) fn label(text: &str) -> Vec<String> {
    problems(text, 63, framed(text, lower, "-"), LABEL)
}

/// The name of a service.
pub(super) fn label_1035(text: &str) -> Vec<String> {
    let fits = framed(text, lower, "-") && text.starts_with(|c: char| c.is_ascii_lowercase());
    problems(text, 63, fits, LABEL_1035)
}

/// The key of a label or annotation: a name, perhaps behind a domain and a slash.
pub(super) fn qualified(text: &str) -> Vec<String> {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    let (prefix, name) = match text.split('/').collect::<Vec<_>>()[..] {
        [name] => (None, name),
        [prefix, name] => (Some(prefix), name),
        _ => {
            let more = "a qualified name";
            let hint = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("{more} {QUALIFIED}{hint}")];
        }
    };
    let mut found = Vec::new();
    match prefix {
        Some("") => found.push("prefix part must be non-empty".to_string()),
        Some(prefix) => found.extend(subdomain(prefix).iter().map(|p| format!("prefix part {p}"))),
        None => {}
    }
    if name.is_empty() {
        found.push("name part must be non-empty".to_string());
    }
    let fits = framed(name, alphanumeric, "-_.");
    found.extend(problems(name, 63, fits, QUALIFIED).iter().map(|p| format!("name part {p}")));
    found
}

/// The value of a label.
pub(super) fn label_value(text: &str) -> Vec<String> {
    let fits = text.is_empty() || framed(text, |c| c.is_ascii_alphanumeric(), "-_.");
    problems(text, 63, fits, VALUE)
}

/// The key of a ConfigMap's or Secret's entry.
pub(super) fn config_key(text: &str) -> Vec<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let fits = !text.is_empty() && text.chars().all(allowed);
    let mut found = problems(text, 253, fits, CONFIG_KEY);
    if text == "." || text == ".." {
        found.push(format!("must not be '{text}'"));
    } else if text.starts_with("..") {
        found.push("must not start with '..'".to_string());
    }
    found
}

/// The name of an environment variable.
pub(super) fn env(text: &str) -> Vec<String> {
    let fits = !text.is_empty() && text.chars().all(|c| matches!(c, ' '..='~') && c != '=');
    problems(text, usize::MAX, fits, ENV)
}
