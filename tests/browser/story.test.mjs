// The first story on the built page, by keyboard: a leader, a Deployment, its eight stations and
// its bytes, the leader's death, another leader, no quorum, a return.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";

const PATIENCE = 60_000;
/** What an independent encoder makes of the first Deployment. */
const RECORDED = readFileSync(
  new URL("../vectors/first-deployment.hex", import.meta.url),
  "utf8",
).trim();
let page, messages;

const member = (words) => page.getByRole("button", { name: words });
const leader = () => member(/^etcd-\d, leader/);
const sentence = () => page.locator(".sentence-words").innerText();

/** The number of the member that leads. */
async function leads() {
  const name = await leader().first().getAttribute("aria-label");
  return name.match(/etcd-(\d)/)[1];
}

/** Lets go of fields and members, so that keys are the page's. */
async function letGo() {
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Escape");
}

async function fast(on) {
  await letGo();
  for (let notch = 0; notch < 20; notch++) await page.keyboard.press(on ? "]" : "[");
}

async function etcdctl(line) {
  await page.getByRole("tab", { name: "Submit" }).click();
  await page.locator("#submit-command").fill(line);
  await page.locator("#submit-command").press("Enter");
}

before(async () => {
  ({ page, messages } = await openPage());
});
after(() => assert.deepEqual(messages, [], "the console"));

test("a leader is on screen", async () => {
  const from = Date.now();
  await leader().first().waitFor({ timeout: PATIENCE });
  console.log(`# leader on screen ${Date.now() - from} ms after the load`);
  assert.ok((await sentence()).length > 0);
});

test("a Deployment passes all eight stations, and its bytes are Kubernetes'", async () => {
  await page.getByRole("tab", { name: "Submit" }).click();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, "write", colorScheme);
    }
  }
  await page.setViewportSize(VIEWPORTS[0]);
  await page.waitForFunction(
    () => document.querySelectorAll(".write-path-station.write-path-done").length === 8,
    undefined,
    { timeout: PATIENCE },
  );
  // The watchers may be told before kubectl is answered.
  const outcome = page.locator(".write-path-outcome");
  await outcome.filter({ hasText: "deployment.apps/web created" }).waitFor({ timeout: PATIENCE });
  await page.getByRole("tab", { name: "Bytes" }).click();
  await page.getByText("6b 38 73 00").first().waitFor({ timeout: PATIENCE });
  const rows = await page.locator(".hex-hex").allInnerTexts();
  const shown = rows.join("").replaceAll(/[^0-9a-f]/g, "");
  // All of the recording but its metadata, whose uid and time are the run's own.
  assert.ok(shown.includes(RECORDED.slice(-400)), shown);
  for (const tab of ["Bytes", "Log", "Store", "Watches"]) {
    await page.getByRole("tab", { name: tab }).click();
    await page.waitForTimeout(300);
    await screenshot(page, `tab-${tab.toLowerCase()}`, "light");
  }
});

test("the leader is killed by keyboard and another leads", async () => {
  await fast(true);
  const dead = await leads();
  await page.keyboard.press(dead);
  await page.keyboard.press("k");
  await member(new RegExp(`^etcd-${dead}, crashed`)).waitFor({ timeout: PATIENCE });
  await page.waitForFunction(
    (dead) =>
      [...document.querySelectorAll("[aria-label]")].some((it) =>
        new RegExp(`^etcd-[^${dead}], leader`).test(it.getAttribute("aria-label")),
      ),
    dead,
    { timeout: PATIENCE },
  );
  await screenshot(page, "another-leads", "light");
});

test("the object is still there", async () => {
  // A read that is under way while the leader changes may fail, in etcd's words: it is asked again.
  const answers = page.getByLabel("Answers");
  const until = Date.now() + PATIENCE;
  const isThere = async () =>
    (await answers.innerText()).includes("/registry/deployments/default/web");
  while (!(await isThere()) && Date.now() < until) {
    await etcdctl("get --prefix /registry/deployments/ --keys-only");
    for (let looks = 0; looks < 50 && !(await isThere()); looks++) await page.waitForTimeout(100);
  }
  assert.ok(await isThere(), "the Deployment is found under its key");
});

test("without a quorum a write fails in etcd's words", async () => {
  for (let killed = 0; killed < 2; killed++) {
    await leader().first().waitFor({ timeout: PATIENCE });
    const dead = await leads();
    await letGo();
    await page.keyboard.press(dead);
    await page.keyboard.press("k");
    await member(new RegExp(`^etcd-${dead}, crashed`)).waitFor({ timeout: PATIENCE });
    await page.waitForTimeout(1500);
  }
  await etcdctl("put foo bar");
  await page.waitForFunction(
    () => /context deadline exceeded|request timed out/.test(document.body.innerText),
    undefined,
    { timeout: PATIENCE },
  );
  await screenshot(page, "no-quorum", "light");
});

test("restarted members catch up", async () => {
  await letGo();
  for (const number of ["1", "2", "3", "4", "5"]) {
    await page.keyboard.press(number);
    const crashed = await member(new RegExp(`^etcd-${number}, crashed`)).count();
    if (crashed > 0) await page.keyboard.press("k");
  }
  await leader().first().waitFor({ timeout: PATIENCE });
  await page.waitForFunction(
    () => {
      const text = document.querySelector(".scene").textContent;
      const revisions = [...text.matchAll(/rev (\d+)/g)].map((it) => it[1]);
      return revisions.length === 5 && new Set(revisions).size === 1;
    },
    undefined,
    { timeout: PATIENCE },
  );
  await screenshot(page, "all-back", "dark");
});
