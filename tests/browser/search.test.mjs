// A run in which something rare happens is found beside the run one looks at, and opened.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";

const PATIENCE = 90_000;
let page, messages;

before(async () => {
  ({ page, messages } = await openPage());
  const leader = page.getByRole("button", { name: /^etcd-\d, leader/ });
  await leader.first().waitFor({ timeout: PATIENCE });
});
after(() => assert.deepEqual(messages, [], "the console"));

test("a split vote is found by keyboard and opened", async () => {
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Escape");
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300); // the theme fades
      await screenshot(page, "search", colorScheme);
    }
  }
  await page.setViewportSize(VIEWPORTS[0]);
  await dialog.getByRole("button", { name: /the vote is split/ }).click();
  await page.getByText(/Found in seed \d+/).first().waitFor({ timeout: PATIENCE });
  await screenshot(page, "search-found", "dark");
  await page.keyboard.press("Escape");
  const open = page.getByRole("button", { name: "Open it" });
  if (await open.count()) await open.click();
  const found = page.getByText(/asked for votes in term \d+, and none won/);
  await found.first().waitFor({ timeout: PATIENCE });
  // It is the run that was found: two campaign in one term.
  const candidates = page.getByRole("button", { name: /^etcd-\d, candidate/ });
  await candidates.first().waitFor({ timeout: PATIENCE });
});

test("a search can be given up", async () => {
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /a watch is compacted/ }).click();
  const cancel = dialog.getByRole("button", { name: "Cancel" });
  await cancel.click({ timeout: 5_000 }).catch(() => {}); // it may be found already
  await page.waitForFunction(() => !document.querySelector("dialog progress"));
});
