// How fast the engine's module runs in node: virtual seconds per second of processor time.
// The same natively: cargo run --profile bench --example speed
//
//   node tests/browser/speed.mjs [ENGINE.WASM [WRITES]]     without a name: that of dist/

import { readFileSync } from "node:fs";

import { engineModule, importStatic } from "./built.mjs";
import { ETCD, advance, boot, compact, put } from "./requests.mjs";

const ROUNDS = 9;
const ROUND_US = 300_000;
/** V8 first runs slow code and compiles fast code meanwhile. */
const WARM_UP_US = 3_000_000;

const path = process.argv[2];
const module = path ? new WebAssembly.Module(readFileSync(path)) : engineModule();
const { EngineHost } = await importStatic("engine-host.js");

/**
 * Five members; bursts of puts every 100 virtual ms. Every put has its own update, with a frame,
 * which an engine that makes its own load would not have: so the advances are timed by themselves.
 */
function measure(writesPerSecond, keyframes) {
  const host = new EngineHost(module);
  if (!keyframes) host.keep = () => {};
  let nth = 0;
  host.request(boot(1, ETCD));
  const second = () => {
    for (let burst = 0; burst < 10; burst += 1) {
      for (let write = 0; write < writesPerSecond / 10; write += 1) {
        nth += 1;
        host.request(put(`/load/${String(nth % 500).padStart(4, "0")}`, "x".repeat(100)));
      }
      const began = process.cpuUsage();
      host.request(advance(100));
      advancing += used(began);
    }
    if (nth > 1000) host.request(compact(nth - 1000));
  };
  let advancing = 0;
  const used = (since) => {
    const { user, system } = process.cpuUsage(since);
    return user + system;
  };
  const round = (us) => {
    const began = process.cpuUsage();
    advancing = 0;
    let count = 0;
    for (; used(began) < us; count += 1) second();
    return { all: (count * 1e6) / used(began), engine: (count * 1e6) / advancing };
  };
  round(WARM_UP_US);
  const speeds = Array.from({ length: ROUNDS }, () => round(ROUND_US));
  const median = (of) => speeds.map(of).sort((a, b) => a - b)[ROUNDS >> 1].toFixed(0);
  const megabytes = (host.save().length / 2 ** 20).toFixed(1);
  return { engine: median((it) => it.engine), all: median((it) => it.all), megabytes };
}

const row = (cells) => console.log(cells.map((cell) => String(cell).padStart(16)).join(""));
row(["writes/s", "the engine", "with keyframes", "and updates", "memory, MiB"]);
const rates = process.argv[3] ? [Number(process.argv[3])] : [0, 100, 1000];
for (const writes of rates) {
  const alone = measure(writes, false);
  const { engine, all, megabytes } = measure(writes, true);
  row([writes, alone.engine, engine, all, megabytes]);
}
