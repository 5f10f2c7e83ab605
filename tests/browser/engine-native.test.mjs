// The module and the native engine answer alike, byte for byte: one deterministic function.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { engineModule, importStatic } from "./harness.mjs";
import { STORY } from "./requests.mjs";

const { EngineHost } = await importStatic("engine-host.js");

test("the module's updates are the native engine's, to the byte", () => {
  const host = new EngineHost(engineModule());
  const hex = (bytes) => Buffer.from(bytes).toString("hex");
  const input = STORY.map(hex).join("\n");
  const native = execFileSync("cargo", ["run", "--quiet", "--example", "door"], {
    input,
    maxBuffer: 1 << 28,
    encoding: "utf8",
  });
  const lines = native.trim().split("\n");
  assert.equal(lines.length, STORY.length);
  for (const [index, request] of STORY.entries()) {
    assert.equal(hex(host.request(request)), lines[index], `request ${index}`);
  }
});
