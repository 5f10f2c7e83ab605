// A static host as plain as they come: files under a path, no rewriting, 404 for what is not there.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Serves `folder` under `path` (which ends with a slash) on loopback: {url, close}. */
export async function serve(folder, path) {
  const server = createServer(async (request, response) => {
    const asked = decodeURIComponent(new URL(request.url, "http://host").pathname);
    const inside = normalize(asked.slice(path.length) || "index.html");
    try {
      if (!asked.startsWith(path) || inside.startsWith("..")) throw new Error("outside");
      const bytes = await readFile(join(folder, inside));
      response.writeHead(200, {
        "content-type": TYPES[extname(inside)] ?? "application/octet-stream",
        "cache-control": "no-store",
      });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}${path}`,
    close: () => server.close(),
  };
}
