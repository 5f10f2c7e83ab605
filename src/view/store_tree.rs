//! Keys as a tree: cut at each `/`, branches that lead to one place only drawn as one.
//!
//! etcd itself knows no tree, only keys in order; this is how people read them.
//!
//! Architecture invariant: a function of the keys, in order, and of what is folded.

use crate::engine::KeyRow;

/// One line of the tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf<'a> {
    /// What the keys below it begin with.
    Branch(Branch),
    /// A key, how deep it stands, and where its own name begins.
    Key(&'a KeyRow, u32, usize),
}

/// Keys that begin alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// What all of them begin with.
    pub prefix: String,
    /// The part of it that the branch above does not say.
    pub name: String,
    /// How deep it stands.
    pub depth: u32,
    /// How many keys are below it.
    pub count: usize,
    /// Whether they are shown.
    pub open: bool,
}

/// The tree, line by line. `folded`: prefixes whose keys are not shown.
pub fn tree<'a>(rows: &'a [KeyRow], folded: &[String]) -> Vec<Leaf<'a>> {
    let mut lines = Vec::new();
    grow(rows, 0, 0, folded, &mut lines);
    lines
}

/// All of `rows` are alike in their first `from` bytes.
fn grow<'a>(
    rows: &'a [KeyRow],
    from: usize,
    depth: u32,
    folded: &[String],
    lines: &mut Vec<Leaf<'a>>,
) {
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let Some(end) = branch_end(&first.key, from) else {
            lines.push(Leaf::Key(first, depth, from));
            rest = &rest[1..];
            continue;
        };
        let count = rest.iter().take_while(|row| row.key.starts_with(&first.key[..end])).count();
        let (alike, after) = rest.split_at(count);
        let end = as_far_as_they_agree(alike, end);
        let prefix = &first.key[..end];
        let open = !folded.iter().any(|other| other == prefix);
        let name = first.key[from..end].to_owned();
        lines.push(Leaf::Branch(Branch { prefix: prefix.to_owned(), name, depth, count, open }));
        if open {
            grow(alike, end, depth + 1, folded, lines);
        }
        rest = after;
    }
}

/// Where the next part of a key ends, `/` included; none: it is the key's own name. A `/` at its
/// very beginning or end ends no part.
fn branch_end(key: &str, from: usize) -> Option<usize> {
    let name = key.get(from..)?.trim_end_matches('/');
    let begins = name.len() - name.trim_start_matches('/').len();
    Some(from + begins + name[begins..].find('/')? + 1)
}

fn as_far_as_they_agree(rows: &[KeyRow], mut end: usize) -> usize {
    let Some(first) = rows.first() else { return end };
    while let Some(next) = branch_end(&first.key, end) {
        if !rows.iter().all(|row| row.key.starts_with(&first.key[..next])) {
            break;
        }
        end = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(keys: &[&str], folded: &[&str]) -> String {
        let row = |key: &&str| KeyRow { key: (*key).into(), ..KeyRow::default() };
        let rows: Vec<KeyRow> = keys.iter().map(row).collect();
        let folded: Vec<String> = folded.iter().map(|it| (*it).to_owned()).collect();
        let line = |leaf: Leaf| match leaf {
            Leaf::Branch(Branch { name, depth, count, open, .. }) => {
                let fold = if open { "-" } else { "+" };
                format!("{}{fold} {name} {count}\n", "  ".repeat(depth as usize))
            }
            Leaf::Key(row, depth, from) => {
                format!("{}{}\n", "  ".repeat(depth as usize), &row.key[from..])
            }
        };
        tree(&rows, &folded).into_iter().map(line).collect()
    }

    const KEYS: [&str; 7] = [
        "/registry/apps/web",
        "/registry/leases/kube-node-lease/node-a",
        "/registry/leases/kube-node-lease/node-b",
        "/registry/pods/default/web-1",
        "/registry/pods/kube-system/dns",
        "a/",
        "foo",
    ];

    #[test]
    fn what_leads_to_one_place_is_one_branch() {
        expect_test::expect![[r#"
            - /registry/ 5
              - apps/ 1
                web
              - leases/kube-node-lease/ 2
                node-a
                node-b
              - pods/ 2
                - default/ 1
                  web-1
                - kube-system/ 1
                  dns
            a/
            foo
        "#]]
        .assert_eq(&drawn(&KEYS, &[]));
    }

    #[test]
    fn what_is_folded_keeps_its_count() {
        let folded = ["/registry/pods/", "/registry/leases/kube-node-lease/"];
        expect_test::expect![[r#"
            - /registry/ 5
              - apps/ 1
                web
              + leases/kube-node-lease/ 2
              + pods/ 2
            a/
            foo
        "#]]
        .assert_eq(&drawn(&KEYS, &folded));
    }

    #[test]
    fn odd_keys_lose_nothing() {
        for key in ["", "/", "//", "//a", "a//b", "/a/", "é/ü/", "a/b/c/"] {
            let all: String = drawn(&[key], &[]).lines().map(str::trim_start).collect();
            let all = all.replace("- ", "").replace(" 1", "");
            assert_eq!(all, key);
        }
    }
}
