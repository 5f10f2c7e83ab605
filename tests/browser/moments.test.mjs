// Five moments of the first story, at every size and in both themes: nothing axe-core knows to be a
// barrier, nothing wider than the page, and a picture of each in target/screens/.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";

import { THEMES, VIEWPORTS, mounted, openPage, screenshot } from "./harness.mjs";

const PATIENCE = 60_000;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const leader = (page) => page.getByRole("button", { name: /^etcd-\d, leader/ });

/** The number of the member that leads. */
async function leads(page) {
  await leader(page).first().waitFor({ timeout: PATIENCE });
  const name = await leader(page).first().getAttribute("aria-label");
  return name.match(/etcd-(\d)/)[1];
}

async function kill(page, member) {
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Escape");
  await page.keyboard.press(member);
  await page.keyboard.press("k");
  await page.getByRole("button", { name: `etcd-${member}, crashed` }).waitFor();
}

/** What the reader does on the way to each moment. */
const MOMENTS = {
  opening: (page) => mounted(page),
  "leader-up": async (page) => {
    await leader(page).first().waitFor({ timeout: PATIENCE });
    await page.waitForTimeout(1500);
  },
  submitted: async (page) => {
    await page.getByRole("tab", { name: "Submit" }).click();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.waitForFunction(
      () => document.querySelectorAll(".write-path-station.write-path-done").length === 8,
      undefined,
      { timeout: PATIENCE },
    );
    await page.getByRole("tab", { name: "Bytes" }).click();
    await page.getByText("6b 38 73 00").first().waitFor({ timeout: PATIENCE });
  },
  "leader-killed": async (page) => {
    await kill(page, await leads(page));
    await page.getByRole("tab", { name: "Log" }).click();
    await page.waitForTimeout(700);
  },
  "minority-error": async (page) => {
    for (let more = 0; more < 2; more++) await kill(page, await leads(page));
    await page.getByRole("tab", { name: "Submit" }).click();
    await page.locator("#submit-command").fill("put foo bar");
    await page.locator("#submit-command").press("Enter");
    await page.waitForFunction(
      () => /context deadline exceeded|request timed out/.test(document.body.innerText),
      undefined,
      { timeout: PATIENCE },
    );
  },
};

/** Barriers, as axe-core words them, with the elements it means. */
async function barriers(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  return violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map((it) => `${it.html.slice(0, 160)} ${it.any[0]?.message ?? ""}`).slice(0, 5),
  }));
}

for (const viewport of VIEWPORTS) {
  test(`five moments at ${viewport.width}×${viewport.height}`, async (t) => {
    const { page, messages } = await openPage({ viewport });
    after(() => page.context().close());
    for (const [name, reach] of Object.entries(MOMENTS)) {
      await t.test(name, async () => {
        await reach(page);
        for (const colorScheme of THEMES) {
          await page.emulateMedia({ colorScheme });
          // Colours glide into each other; halfway they are neither.
          await page.waitForTimeout(400);
          await screenshot(page, `moment-${name}`, colorScheme);
          assert.deepEqual(await barriers(page), [], colorScheme);
        }
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth,
        );
        assert.ok(overflow <= 0, `${overflow} px too wide`);
      });
    }
    assert.deepEqual(messages, []);
  });
}
