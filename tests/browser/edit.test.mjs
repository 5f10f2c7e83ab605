// What can be done to an object: kubectl edit with the page's editor, and its buttons.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";

const PATIENCE = 60_000;
let page, messages;

const tab = (name) => page.getByRole("tab", { name });
const button = (name) => page.getByRole("button", { name, exact: true });
const editor = () => page.getByLabel("Object as YAML or JSON");
const outcome = (text) => page.locator(".submit-outcome").filter({ hasText: text });

before(async () => {
  ({ page, messages } = await openPage());
  const leader = page.getByRole("button", { name: /^etcd-\d, leader/ });
  await leader.first().waitFor({ timeout: PATIENCE });
  await button("Create").click();
  await outcome("deployment.apps/web created").waitFor({ timeout: PATIENCE });
});
after(() => assert.deepEqual(messages, [], "the console"));

test("an object is edited as it is stored", async () => {
  await tab("Objects").click();
  await page.locator(".objects-row").filter({ hasText: "Deployment" }).first().click();
  await button("Edit").waitFor({ timeout: PATIENCE });
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, "deeds", colorScheme);
    }
  }
  await page.setViewportSize(VIEWPORTS[0]);
  await button("Edit").click();
  await page.waitForFunction(
    () => /resourceVersion: /.test(document.querySelector(".editor-field")?.value ?? ""),
    undefined,
    { timeout: PATIENCE },
  );
  const text = await editor().inputValue();
  assert.match(text, /^apiVersion: apps\/v1\nkind: Deployment\n/);
  await screenshot(page, "edited", "dark");
  // The controllers write its status meanwhile: then it is opened again, as a reader would.
  const until = Date.now() + PATIENCE;
  for (;;) {
    const stored = await editor().inputValue();
    await editor().fill(stored.replace("replicas: 3", "replicas: 2"));
    await button("Replace").click();
    const said = outcome(/deployment.apps\/web replaced|Operation cannot be fulfilled/);
    await said.waitFor({ timeout: PATIENCE });
    if (/replaced/.test(await said.innerText())) break;
    assert.ok(Date.now() < until, "nobody writes to it for ever");
    await tab("Objects").click();
    await button("Edit").click();
    await page.waitForFunction(
      () => document.querySelector(".editor-field").value.includes("replicas: 3"),
      undefined,
      { timeout: PATIENCE },
    );
  }
});
