// How long a frame takes under load: five members at 1×, 100 writes a second, in headless Chromium.
// A benchmark, no test: figures of a busy machine say little.
//
//   node tests/browser/frames.mjs [SECONDS] [--profile]

import { chromium } from "playwright-core";

import { CHROMIUM_ARGS, DIST, findChromium } from "./built.mjs";
import { put } from "./requests.mjs";
import { serve } from "./static-server.mjs";

const SECONDS = Number(process.argv[2] ?? 60);
const WRITES_PER_SECOND = 100;
const WARM_UP_MS = 8000;

const server = await serve(DIST.pathname, "/");
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
await page.goto(server.url);
await page.getByRole("button", { name: /^etcd-\d, leader/ }).first().waitFor();
// To 1×: from 0.01×, ten notches to each power of ten.
for (let notch = 0; notch < 40; notch++) await page.keyboard.press("[");
for (let notch = 0; notch < 20; notch++) await page.keyboard.press("]");
await page.getByRole("tab", { name: process.env.TAB ?? "Log" }).click();

const load = Array.from({ length: 500 }, (_, nth) => [
  ...put(`/load/${String(nth).padStart(4, "0")}`, "x".repeat(100)),
]);
await page.evaluate(
  ([load, every]) => {
    let nth = 0;
    setInterval(() => {
      raftariumEngine.request(Uint8Array.from(load[nth % load.length]));
      nth += 1;
    }, every);
  },
  [load, 1000 / WRITES_PER_SECOND],
);
await page.waitForTimeout(WARM_UP_MS);

const cdp = await page.context().newCDPSession(page);
await cdp.send("Performance.enable");
const counters = async () => {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
};
if (process.argv.includes("--profile")) {
  await cdp.send("Profiler.enable");
  await cdp.send("Profiler.setSamplingInterval", { interval: 500 });
  await cdp.send("Profiler.start");
}
const tasks = traceTasks(browser, page);
await tasks.start();
const from = await counters();
const frames = await page.evaluate(
  (ms) =>
    new Promise((resolve) => {
      const intervals = [];
      const began = performance.now();
      let last = began;
      requestAnimationFrame(function next(now) {
        intervals.push(now - last);
        last = now;
        if (now - began < ms) requestAnimationFrame(next);
        else resolve(intervals.slice(1));
      });
    }),
  SECONDS * 1000,
);
const to = await counters();
const busy = await tasks.stop();

const per = (name) => (((to[name] - from[name]) * 1000) / frames.length).toFixed(2);
console.log(`${frames.length} frames in ${SECONDS} s, ${WRITES_PER_SECOND} writes/s`);
console.log("interval, ms    ", quantiles(frames));
console.log("main thread, ms ", quantiles(busy.frames), "(processor time between two frames)");
console.log("longest task, ms", Math.max(...busy.tasks).toFixed(1));
console.log(
  `per frame, ms    script ${per("ScriptDuration")}, style ${per("RecalcStyleDuration")}, ` +
    `layout ${per("LayoutDuration")}, all tasks ${per("TaskDuration")}; nodes ${to.Nodes}`,
);
console.log(`per frame, ms    ${busy.work}`);
if (process.argv.includes("--profile")) report((await cdp.send("Profiler.stop")).profile);
await browser.close();
server.close();

function quantiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  const line = [0.5, 0.9, 0.99, 1].map((part) => `p${part * 100} ${at(part)?.toFixed(1)}`);
  const late = values.filter((it) => it > 16.75).length / values.length;
  return `${line.join("  ")}  over 16.7: ${(late * 100).toFixed(1)} %`;
}

/** Tasks of the page's main thread, and how busy it was between two animation frames. */
function traceTasks(browser, page) {
  return {
    start: () =>
      browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "blink"] }),
    async stop() {
      const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
      const fired = traceEvents.filter((it) => it.name === "FireAnimationFrame");
      const [pid, tid] = busiest(fired);
      const own = traceEvents.filter((it) => it.pid === pid && it.tid === tid);
      const tasks = own.filter((it) => it.name.endsWith("RunTask") && it.ph === "X");
      const starts = own.filter((it) => it.name === "FireAnimationFrame").map((it) => it.ts);
      starts.sort((a, b) => a - b);
      const frames = new Array(Math.max(starts.length - 1, 0)).fill(0);
      for (const task of tasks) {
        const nth = starts.findLastIndex((ts) => ts <= task.ts + task.dur);
        if (nth >= 0 && nth < frames.length) frames[nth] += ownTime(task);
      }
      return { frames, tasks: tasks.map(ownTime), work: work(own, starts.length) };
    },
  };
}

/** What the browser did, by kind of work, in milliseconds a frame of the thread's own time. */
function work(events, frames) {
  const kinds = ["FunctionCall", "FireAnimationFrame", "UpdateLayoutTree", "Layout", "PrePaint"];
  kinds.push("Paint", "Layerize", "Commit", "HitTest", "MajorGC", "MinorGC", "HandlePostMessage");
  const sum = (kind) =>
    events
      .filter((it) => it.name === kind && it.ph === "X")
      .reduce((all, it) => all + ownTime(it), 0) / frames;
  return kinds.map((kind) => `${kind} ${sum(kind).toFixed(2)}`).join(", ");
}

/** Milliseconds of processor time, so that what else the machine does is not counted. */
function ownTime({ tdur, dur }) {
  return (tdur ?? dur) / 1000;
}

function busiest(fired) {
  const counts = new Map();
  for (const { pid, tid } of fired) {
    counts.set(`${pid} ${tid}`, (counts.get(`${pid} ${tid}`) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0][0].split(" ").map(Number);
}

/** Where the script's time goes, by function. */
function report({ nodes, samples, timeDeltas }) {
  const self = new Map();
  const byId = new Map(nodes.map((it) => [it.id, it]));
  samples.forEach((id, nth) => {
    const { functionName, url } = byId.get(id).callFrame;
    const name = functionName || url || "(anonymous)";
    self.set(name, (self.get(name) ?? 0) + timeDeltas[nth] / 1000);
  });
  const top = [...self].sort((a, b) => b[1] - a[1]).slice(0, 45);
  for (const [name, ms] of top) {
    console.log(`${ms.toFixed(0).padStart(7)} ms  ${name.slice(0, 120)}`);
  }
}
