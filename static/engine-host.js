// Holds one engine: a WebAssembly module that imports nothing, so that a copy of its memory is a
// save-game. Bytes in, bytes out.
//
// A trap inside the engine loses at most the request that caused it: the host keeps one keyframe (a
// copy of the whole memory) and every request served since; it starts a fresh instance from that
// keyframe, replays those requests, and throws an `EngineTrap` that says what was lost.
//
// Runs in a worker (engine-worker.js), on the page (engine-client.js) and in node (tests/browser).

/** A keyframe is taken before a request when the last one is older than this … */
const KEYFRAME_AGE_MS_MAX = 2000;
/** … or when so many requests came since. */
const KEYFRAME_REQUESTS_MAX = 256;
const PAGE_BYTES = 65536;

/** The engine trapped. By the time this is thrown, the host serves again. */
export class EngineTrap extends Error {
  constructor(trap, requestsLost) {
    super(trap);
    this.name = "EngineTrap";
    /** What the engine said: its panic message, or the browser's words. */
    this.trap = trap;
    /** Requests whose effect is gone: 1 is the trapping one alone. */
    this.requestsLost = requestsLost;
  }
}

export class EngineHost {
  /** @param {WebAssembly.Module} module the engine, compiled. */
  constructor(module) {
    this.module = module;
    this.start();
    this.keep();
  }

  /**
   * Serves one request. Both sides are postcard (src/engine/protocol.rs).
   * @param {Uint8Array} bytes
   * @returns {Uint8Array} a copy, the caller's own.
   * @throws {EngineTrap} after having recovered.
   */
  request(bytes) {
    const age = performance.now() - this.keptAt;
    if (this.since.length >= KEYFRAME_REQUESTS_MAX) this.keep();
    else if (this.since.length > 0 && age > KEYFRAME_AGE_MS_MAX) this.keep();
    let answer;
    try {
      answer = this.call(bytes);
    } catch (error) {
      throw this.recover(error);
    }
    this.since.push(bytes.slice());
    return answer;
  }

  /** A copy of the engine's whole memory: everything it knows. */
  save() {
    return new Uint8Array(this.engine.memory.buffer).slice();
  }

  /** Makes the engine what it was when `copy` was saved, by this host or another one. */
  restore(copy) {
    this.load(copy);
    this.keep();
  }

  /** A fresh instance. Its stack pointer, the one thing outside the memory, is at rest. */
  start() {
    this.engine = new WebAssembly.Instance(this.module, {}).exports;
  }

  /** The keyframe is now; nothing came since. */
  keep() {
    const memory = new Uint8Array(this.engine.memory.buffer);
    // Into the old copy where it fits: allocating 7 MB costs more than copying it.
    if (this.keyframe?.length === memory.length) this.keyframe.set(memory);
    else this.keyframe = memory.slice();
    this.since = [];
    this.keptAt = performance.now();
  }

  /** Memory cannot shrink: what has grown beyond the copy is left for a fresh instance. */
  load(copy) {
    if (this.engine.memory.buffer.byteLength > copy.length) this.start();
    const missing = copy.length - this.engine.memory.buffer.byteLength;
    if (missing > 0) this.engine.memory.grow(missing / PAGE_BYTES);
    new Uint8Array(this.engine.memory.buffer).set(copy);
  }

  /** One call into the engine, which may trap. */
  call(bytes) {
    const at = this.engine.alloc(bytes.length);
    new Uint8Array(this.engine.memory.buffer, at, bytes.length).set(bytes);
    return this.read(this.engine.request(at, bytes.length));
  }

  /** The bytes a pair {address, length} in the engine's memory points at. */
  read(pair) {
    const [at, length] = new Uint32Array(this.engine.memory.buffer, pair, 2);
    return new Uint8Array(this.engine.memory.buffer, at, length).slice();
  }

  /** From a trap back to the keyframe and on to the last request that went well. */
  recover(error) {
    const trap = this.lastWords(error);
    const since = this.since;
    let requestsLost = 1;
    try {
      this.start();
      this.load(this.keyframe);
      for (const bytes of since) this.call(bytes);
    } catch {
      this.start();
      this.load(this.keyframe);
      this.since = [];
      requestsLost += since.length;
    }
    return new EngineTrap(trap, requestsLost);
  }

  /** The panic message, when there is one and the broken instance can still tell it. */
  lastWords(error) {
    try {
      const words = new TextDecoder().decode(this.read(this.engine.panic_message()));
      if (words) return words;
    } catch {
      // Too broken to speak, as after a stack overflow.
    }
    return String(error?.message ?? error);
  }
}
