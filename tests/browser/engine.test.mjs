// The engine that was built: one deterministic function whose whole state is its memory.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { engineModule, importStatic } from "./harness.mjs";
import { STORY } from "./requests.mjs";

const { EngineHost } = await importStatic("engine-host.js");
const module = engineModule();

/** Every update as its hash: what differs is named by its place in the story. */
function play(host, requests) {
  return requests.map((request) =>
    createHash("sha256").update(host.request(request)).digest("hex").slice(0, 16),
  );
}

test("it imports nothing", () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test("the story is served, and something happens in it", () => {
  const host = new EngineHost(module);
  for (const [index, request] of STORY.entries()) {
    const update = host.request(request);
    // An update ends with its error: none is a zero byte.
    assert.equal(update.at(-1), 0, `request ${index}: ${new TextDecoder().decode(update)}`);
  }
  const hashes = new Set(play(new EngineHost(module), STORY));
  assert.equal(hashes.size, STORY.length, "two updates are the same");
});

test("the same requests give the same updates", () => {
  assert.deepEqual(play(new EngineHost(module), STORY), play(new EngineHost(module), STORY));
});

test("bytes that are no request are refused, not trapped on", () => {
  const host = new EngineHost(module);
  for (const bytes of [[], [255], [0], [1, 99], new Array(10_000).fill(99)]) {
    const update = new TextDecoder().decode(host.request(Uint8Array.from(bytes)));
    assert.match(update, /cannot read this request/);
  }
});
