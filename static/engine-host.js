// Holds one engine: a WebAssembly module that imports nothing, so that a copy of its memory is a
// save-game. Bytes in, bytes out.
//
// A run is a world, the reader's actions at their positions (micro-step and instant), and time: how
// one steps through it changes nothing. So the host keeps the actions and, now and then, a keyframe
// (a copy of the whole memory), and any position of the run is reached again from the last keyframe
// before it (engine-keyframes.js).
//
// Actions in the past begin another branch of the run; keyframes from before are shared.
//
// A trap inside the engine loses at most the request that caused it: the host starts a fresh
// instance where the last one was, and throws an `EngineTrap` that says what was lost.
//
// Runs in a worker (engine-worker.js), on the page (engine-client.js) and in node (tests/browser).

import { KEYFRAME_BYTES_MAX, Keyframes } from "./engine-keyframes.js";

/** A keyframe is taken after so much work: about 10 ms of a middling machine's… */
const KEYFRAME_WORK = 16_000;
/** …or so much, when half of their room is taken: they cost time, and will be thinned out. */
const KEYFRAME_WORK_LATE = 40_000;
/** An action of the reader's is about as much work as so many micro-steps. */
const ACT_WORK = 80;

const WASM_PAGE_BYTES = 65536;

/** Requests (src/engine/protocol.rs), by the number of their variant. */
const [BOOT, ACT, ADVANCE, STEP, , GO, BACK, FORK, SWITCH, FORGET, RUN, FIND, TELL, SHOW] =
  Array.from({ length: 14 }, (_, variant) => variant);
/** An action that is answered: done again, it is the action alone. */
const POST = 17;
/** What stops a step by message, event, instant (src/script/stop.rs). */
const STEP_STOPS = [[0, 0], [1], [2]];

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

/** Positions are [instant, micro-steps, actions], and in order within a run. */
function compare(a, b) {
  const index = a.findIndex((part, index) => part !== b[index]);
  return index < 0 ? 0 : a[index] < b[index] ? -1 : 1;
}

/** The work it takes to get to a position from the beginning. */
const workTo = ([, steps, acts]) => Number(steps) + ACT_WORK * Number(acts);

/** Postcard's integers. */
function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

/** So many of postcard's integers from `start` on, and what is behind them. */
function integers(bytes, start, count) {
  const values = [];
  let at = start;
  while (values.length < count) {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    values.push(value);
  }
  return [values, bytes.subarray(at)];
}

const encoded = (variant, position, rest = []) =>
  Uint8Array.from([variant, ...position.flatMap(varint), ...rest]);

export class EngineHost {
  /** @param {WebAssembly.Module} module the engine, compiled. */
  constructor(module) {
    this.module = module;
    this.forgetAll();
    this.start();
  }

  /**
   * Serves one request. Both sides are postcard (src/engine/protocol.rs).
   * @param {Uint8Array} bytes
   * @returns {Uint8Array} a copy, the caller's own.
   * @throws {EngineTrap} after having recovered.
   */
  request(bytes) {
    this.rest();
    try {
      return this.serve(bytes);
    } catch (error) {
      throw this.recover(error);
    } finally {
      this.arrive();
    }
  }

  /** Takes a keyframe, if it is time to: between two requests, when nobody waits. */
  rest() {
    const last = this.keyframeBefore(this.at);
    const due = this.keyframes.bytes > KEYFRAME_BYTES_MAX / 2 ? KEYFRAME_WORK_LATE : KEYFRAME_WORK;
    const done = workTo(this.at) - (last ? workTo(last.at) : 0);
    const rested = this.now() - this.keptAt >= 4 * this.keptInMs; // a fifth of the time at most
    if (this.boot && done >= due && rested) this.keep();
  }

  /** A copy of the engine's whole memory: everything it knows. */
  save() {
    return new Uint8Array(this.engine.memory.buffer).slice();
  }

  /** What is kept: keyframes, their bytes, branches, and the milliseconds the last one took. */
  figures() {
    const { keyframes, branches, keptInMs } = this;
    const { count, bytes } = keyframes;
    return { keyframes: count, keyframeBytes: bytes, branches: branches.size, keptInMs };
  }

  /** No world, no past. */
  forgetAll() {
    this.keyframes = new Keyframes(this.module);
    this.branch = { id: 0, acts: [], keyframes: [], end: [0n, 0n, 0n] };
    this.branches = new Map([[0, this.branch]]);
    this.boot = null;
    this.at = [0n, 0n, 0n];
    /** How many of the branch's actions the engine has done. */
    this.applied = 0;
    this.keptInMs = this.keptAt = 0;
  }

  serve(bytes) {
    switch (bytes[0]) {
      case BOOT:
        return this.begin(bytes);
      case ACT:
      case POST:
        return this.act(bytes);
      case ADVANCE:
      case STEP:
        return this.applied < this.branch.acts.length ? this.goOn(bytes) : this.call(bytes);
      case GO:
        this.go(integers(bytes, 1, 3)[0]);
        return this.show(true);
      case BACK:
        return this.back(bytes.subarray(1));
      case FORK:
        this.fork(Number(integers(bytes, 1, 1)[0][0]));
        return this.show(true);
      case SWITCH: {
        const [[id, ...to]] = integers(bytes, 1, 4);
        this.switchTo(Number(id), to);
        return this.show(true);
      }
      case FORGET:
        this.forget(Number(integers(bytes, 1, 1)[0][0]));
        return this.show(true);
      default:
        return this.call(bytes);
    }
  }

  begin(bytes) {
    const answer = this.call(bytes);
    // Bytes that were no request leave the world as it is.
    if (this.position()[1] === 0n) {
      this.forgetAll();
      this.boot = bytes.slice();
      this.arrive();
      this.keep();
    }
    return answer;
  }

  /** Whatever was done later stays in the branch it was done in. */
  act(bytes) {
    const answer = this.call(bytes);
    if (compare(this.at, this.branch.end) < 0) this.fork(Math.max(...this.branches.keys()) + 1);
    this.branch.acts.push({ at: this.at, bytes: bytes.slice() });
    this.applied += 1;
    return answer;
  }

  /** Lets time pass where actions are known: each is done again at its position. */
  goOn(bytes) {
    const isStep = bytes[0] === STEP;
    let to = null;
    let stops = [1, ...(STEP_STOPS[bytes[1]] ?? [])];
    if (!isStep) {
      const [[nanos], rest] = integers(bytes, 1, 1);
      [to, stops] = [[this.at[0] + nanos, 2n ** 64n - 1n, 2n ** 64n - 1n], rest];
    }
    for (const act of this.branch.acts.slice(this.applied)) {
      if (to && compare(to, act.at) < 0) break;
      this.redo(encoded(RUN, act.at, stops));
      if (this.position()[6] === 1n) return this.call(Uint8Array.of(TELL));
      this.redo(act.bytes);
      this.applied += 1;
      if (isStep) return this.call(Uint8Array.of(TELL));
    }
    return this.call(encoded(RUN, to, stops));
  }

  /** To any position of the branch. */
  go(to) {
    const keyframe = this.keyframeBefore(to);
    const isNearer = !keyframe || compare(keyframe.at, this.at) <= 0;
    const isOnTheWay = isNearer && compare(this.at, to) <= 0;
    if (!isOnTheWay) this.restore(keyframe);
    this.replay(to);
  }

  /** From where the engine is to a later position of the branch. */
  replay(to) {
    for (const { at, bytes } of this.branch.acts.slice(this.applied)) {
      if (compare(at, to) >= 0) break;
      this.redo(encoded(RUN, at, [0]));
      this.redo(bytes);
      this.applied += 1;
    }
    this.redo(encoded(RUN, to, [0]));
    this.arrive();
  }

  /** To the last position at which something held: looked for from keyframe to keyframe. */
  back(stop) {
    const from = this.at;
    let until = from;
    for (const keyframe of this.branch.keyframes.toReversed()) {
      if (compare(keyframe.at, from) >= 0) continue;
      this.restore(keyframe);
      this.redo(Uint8Array.from([FIND, ...stop, ...from.flatMap(varint)]));
      this.replay(until);
      const found = [...this.position().slice(3, 6)];
      if (found[1] > 0n) {
        this.go(found);
        return this.show(true);
      }
      until = keyframe.at;
    }
    this.go(from);
    return this.show(false);
  }

  fork(id) {
    const { branch, at } = this;
    const keyframes = branch.keyframes.filter((keyframe) => compare(keyframe.at, at) <= 0);
    this.branch = { id, acts: branch.acts.slice(0, this.applied), keyframes, end: at };
    this.branches.set(id, this.branch);
  }

  switchTo(id, to) {
    const branch = this.branches.get(id);
    if (!branch || branch === this.branch) return this.go(to);
    this.branch = branch;
    this.restore(this.keyframeBefore(to));
    return this.replay(to);
  }

  forget(id) {
    const branch = this.branches.get(id);
    if (!branch || branch === this.branch) return;
    this.branches.delete(id);
    // Children before their parents.
    for (const keyframe of branch.keyframes.toReversed()) {
      const isKept = [...this.branches.values()].some((it) => it.keyframes.includes(keyframe));
      if (!isKept) this.keyframes.drop(keyframe);
    }
  }

  keyframeBefore(at) {
    return this.branch.keyframes.findLast((keyframe) => compare(keyframe.at, at) <= 0) ?? null;
  }

  /** The present becomes a keyframe of the branch. */
  keep() {
    const began = this.now();
    const { branch, at, applied } = this;
    const before = this.keyframeBefore(at);
    const memory = new Uint8Array(this.engine.memory.buffer);
    const keyframe = this.keyframes.keep(memory, before, { at, applied, work: workTo(at) });
    if (keyframe) {
      branch.keyframes.splice(branch.keyframes.indexOf(before) + 1, 0, keyframe);
      this.keyframes.bound([...this.branches.values()]);
    } else {
      // No memory is left: the past is run again from its beginning.
      for (const branch of this.branches.values()) branch.keyframes = [];
    }
    this.keptInMs = (this.keptAt = this.now()) - began;
  }

  /** The engine as it was at a keyframe; without one, as it was made. */
  restore(keyframe) {
    if (keyframe) {
      this.load(this.keyframes.fetch(keyframe));
    } else {
      this.start();
      if (this.boot) this.call(this.boot);
    }
    this.applied = keyframe?.applied ?? 0;
    this.arrive();
  }

  /** Memory cannot shrink: what has grown beyond the copy is left for a fresh instance. */
  load(copy) {
    if (this.engine.memory.buffer.byteLength > copy.length) this.start();
    const missing = copy.length - this.engine.memory.buffer.byteLength;
    if (missing > 0) this.engine.memory.grow(missing / WASM_PAGE_BYTES);
    new Uint8Array(this.engine.memory.buffer).set(copy);
  }

  /** A fresh instance. Its stack pointer, the one thing outside the memory, is at rest. */
  start() {
    this.engine = new WebAssembly.Instance(this.module, {}).exports;
  }

  /** Remembers where the engine is. */
  arrive() {
    this.at = [...this.position().slice(0, 3)];
    if (compare(this.branch.end, this.at) < 0) this.branch.end = this.at;
  }

  /** Milliseconds from any beginning. */
  now() {
    return performance.now();
  }

  /** Seven numbers (src/engine/door.rs). */
  position() {
    return new BigUint64Array(this.engine.memory.buffer, this.engine.position(), 7);
  }

  /** One call into the engine, which may trap. */
  call(bytes) {
    return this.read(this.engine.request(this.write(bytes), bytes.length));
  }

  /** The same, when nobody waits for an answer. */
  redo(bytes) {
    this.engine.redo(this.write(bytes), bytes.length);
  }

  write(bytes) {
    const at = this.engine.alloc(bytes.length);
    new Uint8Array(this.engine.memory.buffer, at, bytes.length).set(bytes);
    return at;
  }

  show(reached) {
    return this.call(Uint8Array.of(SHOW, reached ? 1 : 0));
  }

  /** The bytes a pair {address, length} in the engine's memory points at. */
  read(pair) {
    const [at, length] = new Uint32Array(this.engine.memory.buffer, pair, 2);
    return new Uint8Array(this.engine.memory.buffer, at, length).slice();
  }

  /** After a trap: back to where the engine was before the request. */
  recover(error) {
    const trap = this.lastWords(error);
    const { at, applied } = this;
    const keyframe = this.keyframeBefore(at);
    let requestsLost = 1;
    try {
      this.start();
      this.restore(keyframe);
      this.replay(at);
    } catch {
      this.start();
      this.restore(keyframe);
      requestsLost += applied - this.applied;
      this.branch.acts.length = this.applied;
      this.branch.end = this.at;
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
