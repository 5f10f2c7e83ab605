import { test } from "node:test";
import { mkdirSync } from "node:fs";
import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";
test("look", async () => {
  const { page, messages } = await openPage({ viewport: VIEWPORTS[1], colorScheme: "dark" });
  const tab = (name) => page.getByRole("tab", { name });
  await page.getByRole("button", { name: /^etcd-\d, leader/ }).first().waitFor({ timeout: 60000 });
  await tab("Submit").click();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.evaluate(() => document.activeElement?.blur());
  for (let i = 0; i < 8; i++) await page.keyboard.press("]");
  await page.waitForTimeout(9000);
  for (const name of ["Metrics","Objects","Submit","Store"]) {
    await tab(name).first().click();
    await page.waitForTimeout(800);
    await tab(name).first().evaluate((it) => it.scrollIntoView({ block: "start" }));
    await page.evaluate(() => window.scrollBy(0, -60));
    await screenshot(page, "zz-n-" + name, "dark");
    await page.evaluate(() => window.scrollBy(0, 600));
    await screenshot(page, "zz-n2-" + name, "dark");
  }
});
