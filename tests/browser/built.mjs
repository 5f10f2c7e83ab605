// Where the built folder is, and with which Chromium it is looked at.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const DIST = new URL("../../dist/", import.meta.url);

/** As root, Chromium's sandbox cannot be; in a container, /dev/shm is small. */
export const CHROMIUM_ARGS = [
  "--disable-dev-shm-usage",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

/** CHROME, or the first of the usual names on PATH. `cargo xtask test` always sets CHROME. */
export function findChromium() {
  if (process.env.CHROME) return process.env.CHROME;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = places.find(existsSync);
  if (!found) throw new Error("no Chromium: set CHROME, or run cargo xtask test");
  return found;
}
