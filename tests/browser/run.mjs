// Runs the tests that need Chromium: serves dist/ under a sub path, launches one Chromium for all
// of them, runs the files one after the other (some measure time), and ends with the counts.
//
//   node tests/browser/run.mjs [WORD]     only files whose name contains WORD

import { existsSync, readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { chromium } from "playwright-core";

import { CHROMIUM_ARGS, DIST, findChromium } from "./built.mjs";
import { serve } from "./static-server.mjs";

/** dist/ must work under any path: this is one. */
const SUB_PATH = "/some/sub/path/";
/** Files that need no browser. */
const NODE_ONLY = /^(engine|host)/;

if (!existsSync(new URL("index.html", DIST))) {
  console.error("dist/ is not built: cargo xtask dist");
  process.exit(1);
}
const here = new URL("./", import.meta.url);
const inNode = process.argv.includes("--node");
const word = inNode ? "" : (process.argv[2] ?? "");
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs") && NODE_ONLY.test(name) === inNode)
  .filter((name) => name.includes(word))
  .map((name) => new URL(name, here).pathname);

const close = inNode ? () => {} : await startChromium();
const tests = run({ files, concurrency: 1 });
tests.on("test:fail", () => {
  process.exitCode = 1;
});
tests.compose(spec).pipe(process.stdout);
tests.on("end", close);

/** The built folder on a static host, and Chromium; the test files find both in the environment. */
async function startChromium() {
  const server = await serve(DIST.pathname, SUB_PATH);
  const executablePath = findChromium();
  const browser = await chromium.launchServer({ executablePath, args: CHROMIUM_ARGS });
  process.env.RAFTARIUM_URL = server.url;
  process.env.RAFTARIUM_CHROMIUM = browser.wsEndpoint();
  return async () => {
    await browser.close();
    server.close();
  };
}
