//! The nodes of a cluster by number: their names, the addresses of their kubelets, the addresses
//! they give to themselves and to their pods.
//!
//! * As long as the alphabet lasts they are `node-a`, `node-b`, …; where there are more they are
//!   `node-0001`, `node-0002`, ….
//! * Every node has 256 addresses for pods, the first node `10.244.1.0/24`; the 256th begins
//!   `10.245.0.0/24`.
//!
//! Architecture invariant: names and numbers only; who is there is not known here.

use crate::sim::Address;

/// Nodes a cluster may have.
pub const NODES_MAX: u16 = 2_500;

/// So many nodes are named by letter.
const LETTERS: u16 = 26;

/// The first node's kubelet has the address behind this one.
const BEFORE_THE_FIRST: u32 = 1_000;

/// The name of a node, from 1, in a cluster of so many.
pub fn name(number: u16, count: u16) -> String {
    match count {
        ..=LETTERS => format!("node-{}", char::from(b'a' + (number - 1) as u8)),
        _ => format!("node-{number:04}"),
    }
}

/// Which node has such a name, from 1.
pub fn number(name: &str) -> Option<u16> {
    let rest = name.strip_prefix("node-")?;
    let number = match rest.as_bytes() {
        [letter @ b'a'..=b'z'] => u16::from(letter - b'a') + 1,
        [_, _, _, _] => rest.parse().ok()?,
        _ => return None,
    };
    (1..=NODES_MAX).contains(&number).then_some(number)
}

/// Where the kubelet of a node is.
pub fn kubelet(number: u16) -> Address {
    Address(BEFORE_THE_FIRST + u32::from(number))
}

/// Whose kubelet is at an address.
pub fn at(address: Address) -> Option<u16> {
    let number = address.0.checked_sub(BEFORE_THE_FIRST)?.try_into().ok()?;
    (1..=NODES_MAX).contains(&number).then_some(number)
}

/// The node's own address.
pub fn host_ip(number: u16) -> String {
    let last = number + 1;
    format!("172.18.{}.{}", last / 256, last % 256)
}

/// What the addresses of its pods begin with.
pub fn pod_range(number: u16) -> String {
    format!("10.{}.{}", 244 + number / 256, number % 256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again() {
        for (number, count, text) in [
            (1, 2, "node-a"),
            (26, 26, "node-z"),
            (1, 27, "node-0001"),
            (NODES_MAX, NODES_MAX, "node-2500"),
        ] {
            assert_eq!(name(number, count), text);
            assert_eq!(super::number(text), Some(number));
            assert_eq!(at(kubelet(number)), Some(number));
        }
        for wrong in ["node-", "node-A", "node-0000", "node-2501", "node-00001", "etcd-1"] {
            assert_eq!(super::number(wrong), None, "{wrong}");
        }
        assert_eq!([0, 1_000, 4_000].map(|it| at(Address(it))), [None; 3]);
    }

    #[test]
    fn no_two_nodes_share_addresses() {
        let all = (1..=NODES_MAX).flat_map(|number| [host_ip(number), pod_range(number)]);
        let all: crate::sorted::SortedSet<String> = all.collect();
        assert_eq!(all.len(), 2 * usize::from(NODES_MAX));
        assert_eq!((host_ip(1), pod_range(1)), ("172.18.0.2".into(), "10.244.1".into()));
        assert_eq!(
            (host_ip(2_500), pod_range(2_500)),
            ("172.18.9.197".into(), "10.253.196".into())
        );
    }
}
