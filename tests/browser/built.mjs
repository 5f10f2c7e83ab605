// Where the built folder is, what is in it, and with which Chromium it is looked at.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

export const DIST = process.env.RAFTARIUM_DIST
  ? pathToFileURL(join(process.env.RAFTARIUM_DIST, "/"))
  : new URL("../../dist/", import.meta.url);

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

/** The engine of the built page, compiled. */
export function engineModule() {
  const folder = readdirSync(DIST).find((name) => name.startsWith("engine-"));
  return new WebAssembly.Module(readFileSync(new URL(`${folder}/engine.wasm`, DIST)));
}

/** A script of `static/`, as the module it is in the browser, with what it imports. */
export const importStatic = (name) => import(staticUrl(name));

function staticUrl(name) {
  const source = readFileSync(new URL(`../../static/${name}`, import.meta.url), "utf8");
  const whole = source.replace(/from "\.\/([\w-]+\.js)"/g, (_, it) => `from "${staticUrl(it)}"`);
  return `data:text/javascript;base64,${Buffer.from(whole).toString("base64")}`;
}
