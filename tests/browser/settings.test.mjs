// What the cluster is made of: --etcd-prefix, an etcd of Events, and the encryption configuration.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";

const PATIENCE = 60_000;
let page, messages;

const button = (name) => page.getByRole("button", { name, exact: true });
const tab = (name) => page.getByRole("tab", { name });
const row = (words) => page.locator(".settings-row", { hasText: words });
const leads = () =>
  page.getByRole("button", { name: /^etcd-\d, leader/ }).first().waitFor({ timeout: PATIENCE });
const file = () => page.getByLabel("Encryption configuration of the cluster that runs");
const open = () => page.locator(".header-config").click();

const everywhere = async (name) => {
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, name, colorScheme);
    }
  }
  await page.setViewportSize(VIEWPORTS[0]);
};

before(async () => {
  ({ page, messages } = await openPage());
  await leads();
});
after(() => assert.deepEqual(messages, [], "the console"));

test("another prefix and an etcd for Events", async () => {
  await open();
  const prefix = row("Keys begin with").locator("input");
  await prefix.fill("a b");
  await prefix.blur();
  assert.match(await prefix.evaluate((it) => it.validationMessage), /a path such as \/registry/);
  await button("Start over").click();
  assert.ok(await prefix.isVisible(), "it is not sent");
  await prefix.fill("/blue");
  await prefix.blur();
  await row("etcd of Events").locator("select").selectOption("their own");
  await button("Start over").click();
  await leads();
  await tab("Store").click();
  const keys = page.locator(".store-tab-keys", { hasText: "/blue/" });
  await keys.waitFor({ timeout: PATIENCE });
  await tab("Watches").click();
  await page.locator(".watches-tab-one", { hasText: "etcd-events" }).waitFor();
  await everywhere("etcd-events");
  await page.getByTitle("Kill etcd-events").click();
  await page.getByTitle("Start again etcd-events").waitFor({ timeout: PATIENCE });
});

test("the encryption configuration is read by who starts", async () => {
  await open();
  await page.getByText("Encryption configuration of the cluster that runs").click();
  await page.waitForFunction(
    () => document.querySelector(".settings-file")?.value.includes("aesgcm"),
    undefined,
    { timeout: PATIENCE },
  );
  const text = await file().inputValue();
  await file().fill(text.replace("name: key1", "name: ''"));
  const problem = page.locator(".settings-problem").filter({ hasText: "name is a mandatory" });
  await problem.waitFor({ timeout: PATIENCE });
  await everywhere("encryption-file");
  await file().fill(text.replaceAll("aesgcm", "aescbc"));
  await button("Replace the file").click();
  await button("Restart kube-apiserver").click();
  await page.keyboard.press("Escape");
  const apiserver = page.locator(".scene-place-api").filter({ hasText: "aescbc, key1" });
  await apiserver.waitFor({ timeout: PATIENCE });
});
