// The page opens, everywhere it should, and its engine answers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { THEMES, VIEWPORTS, mounted, openPage, screenshot } from "./harness.mjs";
import { advance } from "./requests.mjs";

/** Asks the page's engine from the page itself: the answer's length, and where the engine runs. */
function askEngine(page) {
  return page.evaluate(
    async (bytes) => {
      const update = await raftariumEngine.request(Uint8Array.from(bytes));
      return { length: update.length, where: await raftariumEngine.where };
    },
    [...advance(1)],
  );
}

test("it opens with nothing on the console", async () => {
  const { page, messages } = await openPage();
  assert.match(await page.title(), /^Raftarium/);
  await mounted(page);
  // The engine has been fetched when it has answered; a preload nobody used is warned of later.
  await askEngine(page);
  await page.waitForTimeout(4000);
  assert.deepEqual(messages, []);
});

test("the engine answers from a worker", async () => {
  const { page } = await openPage();
  const { length, where } = await askEngine(page);
  assert.ok(length > 0);
  assert.equal(where, "worker");
});

test("where workers are forbidden, the engine answers on the page", async () => {
  for (const before of [
    () => delete globalThis.Worker,
    // As a content security policy does it: no exception, an event later.
    () => (globalThis.Worker = class extends EventTarget {
      postMessage() {
        setTimeout(() => this.onerror(new Event("error")));
      }
      terminate() {}
    }),
  ]) {
    const { page } = await openPage({ before });
    const { length, where } = await askEngine(page);
    assert.ok(length > 0);
    assert.equal(where, "page");
  }
});

test("before any script has come there is a sentence and the page's frame", async () => {
  const { page, messages } = await openPage({
    // Without what they would have used either: Chromium would remark on it after five seconds.
    html: (it) => it.replaceAll(/<script[^]*?<\/script>|<link rel="\w*preload"[^>]*>/g, ""),
  });
  assert.ok(await page.getByText("Starting a cluster in this tab…").isVisible());
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, "first-paint", colorScheme);
    }
  }
  assert.deepEqual(messages, []);
});

test("without JavaScript the page says what it needs", async () => {
  const { page } = await openPage({ javaScriptEnabled: false });
  assert.match(await page.locator(".no-script").innerText(), /Allow JavaScript/);
  assert.ok(!(await page.locator(".first-paint").isVisible()));
});

test("a browser without WebAssembly is told", async () => {
  const { page } = await openPage({ before: () => delete globalThis.WebAssembly });
  await page.waitForFunction(() => /no WebAssembly/.test(document.body.innerText));
});

for (const viewport of VIEWPORTS) {
  for (const colorScheme of THEMES) {
    const { width, height } = viewport;
    test(`it fits ${width}×${height}, ${colorScheme}`, async () => {
      const { page } = await openPage({ viewport, colorScheme });
      await mounted(page);
      await askEngine(page);
      await screenshot(page, "page", colorScheme);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} px too wide`);
    });
  }
}
