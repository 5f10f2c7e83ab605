// The host's promises, with the engine that was built: any moment of a run is reached again to the
// byte, whatever was done meanwhile; a trap loses nothing but its own request.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { engineModule, importStatic } from "./harness.mjs";
import {
  EVENT, LEADER, STORY, advance, back, boot, fork, forget, go, kill, put, restart, show, step,
  switchTo,
} from "./requests.mjs";

const { EngineHost, EngineTrap } = await importStatic("engine-host.js");
const { KEYFRAME_BYTES_MAX } = await importStatic("engine-keyframes.js");
const module = engineModule();

/** What is at the host's position: the frame and the newest events, as a hash. */
const look = (host) => createHash("sha256").update(host.request(show())).digest("hex");
/** Nothing in the engine traps on purpose; a request longer than the address space makes it. */
const TRAP = { length: 0xffff_ffff, 0: 1 };

/** A host that has played requests, and what was seen after each: [position, look]. */
function played(requests, host = new EngineHost(module)) {
  const seen = requests.map((request) => {
    host.request(request);
    return [host.at, look(host)];
  });
  return { host, seen };
}

const LONG = [
  ...STORY,
  ...Array.from({ length: 30 }, (_, nth) => [
    put(`k${nth % 7}`, `v${nth}`),
    advance(700),
    step(nth % 3),
  ]),
  kill(2),
  kill(3),
  advance(4000),
  restart(2),
  advance(4000),
].flat();

test("every moment is reached again, backwards, forwards and across", () => {
  const { host, seen } = played(LONG);
  assert.ok(host.figures().keyframes > 2, `${host.figures().keyframes} keyframes`);
  const across = seen.map((_, index) => seen[(index * 37) % seen.length]);
  for (const [at, expected] of [...seen.toReversed(), ...seen, ...across]) {
    host.request(go(...at));
    assert.deepEqual(host.at, at);
    assert.equal(look(host), expected, `at ${at}`);
  }
});

test("without keyframes too, and when the vault loses them", () => {
  const { host, seen } = played(STORY);
  host.branch.keyframes = [];
  host.request(go(...seen[5][0]));
  assert.equal(look(host), seen[5][1]);
  host.keyframes.vault = { vault_room: () => assert.fail("no room") };
  host.keep();
  assert.equal(host.figures().keyframes, 0);
  host.request(go(...seen[9][0]));
  assert.equal(look(host), seen[9][1]);
});

test("time passes through the known future as it did, its actions included", () => {
  const { host, seen } = played(STORY);
  const [end, expected] = seen.at(-1);
  const calm = look(host);
  for (const by of [advance(370), step(0), step(1), step(2)]) {
    host.request(go(...seen[20][0]));
    for (let steps = 0; host.at[0] < end[0] - 400_000_000n && steps < 100_000; steps += 1) {
      host.request(by);
    }
    host.request(go(...end));
    assert.equal(look(host), expected);
  }
  assert.equal(look(host), calm);
  assert.equal(host.figures().branches, 1);
});

test("a step back is undone by a step forward", () => {
  const { host } = played(STORY);
  host.request(advance(13));
  for (const by of [0, 1, 2]) {
    const stop = [[0, 0], EVENT, [2]][by];
    host.request(back(...stop));
    const at = host.at;
    const before = look(host);
    host.request(step(by));
    host.request(back(...stop));
    assert.deepEqual([host.at, look(host)], [at, before], `by ${by}`);
  }
  // From election to election, to the beginning.
  const found = [];
  for (let update = [1]; ; ) {
    const at = host.at;
    update = host.request(back(...LEADER));
    if (host.at === at || String(host.at) === String(at)) break;
    found.push(host.at[0]);
  }
  assert.ok(found.length > 0 && found.at(-1) < 2_000_000_000n, `leaders were elected at ${found}`);
});

test("another future grows from the past, and nothing of the first is lost", () => {
  const { host, seen } = played(STORY);
  const [end, expected] = seen.at(-1);
  const [middle] = seen[21];
  host.request(go(...middle));
  host.request(fork(1));
  host.request(kill(3));
  host.request(advance(5000));
  const other = [host.at, look(host)];
  assert.notEqual(other[1], expected);
  host.request(switchTo(0, end[0]));
  assert.equal(look(host), expected);
  host.request(switchTo(1, other[0][0]));
  assert.equal(look(host), other[1]);
  // A branch is what a fresh run with its actions is.
  const fresh = new EngineHost(module);
  for (const request of STORY.slice(0, 22)) fresh.request(request);
  fresh.request(kill(3));
  fresh.request(advance(5000));
  assert.equal(look(fresh), other[1]);
  host.request(switchTo(0, end[0]));
  host.request(forget(1));
  assert.deepEqual(host.figures().branches, 1);
  assert.equal(look(host), expected);
});

test("an action in the past does not overwrite the future", () => {
  const { host, seen } = played(STORY);
  host.request(go(...seen[21][0]));
  host.request(kill(3));
  assert.equal(host.branch.id, 1);
  host.request(switchTo(0, seen.at(-1)[0][0]));
  assert.equal(look(host), seen.at(-1)[1]);
});

test("keyframes stay within their limit, the first is kept, and all is still reached", () => {
  const { host, seen } = played(LONG);
  const before = host.figures();
  const branches = [...host.branches.values()];
  while (host.figures().keyframes > 2 && host.keyframes.thinOut(branches));
  assert.ok(host.figures().keyframeBytes < before.keyframeBytes);
  assert.deepEqual(host.branch.keyframes[0].at, [0n, 0n, 0n]);
  const sum = host.branch.keyframes.reduce((sum, it) => sum + it.bytes, 0);
  assert.equal(sum, host.figures().keyframeBytes);
  assert.ok(sum < KEYFRAME_BYTES_MAX);
  const [at, expected] = seen[Math.floor(seen.length / 2)];
  host.request(go(...at));
  assert.equal(look(host), expected);
});

test("a trap is told in the engine's words, and loses nothing but its own request", () => {
  const { host, seen } = played(STORY);
  assert.throws(
    () => host.request(TRAP),
    (error) =>
      error instanceof EngineTrap &&
      error.requestsLost === 1 &&
      /panicked at[^]*capacity overflow/.test(error.trap),
  );
  assert.equal(look(host), seen.at(-1)[1]);
  // In the past as well: what was known of the future is still known.
  host.request(go(...seen[12][0]));
  assert.throws(() => host.request(TRAP), EngineTrap);
  assert.equal(look(host), seen[12][1]);
  host.request(go(...seen.at(-1)[0]));
  assert.equal(look(host), seen.at(-1)[1]);
});

test("when the way back traps too, the keyframe alone is gone back to", () => {
  const { host } = played([boot(7), advance(2000)]);
  host.keep();
  const { at } = host;
  host.request(put("a", "1"));
  host.request(put("b", "2"));
  const redo = host.redo;
  host.redo = () => {
    throw new WebAssembly.RuntimeError("again");
  };
  assert.throws(() => host.request(TRAP), (error) => error.requestsLost === 3);
  host.redo = redo;
  assert.deepEqual(host.at, at);
  host.request(put("c", "3"));
  assert.equal(host.branch.acts.length, 1);
});
