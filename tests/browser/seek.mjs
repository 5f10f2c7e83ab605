// How fast any instant of a long run is reached again, and what the keyframes cost, in node, in
// processor time.
//
//   node tests/browser/seek.mjs [SECONDS] [WRITES] [ENGINE.WASM]
//
// 600 seconds with 100 writes each without numbers; the engine of dist/.

import { readFileSync } from "node:fs";

import { engineModule, importStatic } from "./built.mjs";
import { ETCD, advance, boot, compact, go, put, show } from "./requests.mjs";

const SEEKS = 100;
const seconds = Number(process.argv[2] ?? 600);
const writesPerTenth = Number(process.argv[3] ?? 100) / 10;
const path = process.argv[4];
const module = path ? new WebAssembly.Module(readFileSync(path)) : engineModule();
const { EngineHost } = await importStatic("engine-host.js");

/** Numbers that are the same in every run of this program. */
let state = 12345;
const random = (below) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fff_ffff;
  return Math.floor((state / 0x8000_0000) * below);
};
const letter = () => String.fromCharCode(97 + random(16));
const value = () => Array.from({ length: 100 }, letter).join("");

/** Milliseconds of processor time: a busy machine does not count. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const host = new EngineHost(module);
host.now = cpuMs;
const keeping = [];
const keep = host.keep;
host.keep = () => {
  keep.call(host);
  keeping.push(host.keptInMs);
};
host.request(boot(1, ETCD));
const began = cpuMs();
const seen = new Map();
let nth = 0;
for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
  for (let write = 0; write < writesPerTenth; write += 1) {
    nth += 1;
    host.request(put(`/load/${String(nth % 500).padStart(4, "0")}`, value()));
  }
  host.request(advance(100));
  if (nth % 1000 === 0 && nth > 1000) host.request(compact(nth - 1000));
  if (tenth % 100 === 57) seen.set(host.at, Buffer.from(host.request(show())));
}
const took = cpuMs() - began;

const times = [];
let different = 0;
const instants = [...seen.keys()];
for (let seek = 0; seek < SEEKS; seek += 1) {
  const at = instants[random(instants.length)];
  const began = cpuMs();
  const update = host.request(go(...at));
  times.push(cpuMs() - began);
  if (Buffer.compare(seen.get(at), update) !== 0) different += 1;
}
const sorted = (of) => of.toSorted((a, b) => a - b);
const part = (of, part) => sorted(of)[Math.min(of.length - 1, Math.floor(of.length * part))];
const ms = (of, at) => `${part(of, at).toFixed(1)} ms`;
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const { keyframes, keyframeBytes } = host.figures();
const size = mib(host.save().length);
console.log(`${seconds} virtual s at 100 writes/s, made in ${(took / 1000).toFixed(1)} s`);
console.log(`${keyframes} keyframes: ${mib(keyframeBytes)}, of an engine of ${size}`);
console.log(`a keyframe: ${ms(keeping, 0.5)}, p99 ${ms(keeping, 0.99)}`);
console.log(`a seek: ${ms(times, 0.5)}, p90 ${ms(times, 0.9)}, worst ${ms(times, 1)}`);
console.log(`${different} of ${SEEKS} different from what was seen`);
