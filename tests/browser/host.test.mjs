// The host's promises to any engine, shown on the smallest engine there is: it adds up the first
// bytes of its requests, answers with the sum, and traps on 255.

import assert from "node:assert/strict";
import { test } from "node:test";

import { importStatic } from "./harness.mjs";

const { EngineHost, EngineTrap } = await importStatic("engine-host.js");

const section = (id, ...content) => [id, content.length, ...content];
const name = (it) => [it.length, ...new TextEncoder().encode(it)];
const body = (...code) => [code.length + 2, 0, ...code, 0x0b];
const TRAP = 255;

/** Memory: at 0 the pair {24, 1}, at 8 the pair {0, 0}, at 24 the sum, at 64 the request. */
const adder = new WebAssembly.Module(
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // Types: (i32) → i32, (i32, i32) → i32, () → i32.
    ...section(1, 3, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 0, 1, 0x7f),
    ...section(3, 3, 0, 1, 2),
    ...section(5, 1, 0, 1),
    ...section(
      7,
      ...[4, ...name("memory"), 2, 0, ...name("alloc"), 0, 0],
      ...[...name("request"), 0, 1, ...name("panic_message"), 0, 2],
    ),
    ...section(
      10,
      3,
      // alloc: 64
      ...body(0x41, 0xc0, 0x00),
      ...body(
        // request: if (u8[at] == 255) unreachable
        ...[0x20, 0, 0x2d, 0, 0, 0x41, 0xff, 0x01, 0x46, 0x04, 0x40, 0x00, 0x0b],
        // u8[24] += u8[at]; return 0
        ...[0x41, 24, 0x41, 24, 0x2d, 0, 0, 0x20, 0, 0x2d, 0, 0, 0x6a, 0x3a, 0, 0, 0x41, 0],
      ),
      // panic_message: 8
      ...body(0x41, 8),
    ),
    ...section(11, 1, 0, 0x41, 0, 0x0b, 8, 24, 0, 0, 0, 1, 0, 0, 0),
  ]),
);

const ask = (host, byte) => host.request(Uint8Array.of(byte))[0];

function trapOf(host) {
  try {
    ask(host, TRAP);
  } catch (error) {
    assert.ok(error instanceof EngineTrap, String(error));
    return error;
  }
  return assert.fail("it did not trap");
}

test("a trap loses nothing but its own request", () => {
  const host = new EngineHost(adder);
  assert.equal(ask(host, 1), 1);
  assert.equal(ask(host, 2), 3);
  const trap = trapOf(host);
  assert.equal(trap.requestsLost, 1);
  assert.match(trap.trap, /unreachable/);
  assert.equal(ask(host, 4), 7);
  // The requests from before the first trap are still known to the second.
  assert.equal(trapOf(host).requestsLost, 1);
  assert.equal(ask(host, 8), 15);
});

test("a trap long after the start goes back to a keyframe, not to the start", () => {
  const host = new EngineHost(adder);
  for (let i = 0; i < 1000; i += 1) ask(host, 1);
  assert.ok(host.since.length < 300, `${host.since.length} requests are kept`);
  assert.equal(trapOf(host).requestsLost, 1);
  assert.equal(ask(host, 0), 1000 % 256);
});

test("when the replay traps too, the keyframe alone is gone back to", () => {
  const host = new EngineHost(adder);
  ask(host, 1);
  host.keep();
  ask(host, 2);
  ask(host, 4);
  const call = host.call;
  let calls = 0;
  host.call = (bytes) => {
    calls += 1;
    // The trapping request, the first replayed one, then this.
    if (calls === 3) throw new WebAssembly.RuntimeError("again");
    return call.call(host, bytes);
  };
  assert.equal(trapOf(host).requestsLost, 3);
  host.call = call;
  assert.equal(ask(host, 0), 1);
  // What was lost stays lost: it is not replayed after the next trap.
  assert.equal(trapOf(host).requestsLost, 1);
  assert.equal(ask(host, 0), 1);
});

test("a saved copy is the engine as it was, here and in another host", () => {
  const host = new EngineHost(adder);
  ask(host, 5);
  const copy = host.save();
  ask(host, 6);
  // Memory that grew after the copy was taken does not outlive it.
  host.engine.memory.grow(3);
  host.restore(copy);
  assert.equal(ask(host, 1), 6);
  const other = new EngineHost(adder);
  other.restore(copy);
  assert.equal(ask(other, 1), 6);
  assert.deepEqual(other.save(), host.save());
});
