// Going back on the built page, doing something else there, and handing a moment on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";

let page, messages;
const member = (words) => page.getByRole("button", { name: words });
const clockOf = async (it) => {
  const text = await it.locator("header.header").innerText();
  return text.match(/t ([\d.]+) s/)?.[1];
};
const clock = () => clockOf(page);

before(async () => {
  ({ page, messages } = await openPage());
});
after(() => assert.deepEqual(messages, [], "the console"));

test("a leader's death can be gone back from", async () => {
  await member(/^etcd-\d, leader/).first().waitFor({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await page.keyboard.press("Space");
  const before = await clock();
  const name = await member(/^etcd-\d, leader/).first().getAttribute("aria-label");
  const leader = name.match(/etcd-(\d)/)[1];
  await page.keyboard.press(leader);
  await page.keyboard.press("k");
  await member(new RegExp(`^etcd-${leader}, crashed`)).first().waitFor();
  for (let i = 0; i < 30; i++) await page.keyboard.press("Shift+ArrowRight");
  await page.waitForTimeout(500);
  assert.ok(Number(await clock()) > Number(before), "time has passed");
  // Not further back than needed: before its election it was no leader either.
  const leads = member(new RegExp(`^etcd-${leader}, leader`));
  for (let i = 0; i < 100 && (await leads.count()) === 0; i++) {
    await page.keyboard.press("Shift+ArrowLeft");
    await page.waitForTimeout(100);
  }
  await leads.first().waitFor({ timeout: 10_000 });
});

test("doing something else there makes a branch", async () => {
  await page.keyboard.press("Escape");
  await page.keyboard.press("5");
  await page.keyboard.press("k");
  await member(/^etcd-5, crashed/).first().waitFor();
  await page.getByLabel(/branch/i).first().waitFor();
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300); // the theme fades
      await screenshot(page, "branch", colorScheme);
    }
  }
});

test("a shared link opens at the same moment", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Share" }).click();
  await page.waitForTimeout(500);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#[vz]1:/);
  const at = await clock();
  const other = await page.context().newPage();
  await other.goto(link);
  const dead = other.getByRole("button", { name: /^etcd-5, crashed/ }).first();
  await dead.waitFor({ timeout: 20_000 });
  await other.waitForTimeout(1000);
  assert.equal(await clockOf(other), at);
});

const open = async (link) => {
  const other = await page.context().newPage();
  await other.goto(page.url().replace(/#.*/, "") + link);
  await other.locator("header.header").getByText(/t [\d.]+ s/).waitFor({ timeout: 20_000 });
  return other;
};

// As the page of 23 November 2026 made it; its engine dealt other latencies.
const EARLIER =
  "#v1:boot+members=3+seed=4+timing=classroom+encryption=aesgcm+fsync=wait;" +
  "at+2.5s/900+kill+1;at+3.097986811s/1500;%23+hash+8d0343a00c2b73b2";

test("a link of an earlier version opens, and says that it leads elsewhere now", async () => {
  const other = await open(EARLIER);
  await other.getByText(/recorded with another version/).waitFor({ timeout: 20_000 });
  await other.getByRole("button", { name: /^etcd-1, crashed/ }).first().waitFor();
  await screenshot(other, "earlier-link", "light");
});

test("a link that cannot be read says why, and the page goes on", async () => {
  for (const [link, why] of [
    ["#v9:boot", /of version 9; this page reads version 1/],
    ["#v1:boot;at+1s+teleport+1", /no such command: teleport/],
    ["#z1:AAAA", /link is damaged/],
  ]) {
    const other = await open(link);
    await other.getByText(why).first().waitFor({ timeout: 20_000 });
    const leader = other.getByRole("button", { name: /^etcd-\d, leader/ });
    await leader.first().waitFor({ timeout: 20_000 });
    await other.close();
  }
});
