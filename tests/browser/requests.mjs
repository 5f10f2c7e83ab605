// A few of the engine's requests (src/engine/protocol.rs), encoded with postcard by hand: a variant
// is its number, an integer is LEB128, a byte is itself, a string is its length and its bytes.

const text = (it) => [...varint(it.length), ...new TextEncoder().encode(it)];

function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

/** Timings (src/cluster/timing.rs). */
export const CLASSROOM = 0;
export const ETCD = 1;

/** What the control plane does (src/kube/conduct.rs). */
export const WATCHING = 0;
export const ACTING = 1;

/** A span: seconds, nanoseconds. */
const seconds = (count) => [...varint(count), 0];

/** One apiserver, one manager, any member, protobuf, Events for an hour in one etcd, compaction. */
const SETUP = [1, 1, 0, ...text('/registry'), 0, ...seconds(3600), 0, ...seconds(300)];

/** A new world: five members, aesgcm, the raft loop waits for fsync. */
export const boot = (seed, timing = CLASSROOM, plane = WATCHING, nodes = 2) =>
  Uint8Array.from([0, ...varint(seed), 5, timing, 2, 1, plane, ...varint(nodes), ...SETUP]);

/** Lets virtual time pass. */
export const advance = (ms) => Uint8Array.from([2, ...varint(BigInt(ms) * 1_000_000n), 0]);

/** Lets one thing happen: a message 0, an event 1, everything at an instant 2. */
export const step = (by) => Uint8Array.from([3, by]);

const MAX = 2n ** 64n - 1n;

/** To a position: instant in nanoseconds, micro-steps, actions. */
export const go = (at, steps = MAX, acts = MAX) =>
  Uint8Array.from([5, ...[at, steps, acts].flatMap(varint)]);

/** To the last position at which something held, encoded (src/script/stop.rs). */
export const back = (...stop) => Uint8Array.from([6, ...stop]);
export const EVENT = [1];
export const LEADER = [3];

/** Another future grows from here. */
export const fork = (branch) => Uint8Array.from([7, ...varint(branch)]);

/** To a position of another branch. */
export const switchTo = (branch, at) =>
  Uint8Array.from([8, ...varint(branch), ...[at, MAX, MAX].flatMap(varint)]);

/** Forgets a branch. */
export const forget = (branch) => Uint8Array.from([9, ...varint(branch)]);

/** What is, with the newest events. */
export const show = () => Uint8Array.of(13, 1);

const cluster = (...action) => Uint8Array.from([1, 0, ...action]);

/** Ends a member's process. */
export const kill = (member) => cluster(0, ...varint(member));

/** Starts a crashed member. */
export const restart = (member) => cluster(3, ...varint(member));

/** `etcdctl put KEY VALUE`, to the client's own choice of member. */
export const put = (key, value) => cluster(16, 0, 21, 2, ...text(key), ...text(value), 0, 0);

/** `etcdctl compaction REVISION` */
export const compact = (revision) => cluster(16, 0, 2, 1, ...text(String(revision)), 0, 0);

/** A leader, two writes, its death, another leader, its return. */
export const STORY = [
  boot(7),
  ...Array.from({ length: 20 }, () => advance(100)),
  put("a", "1"),
  advance(500),
  kill(1),
  advance(3000),
  put("b", "2"),
  advance(500),
  restart(1),
  advance(2000),
];
