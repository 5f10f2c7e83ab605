// Keyframes of an engine: copies of its whole memory, kept small in a vault, which is a second
// instance of the engine's own module (src/engine/vault.rs).
//
// A keyframe is kept as what differs from its parent. All together they stay within a limit: beyond
// it those go that are nobody's parent and leave the smallest gap, so that the whole run stays
// reachable, from further away.

/** All keyframes together. */
export const KEYFRAME_BYTES_MAX = 256 * 2 ** 20;
/** Keyframes that are kept as what differs from the same parent. */
const CHILDREN_MAX = 6;
/** Parents of a keyframe, as in src/engine/vault.rs. */
const DEPTH_MAX = 2;
/** What stands for "no keyframe" in the module. */
const NONE = 0xffff_ffff;

export class Keyframes {
  /** @param {WebAssembly.Module} module the engine, compiled. */
  constructor(module) {
    this.module = module;
    this.clear();
  }

  clear() {
    this.vault = null;
    this.count = 0;
    this.bytes = 0;
  }

  /**
   * Keeps a memory; `before` is the keyframe before it, `what` the caller's own words on it, with
   * `work`: how far it is from the beginning. Null when there is no room; then all are gone.
   */
  keep(memory, before, what) {
    let parent = before;
    while (parent && (parent.depth === DEPTH_MAX || parent.children >= CHILDREN_MAX)) {
      parent = parent.parent;
    }
    let id = NONE;
    try {
      this.vault ??= new WebAssembly.Instance(this.module, {}).exports;
      const room = this.vault.vault_room(memory.length);
      new Uint8Array(this.vault.memory.buffer, room, memory.length).set(memory);
      id = this.vault.vault_keep(parent?.id ?? NONE);
    } catch {
      // Out of memory, and so the instance is broken.
    }
    if (id === NONE) {
      this.clear();
      return null;
    }
    if (parent) parent.children += 1;
    const bytes = this.vault.vault_bytes(id);
    this.count += 1;
    this.bytes += bytes;
    return { ...what, id, parent, depth: parent ? parent.depth + 1 : 0, children: 0, bytes };
  }

  /** The memory that was kept, until anything else is asked of this. */
  fetch(keyframe) {
    const length = this.vault.vault_fetch(keyframe.id);
    const room = this.vault.vault_room(length);
    return new Uint8Array(this.vault.memory.buffer, room, length);
  }

  /** Lets one go that is nobody's parent. */
  drop(keyframe) {
    this.vault.vault_forget(keyframe.id);
    this.count -= 1;
    this.bytes -= keyframe.bytes;
    if (keyframe.parent) keyframe.parent.children -= 1;
  }

  /** Lets go of what is too much. */
  bound(branches) {
    while (this.bytes > KEYFRAME_BYTES_MAX && this.thinOut(branches));
  }

  /** Lets the keyframe go that leaves the smallest gap. Whether there was one. */
  thinOut(branches) {
    let [least, victim] = [Infinity, null];
    for (const { keyframes } of branches) {
      for (let i = 1; i < keyframes.length - 1; i += 1) {
        const gap = keyframes[i + 1].work - keyframes[i - 1].work;
        if (keyframes[i].children === 0 && gap < least) [least, victim] = [gap, keyframes[i]];
      }
    }
    if (!victim) return false;
    this.drop(victim);
    for (const branch of branches) {
      branch.keyframes = branch.keyframes.filter((keyframe) => keyframe !== victim);
    }
    return true;
  }
}
