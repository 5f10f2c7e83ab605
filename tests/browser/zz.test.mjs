import { test } from "node:test";
import { THEMES, VIEWPORTS, openPage, screenshot } from "./harness.mjs";
test("look", async () => {
  const { page, messages } = await openPage();
  const tab = (name) => page.getByRole("tab", { name });
  await page.getByRole("button", { name: /^etcd-\d, leader/ }).first().waitFor({ timeout: 60000 });
  await page.locator(".header-config").click();
  await page.waitForTimeout(500);
  for (const v of VIEWPORTS) { await page.setViewportSize(v); for (const t of THEMES) { await page.emulateMedia({ colorScheme: t }); await screenshot(page, "zz-settings", t); } }
  const box = page.locator(".settings");
  await box.evaluate((it) => { const d = it.querySelector("form") ?? it; d.scrollTop = 99999; it.scrollTop = 99999; });
  await screenshot(page, "zz-settings-end", "dark");
  await page.setViewportSize(VIEWPORTS[0]);
  await page.keyboard.press("Escape");
  await page.waitForTimeout(300);
  await tab("Submit").click();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.locator(".write-path-outcome").filter({ hasText: "created" }).waitFor({ timeout: 60000 });
  for (let i = 0; i < 8; i++) await page.keyboard.press("]");
  await page.evaluate(() => document.activeElement?.blur());
  for (let i = 0; i < 8; i++) await page.keyboard.press("]");
  await page.waitForTimeout(9000);
  const names = await page.getByRole("tab").allInnerTexts();
  console.log(names.join("|"));
  for (const name of names) {
    await page.setViewportSize(VIEWPORTS[0]);
    await tab(name.trim()).first().click();
    await page.waitForTimeout(800);
    for (const v of VIEWPORTS) { await page.setViewportSize(v); for (const t of THEMES) { await page.emulateMedia({ colorScheme: t }); await page.waitForTimeout(200); await screenshot(page, "zz-" + name.trim().toLowerCase().replace(/\W+/g,"-"), t); } }
  }
  console.log(messages);
});
