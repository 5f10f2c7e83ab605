// The page's end of the engine. Loaded by index.html before the page's own module, it begins at
// once to fetch and compile the engine and leaves
//
//   window.raftariumEngine.request(bytes: Uint8Array): Promise<Uint8Array>
//   window.raftariumEngine.onTrap = (report: {trap: string, requestsLost: number}) => {}
//   window.raftariumEngine.where: Promise<"worker" | "page">
//   window.raftariumEngine.share(text: string): Promise<void>
//   window.raftariumEngine.shared(): Promise<string | null>
//   window.raftariumEngine.search(bytes: Uint8Array): Promise<Uint8Array>
//   window.raftariumEngine.endSearch(): void
//   window.raftariumEngine.sizes(): [bytes as fetched, bytes of the module]; [] when not known
//
// Requests made before the engine is there wait for it; they are served in order. When the engine
// traps, `onTrap` is told, the promise of that request is rejected with the same report (an Error),
// and the engine goes on from before that request. When the engine cannot be loaded at all, every
// promise is rejected with the reason.
//
// A search runs in an engine of its own, in another worker: it begins with the first request to it
// and ends at once with `endSearch`; what it had not answered by then is rejected.
//
// From Rust, with wasm-bindgen:
//
//   #[wasm_bindgen]
//   extern "C" {
//       #[wasm_bindgen(catch, js_namespace = raftariumEngine)]
//       async fn request(bytes: Vec<u8>) -> Result<JsValue, JsValue>;
//   }
//   let bytes = js_sys::Uint8Array::new(&request(bytes).await?).to_vec();
//
// This file, its neighbours engine-*.js and engine.wasm stand in one folder whose name is the hash
// of all of them (xtask/src/engine.rs), so they find each other relative to `import.meta.url`
// under any path, and a cache never mixes two builds.

import { EngineHost, EngineTrap } from "./engine-host.js";

/** A worker that has not said it runs by then is taken as forbidden. */
const WORKER_START_MS_MAX = 5000;

/** A run in an address: its version, and whether it is packed. Longer ones are packed. */
const PLAIN = "#v1:";
const PACKED = "#z1:";
const PLAIN_LENGTH_MAX = 600;

/** Puts a run (a script, src/engine/recorded.rs) into the address, and that into the clipboard. */
async function share(text) {
  const plain = encodeURIComponent(text.trim())
    .replaceAll("%20", "+")
    .replaceAll("%0A", ";")
    .replaceAll("%3D", "=")
    .replaceAll("%2F", "/")
    .replaceAll("%2C", ",");
  const isShort = plain.length <= PLAIN_LENGTH_MAX && !/[;+]/.test(text);
  const fragment = isShort ? PLAIN + plain : PACKED + (await pack(text));
  history.replaceState(null, "", fragment);
  await navigator.clipboard?.writeText(location.href).catch(() => {});
}

/** The run in the address; null when there is none. */
async function shared() {
  const fragment = location.hash;
  const version = /^#[vz](\d+):/.exec(fragment)?.[1];
  if (!version) return null;
  if (version !== "1") {
    throw new Error(`This link is of version ${version}; this page reads version 1`);
  }
  try {
    const body = fragment.slice(PLAIN.length);
    if (fragment.startsWith(PACKED)) return await unpack(body);
    return decodeURIComponent(body.replaceAll("+", " ").replaceAll(";", "\n"));
  } catch {
    throw new Error("This link is damaged: part of it is missing");
  }
}

async function pack(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpack(letters) {
  const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).text();
}

/** Starts one engine. Several may live on one page. */
export function connect(url = new URL("engine.wasm", import.meta.url)) {
  const module = compile(url);
  const start = (it) => startWorker(it).catch(() => onThisThread(it));
  const started = module.then(start);
  let searching = null;
  const client = {
    onTrap: null,
    share,
    shared,
    where: started.then((engine) => engine.where),
    sizes() {
      const it = performance.getEntriesByName(url.href)[0];
      return it?.decodedBodySize ? [it.encodedBodySize, it.decodedBodySize] : [];
    },
    async search(bytes) {
      searching ??= module.then(start);
      const engine = await searching;
      // Between two slices the page has its turn.
      if (engine.where === "page") await new Promise((done) => setTimeout(done));
      return engine.serve(bytes);
    },
    endSearch() {
      searching?.then((engine) => engine.end());
      searching = null;
    },
    async request(bytes) {
      const engine = await started;
      try {
        return await engine.serve(bytes);
      } catch (error) {
        if (error instanceof EngineTrap) {
          client.onTrap?.({ trap: error.trap, requestsLost: error.requestsLost });
        }
        throw error;
      }
    },
  };
  // Whoever asks is told; that nobody has asked yet is no error of its own.
  started.catch(() => {});
  client.where.catch(() => {});
  return client;
}

/** Compiles while the bytes arrive; also from a host that sends another content type. */
async function compile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`engine.wasm: HTTP ${response.status}`);
  if (response.headers.get("content-type")?.startsWith("application/wasm")) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/** The engine in a worker; rejected when the worker does not start. */
function startWorker(module) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("engine-worker.js", import.meta.url), { type: "module" });
    const open = new Map();
    let last = 0;
    let failed = null;
    const late = setTimeout(() => giveUp("the worker did not start"), WORKER_START_MS_MAX);
    function giveUp(why) {
      clearTimeout(late);
      worker.terminate();
      failed = new Error(why);
      reject(failed);
      for (const request of open.values()) request.reject(failed);
      open.clear();
    }
    function serve(bytes) {
      if (failed) return Promise.reject(failed);
      return new Promise((resolve, reject) => {
        last += 1;
        open.set(last, { resolve, reject });
        worker.postMessage({ id: last, bytes });
      });
    }
    worker.onerror = (event) => giveUp(event.message || "the worker failed");
    worker.onmessage = ({ data }) => {
      if (data.ready) {
        clearTimeout(late);
        resolve({ where: "worker", serve, end: () => giveUp("it was ended") });
        return;
      }
      const request = open.get(data.id);
      open.delete(data.id);
      if (data.bytes) request.resolve(data.bytes);
      else request.reject(new EngineTrap(data.trap, data.requestsLost));
    };
    worker.postMessage({ module });
  });
}

/** The engine on the page's own thread, where workers are forbidden: slower, and the same world. */
function onThisThread(module) {
  const host = new EngineHost(module);
  const serve = async (bytes) => {
    setTimeout(() => host.rest());
    return host.request(bytes);
  };
  return { where: "page", serve, end() {} };
}

globalThis.raftariumEngine ??= connect();
