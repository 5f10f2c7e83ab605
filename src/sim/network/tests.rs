//! The network's promises.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::sim::{Group, Instant, Latency, PPM_ALL, World};

const A: Address = Address(1);
const B: Address = Address(2);
const C: Address = Address(3);
const MS: Duration = Duration::from_millis(1);

struct Net {
    world: World,
    network: Network<&'static str>,
    log: Rc<RefCell<String>>,
}

impl Net {
    /// Three addresses, each its own group, every link like `link`.
    fn new(link: Link) -> Net {
        let world = World::new(11);
        let network = Network::new(&world);
        network.configure_default(link);
        for address in [A, B, C] {
            network.attach(address, Group(address.0));
        }
        let log = Rc::new(RefCell::new(String::new()));
        let (told, weak) = (log.clone(), world.downgrade());
        network.on(move |event| {
            let now = weak.upgrade().expect("the world exists").now();
            let label = event.packet().label;
            let _ = match event {
                NetworkEvent::Sent(_) => Ok(()),
                NetworkEvent::Delivered(_) => write!(told.borrow_mut(), "{now} {label}; "),
                NetworkEvent::Dropped(_, why) => {
                    write!(told.borrow_mut(), "{now} {label} {why}; ")
                }
            };
        });
        Net { world, network, log }
    }

    fn send(&self, from: Address, to: Address, label: &'static str) -> PacketId {
        self.network.send(from, to, label, Rc::new(|| {}))
    }

    fn log_after(&self, millis: u64) -> String {
        self.world.advance_to(Instant::from_millis(millis), u64::MAX);
        self.log.take().trim_end_matches("; ").to_string()
    }
}

fn fixed(millis: u64) -> Link {
    Link { latency: Latency::Fixed(Duration::from_millis(millis)), ..Link::default() }
}

fn uniform(min: u64, max: u64) -> Link {
    let (min, max) = (Duration::from_millis(min), Duration::from_millis(max));
    Link { latency: Latency::Uniform { min, max }, ..Link::default() }
}

#[test]
fn a_packet_takes_its_time_and_arrives_in_the_group_that_listens() {
    let net = Net::new(fixed(5));
    let arrived_in = Rc::new(RefCell::new(None));
    let note = arrived_in.clone();
    let deliver = move || *note.borrow_mut() = Some(crate::sim::group());
    net.network.send(A, B, "hello", Rc::new(deliver));
    assert_eq!(net.log_after(4), "");
    assert_eq!(net.network.in_flight().len(), 1);
    assert_eq!(net.log_after(5), "0.005 s hello");
    assert_eq!(*arrived_in.borrow(), Some(Group(2)));
    assert!(net.network.in_flight().is_empty());
}

#[test]
fn packets_of_one_direction_never_overtake() {
    let net = Net::new(uniform(1, 50));
    let labels = ["1", "2", "3", "4", "5", "6", "7", "8"];
    for label in labels {
        net.send(A, B, label);
    }
    let arrived = net.log_after(100);
    let order: Vec<_> = arrived.split("; ").filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(order, labels);
}

#[test]
fn packets_overtake_where_the_link_reorders() {
    let net = Net::new(Link { reorder_ppm: PPM_ALL, ..uniform(1, 50) });
    for label in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        net.send(A, B, label);
    }
    let arrived = net.log_after(100);
    let order: Vec<_> = arrived.split("; ").filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(order.len(), 8);
    assert!(!order.is_sorted(), "{order:?}");
}

/// Some come late and let others pass; those others keep their order.
#[test]
fn some_packets_are_overtaken() {
    let net = Net::new(Link { reorder_ppm: PPM_ALL / 4, ..fixed(20) });
    let labels = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
    for (at, label) in labels.into_iter().enumerate() {
        net.world.advance_to(Instant::from_millis(at as u64), u64::MAX);
        net.send(A, B, label);
    }
    let arrived = net.log_after(200);
    assert_eq!(arrived.split("; ").count(), 12);
    assert!(!arrived.split("; ").map(|line| &line[8..]).is_sorted(), "{arrived}");
}

/// A thousand bytes a second: what weighs a hundred takes a tenth, and what follows waits for it.
#[test]
fn bandwidth_makes_packets_queue() {
    let net = Net::new(Link { bandwidth: Some(1000), ..fixed(5) });
    net.network.weigh(|label| if *label == "big" { 100 } else { 1 });
    for label in ["small", "big", "small", "small"] {
        net.send(A, B, label);
    }
    net.send(B, A, "back");
    let arrived = "0.006 s small; 0.006 s back; 0.106 s big; 0.107 s small; 0.108 s small";
    assert_eq!(net.log_after(1000), arrived);
}

#[test]
fn a_lost_packet_is_seen_until_it_falls() {
    let net = Net::new(Link { loss_ppm: 1_000_000, ..fixed(10) });
    net.send(A, B, "doomed");
    let packet = net.network.in_flight().remove(0);
    let Fate::Lost { falls, why: Why::Loss } = packet.fate else { panic!("{packet:?}") };
    assert!(falls < packet.arrives);
    net.world.advance_to(Instant(falls.0 - 1), u64::MAX);
    assert_eq!(net.network.in_flight().len(), 1);
    net.world.advance_to(falls, u64::MAX);
    assert!(net.network.in_flight().is_empty());
    assert!(net.log_after(20).ends_with("doomed lost"));
}

#[test]
fn a_cut_link_loses_what_is_on_it_and_what_is_sent_into_it() {
    let net = Net::new(fixed(10));
    net.send(A, B, "before");
    net.send(B, A, "other way");
    net.log_after(3);
    net.network.cut(A, B);
    assert_eq!(net.log_after(4), "0.003 s before cut off");
    net.send(A, B, "after");
    assert_eq!(net.network.cuts(), [(A, B)]);
    assert_eq!(net.log_after(30), "0.009 s after cut off; 0.010 s other way");
    net.network.heal(A, B);
    net.send(A, B, "healed");
    assert_eq!(net.log_after(60), "0.040 s healed");
}

#[test]
fn what_is_sent_into_a_cut_flies_up_to_it() {
    let net = Net::new(fixed(10));
    net.network.cut(A, B);
    net.send(A, B, "doomed");
    net.log_after(2);
    net.network.cut(A, C);
    net.network.cut(A, B);
    assert_eq!(net.log_after(20), "0.005 s doomed cut off");
}

/// What is sent on one direction does not change how packets fare on another.
#[test]
fn every_direction_has_its_own_dice() {
    let arrivals = |noise: usize| {
        let net = Net::new(uniform(1, 50));
        for _ in 0..noise {
            net.send(B, A, "noise");
        }
        let ids = [(A, B), (A, C)].map(|(from, to)| net.send(from, to, "packet"));
        let flying = net.network.in_flight();
        ids.map(|id| flying.iter().find(|packet| packet.id == id).map(|packet| packet.arrives))
    };
    assert_eq!(arrivals(0), arrivals(5));
    let [to_b, to_c] = arrivals(0);
    assert_ne!(to_b, to_c);
}

/// The same packets, with and without a cut in the middle: those that are sent while all is whole
/// fare the same to the nanosecond, on the cut link and on others.
#[test]
fn a_cut_does_not_shift_the_dice() {
    let run = |cuts: bool| {
        let net = Net::new(Link { loss_ppm: 300_000, ..uniform(1, 5) });
        let mut fates: Vec<Vec<_>> = Vec::new();
        for round in 0..30 {
            if cuts && round == 10 {
                net.network.cut(A, B);
            }
            if cuts && round == 20 {
                net.network.heal(A, B);
            }
            for (from, to) in [(A, B), (B, A), (A, C)] {
                net.send(from, to, "packet");
            }
            let flying = net.network.in_flight();
            fates.push(flying.iter().map(|p| (p.from, p.to, p.arrives, p.fate)).collect());
            net.log_after((round + 1) * 10);
        }
        fates
    };
    let (whole, cut) = (run(false), run(true));
    assert_eq!(whole[..10], cut[..10]);
    assert_eq!(whole[20..], cut[20..]);
    for (whole, cut) in whole[10..20].iter().zip(&cut[10..20]) {
        assert_eq!(whole[1..], cut[1..]);
        assert_eq!(whole[0].2, cut[0].2, "the latency was drawn all the same");
    }
    let lost = whole.iter().flatten().filter(|fate| fate.3 != Fate::Arrives).count();
    assert!((15..40).contains(&lost), "{lost} of 90 lost at 30 %");
}

#[test]
fn nobody_there_means_refused() {
    let net = Net::new(fixed(5));
    net.send(A, Address(9), "nobody");
    net.send(A, B, "to the first life");
    net.world.kill(Group(2));
    net.send(A, B, "to the dead");
    assert_eq!(
        net.log_after(5),
        "0.005 s nobody refused; 0.005 s to the first life refused; 0.005 s to the dead refused"
    );
    net.send(A, B, "before the restart");
    drop(net.world.spawn_in(Group(2), std::future::pending::<()>()));
    net.send(A, B, "after it");
    assert_eq!(net.log_after(20), "0.010 s before the restart; 0.010 s after it");
    net.send(A, B, "too late");
    net.world.kill(Group(2));
    drop(net.world.spawn_in(Group(2), std::future::pending::<()>()));
    net.network.detach(C);
    net.send(A, C, "unplugged");
    assert_eq!(net.log_after(30), "0.025 s too late refused; 0.025 s unplugged refused");
}

#[test]
fn packets_can_be_touched() {
    let net = Net::new(fixed(10));
    let dropped = net.send(A, B, "dropped");
    let delayed = net.send(A, B, "delayed");
    net.send(A, B, "behind");
    let doubled = net.send(B, C, "doubled");
    let hurried = net.send(A, C, "hurried");
    net.log_after(1);
    assert!(net.network.drop_packet(dropped));
    assert!(!net.network.drop_packet(dropped));
    assert!(net.network.delay(delayed, 5 * MS));
    assert!(net.network.duplicate(doubled).is_some());
    assert!(net.network.deliver_now(hurried));
    assert_eq!(
        net.log_after(30),
        "0.001 s dropped dropped; 0.001 s hurried; 0.010 s doubled; 0.010 s doubled; \
         0.015 s delayed; 0.015 s behind"
    );
    assert!(!net.network.delay(delayed, MS) && !net.network.deliver_now(hurried));
    assert_eq!(net.network.duplicate(doubled), None);
}

#[test]
fn a_link_can_double_packets() {
    let net = Net::new(Link { duplicate_ppm: 1_000_000, ..fixed(1) });
    net.send(A, B, "twin");
    assert_eq!(net.log_after(2), "0.001 s twin; 0.001 s twin");
}

#[test]
fn stepping_by_message_stops_before_the_delivery() {
    let net = Net::new(fixed(3));
    let first = net.send(A, B, "first");
    net.world.at(Instant::from_millis(1), Group(1), || {});
    assert_eq!(net.network.next_delivery().map(|packet| packet.id), Some(first));
    assert_eq!(net.network.next_step_delivers(), None);
    net.world.step();
    assert_eq!(net.network.next_step_delivers().map(|packet| packet.id), Some(first));
    net.network.drop_packet(first);
    assert_eq!(net.network.next_step_delivers(), None);
}

#[test]
fn a_full_wire_drops_the_newest() {
    let net = Net::new(fixed(1));
    for _ in 0..PACKETS_IN_FLIGHT_MAX {
        net.send(A, B, "flying");
    }
    net.send(A, B, "too many");
    assert_eq!(net.network.in_flight().len(), PACKETS_IN_FLIGHT_MAX);
    assert_eq!(net.log.take(), "0.000 s too many too many packets; ");
}

/// A packet may carry the network itself; the world must still go when it is dropped.
#[test]
fn a_dropped_world_takes_its_packets_along() {
    let net = Net::new(fixed(1));
    let alive = Rc::new(());
    let (carried, network) = (alive.clone(), net.network.clone());
    net.network.send(A, B, "luggage", Rc::new(move || drop((carried.clone(), network.clone()))));
    drop(net);
    assert_eq!(Rc::strong_count(&alive), 1);
}
