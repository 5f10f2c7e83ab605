// What people type wrong, and what goes wrong, on the built page: Kubernetes' and etcd's own words,
// where it is, and the page goes on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";

const PATIENCE = 60_000;
let page, messages;

before(async () => {
  ({ page, messages } = await openPage());
  const leader = page.getByRole("button", { name: /^etcd-\d, leader/ });
  await leader.first().waitFor({ timeout: PATIENCE });
});
after(() => assert.deepEqual(messages, [], "the console"));

/** Pastes a text into the editor and presses a button. */
async function submit(text, button = "Create") {
  await page.getByRole("tab", { name: "Submit" }).click();
  await page.locator("textarea").first().evaluate((field, text) => {
    field.focus();
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);
  await page.getByRole("button", { name: button, exact: true }).click();
}

async function says(...words) {
  for (const word of words) {
    await page.getByText(word).first().waitFor({ timeout: PATIENCE });
  }
}

const configMap = (name, lines) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${lines}`;

test("broken YAML is shown at its line", async () => {
  await submit("kind: ConfigMap\nmetadata:\n  name: web\n more: 1\n");
  await says(/yaml: line 4: did not find expected key/, "line 4, column 2");
});

test("what no text may hold is refused", async () => {
  await submit("kind: \u0000ConfigMap\n");
  await says(/yaml: control characters are not allowed/, "line 1, column 7");
});

test("an unknown field is named", async () => {
  await submit(configMap("web", "datta:\n  a: b\n"));
  await says(/strict decoding error: unknown field "datta"/, "line 5, column 1");
});

test("an invalid object has every cause listed", async () => {
  await submit(
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: Web_\nspec:\n  replicas: -1\n",
  );
  await says(/The Deployment "Web_" is invalid/, /must be greater than or equal to 0/);
});

test("nothing is no object", async () => {
  await submit("");
  await says("error: no objects passed to create");
});

test("ten megabytes are refused, and the page goes on", async () => {
  const line = `  k: ${"y".repeat(94)}\n`;
  await submit(configMap("huge", `data:\n${line.repeat(100_000)}`));
  await says(/\(RequestEntityTooLarge\): Request entity too large: limit is 3145728/);
});

test("more than Kubernetes or etcd take is refused by whom it is too much for", async () => {
  await submit(configMap("large", `data:\n  a: ${"x".repeat(1_100_000)}\n`));
  await says(/may not be more than 1048576 bytes/);
  const custom = "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: large\nspec:\n";
  await submit(`${custom}  a: ${"x".repeat(1_600_000)}\n`);
  await says(/etcdserver: request is too large/);
});

test("an object that exists is said to", async () => {
  await submit(configMap("twice", "data:\n  a: b\n"));
  await says("configmap/twice created");
  await submit(configMap("twice", "data:\n  a: b\n"));
  await says(/configmaps "twice" already exists/);
});

test("an update of an older version is refused", async () => {
  const stale = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\n";
  await submit(`${stale}  resourceVersion: "2"\ndata:\n  a: c\n`, "Replace");
  await says(/the object has been modified; please apply your changes to the latest version/);
});

test("an engine that traps is told of, and goes on from before", async () => {
  const before = await page.locator("header.header").innerText();
  // Nothing in the engine traps on purpose; a request longer than the address space makes it.
  await page.evaluate(() => {
    const engine = window.raftariumEngine;
    const request = engine.request;
    engine.request = () => {
      engine.request = request;
      return request({ length: 0xffff_ffff, 0: 1 });
    };
  });
  const notice = page.getByRole("alert");
  await notice.filter({ hasText: "capacity overflow" }).waitFor({ timeout: PATIENCE });
  assert.match(await notice.innerText(), /Seed and inputs of this run/, "the run is offered");
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300); // the theme fades
      await screenshot(page, "trap", colorScheme);
    }
  }
  await page.setViewportSize(VIEWPORTS[0]);
  await notice.getByRole("button", { name: "Go on" }).click();
  await page.keyboard.press("Space");
  await page.waitForFunction(
    (before) => document.querySelector("header.header").innerText !== before,
    before,
  );
  await submit(configMap("after", "data:\n  a: b\n"));
  await says("configmap/after created");
});
