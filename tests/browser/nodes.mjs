// How fast the page's engine runs with many kubelets, in headless Chromium: virtual seconds per
// second of the wall clock, with a frame for the page every 50 virtual ms and keyframes, as it runs
// for a reader. A benchmark, no test: figures of a busy machine say little.
// The same natively, without frames: cargo run --profile bench --example nodes
//
//   node tests/browser/nodes.mjs [NODES]

import { chromium } from "playwright-core";

import { CHROMIUM_ARGS, DIST, findChromium } from "./built.mjs";
import { ACTING, ETCD, advance, boot } from "./requests.mjs";
import { serve } from "./static-server.mjs";

/** Virtual seconds until every kubelet has joined, and virtual seconds measured. */
const SETTLES = 40;
const MEASURED = 20;
const FRAME_MS = 50;

const counts = process.argv[2] ? [Number(process.argv[2])] : [2, 100, 1000, 2500];
const server = await serve(DIST.pathname, "/");
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
const row = (cells) => console.log(cells.map((cell) => String(cell).padStart(14)).join(""));
row(["nodes", "joining", "after", "frame, bytes", "worst 50 ms"]);
for (const nodes of counts) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.url);
  await page.waitForFunction(() => globalThis.raftariumEngine);
  const [first, step] = [boot(1, ETCD, ACTING, nodes), advance(FRAME_MS)].map((it) => [...it]);
  const measured = await page.evaluate(
    async ([first, step, spans]) => {
      const ask = (bytes) => raftariumEngine.request(Uint8Array.from(bytes));
      await ask(first);
      const speeds = [];
      let [bytes, worst] = [0, 0];
      for (const [seconds, steps] of spans) {
        const began = performance.now();
        worst = 0;
        for (let nth = 0; nth < steps; nth++) {
          const from = performance.now();
          bytes = (await ask(step)).length;
          worst = Math.max(worst, performance.now() - from);
        }
        speeds.push(((seconds * 1000) / (performance.now() - began)).toFixed(2));
      }
      return [...speeds, bytes, `${worst.toFixed(0)} ms`];
    },
    [first, step, [SETTLES, MEASURED].map((it) => [it, (it * 1000) / FRAME_MS])],
  );
  row([nodes, ...measured]);
  await page.close();
}
await browser.close();
server.close();
