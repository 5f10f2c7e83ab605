// What every test file needs: the built folder, a page in Chromium, requests for the engine.

import { mkdirSync } from "node:fs";
import { after } from "node:test";
import { chromium } from "playwright-core";

export { engineModule, importStatic } from "./built.mjs";

const SCREENS = new URL("../../target/screens/", import.meta.url);

/** The sizes every view is looked at, in both themes. */
export const VIEWPORTS = [
  { width: 1280, height: 720 },
  { width: 390, height: 844 },
];
export const THEMES = ["light", "dark"];

let browser;
after(() => browser?.close());

/**
 * A page of its own context on the built page: {page, messages}. `messages` holds every console
 * warning and error, uncaught exception and failed request so far; a test ends with
 * `assert.deepEqual(messages, [])`.
 *
 * `viewport`, `colorScheme`, `reducedMotion` are Playwright's; `hash` is put behind the address;
 * `before` is run in the page before any of its scripts; `html` changes the page's own text.
 */
export async function openPage({ hash = "", before, html, ...context } = {}) {
  browser ??= await chromium.connect(process.env.RAFTARIUM_CHROMIUM);
  const page = await (await browser.newContext({ viewport: VIEWPORTS[0], ...context })).newPage();
  const messages = [];
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) messages.push(message.text());
  });
  page.on("pageerror", (error) => messages.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => messages.push(`failed: ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400) messages.push(`${response.status()}: ${response.url()}`);
  });
  if (before) await page.addInitScript(before);
  if (html) {
    await page.route(process.env.RAFTARIUM_URL, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: html(await response.text()) });
    });
  }
  await page.goto(process.env.RAFTARIUM_URL + hash);
  return { page, messages };
}

/** Writes target/screens/NAME-WIDTHxHEIGHT-THEME.png. */
export async function screenshot(page, name, theme) {
  mkdirSync(SCREENS, { recursive: true });
  const { width, height } = page.viewportSize();
  const file = new URL(`${name}-${width}x${height}-${theme}.png`, SCREENS);
  await page.screenshot({ path: file.pathname });
}

/** Yew has mounted: the first paint is gone. */
export async function mounted(page) {
  await page.waitForFunction(() => !document.querySelector(".first-paint"));
}
