//! The engine as a WebAssembly module that imports nothing.
//!
//! The host (`static/engine-host.js`) asks `alloc` for room, writes a request there, calls
//! `request` and reads the answer through a pair of address and length. After a trap
//! it asks `panic_message` what happened. To go back in time it does again what was done, with
//! `redo`, until `position` tells that it is there. A second instance of the module serves as the
//! vault of its keyframes (`vault_…`), and never makes a world.
//!
//! * The memory is the whole state: between two calls nothing lives outside of it, so a copy of it
//!   is a save-game.
//! * An answer stays valid until the next `request`.
//! * Equal memory and equal request give equal memory and equal answer.
//!
//! Caveats: on other targets this program does nothing; natively, call
//! [`raftarium::engine::door::serve`].
//!
//! Architecture invariant: no import, so no clock, no chance, no JavaScript; checked at every build
//! by `xtask/src/imports.rs`.

fn main() {}

#[cfg(target_arch = "wasm32")]
mod exports {
    // The only unsafe code of the project: the border of the module is made of raw addresses.
    #![allow(unsafe_code)]

    use std::cell::RefCell;
    use std::panic;
    use std::ptr;

    use raftarium::engine::{Vault, door};

    /// Bytes in this module's memory, as the host reads them.
    #[repr(C)]
    pub struct Slice {
        at: *const u8,
        len: usize,
    }

    impl Slice {
        const EMPTY: Slice = Slice { at: ptr::null(), len: 0 };
    }

    /// What the host is allowed to read: kept here so that it outlives the call.
    struct Outbox {
        bytes: Vec<u8>,
        slice: Slice,
    }

    impl Outbox {
        const fn new() -> Self {
            Outbox { bytes: Vec::new(), slice: Slice::EMPTY }
        }

        /// Keeps `bytes` until the next call and says where they are.
        fn keep(&mut self, bytes: Vec<u8>) -> *const Slice {
            self.bytes = bytes;
            self.slice = Slice { at: self.bytes.as_ptr(), len: self.bytes.len() };
            &raw const self.slice
        }
    }

    thread_local! {
        static ANSWER: RefCell<Outbox> = const { RefCell::new(Outbox::new()) };
        static LAST_WORDS: RefCell<Outbox> = const { RefCell::new(Outbox::new()) };
    }

    /// Room for a request of `len` bytes. It belongs to the `request` that follows.
    #[unsafe(no_mangle)]
    pub extern "C" fn alloc(len: usize) -> *mut u8 {
        remember_last_words();
        Box::into_raw(vec![0_u8; len].into_boxed_slice()).cast()
    }

    /// Serves the postcard `Request` at `at`; the answer is a postcard `Update`.
    ///
    /// # Safety
    /// `at` and `len` are those of the last `alloc`, and no `request` has had them yet.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn request(at: *mut u8, len: usize) -> *const Slice {
        // SAFETY: by this function's contract this is the box that `alloc` gave away.
        let bytes = unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(at, len)) };
        let answer = door::serve(&bytes);
        ANSWER.with_borrow_mut(|outbox| outbox.keep(answer))
    }

    /// Serves the request at `at` without an answer: what it led to is told with the next one.
    ///
    /// # Safety
    /// As for `request`.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn redo(at: *mut u8, len: usize) {
        // SAFETY: by this function's contract this is the box that `alloc` gave away.
        let bytes = unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(at, len)) };
        door::redo(&bytes);
    }

    /// Where the engine is: seven 64-bit numbers (`door::position`).
    #[unsafe(no_mangle)]
    pub extern "C" fn position() -> *const u64 {
        thread_local!(static NUMBERS: RefCell<[u64; 7]> = const { RefCell::new([0; 7]) });
        NUMBERS.with_borrow_mut(|numbers| {
            *numbers = door::position();
            numbers.as_ptr()
        })
    }

    thread_local! {
        static VAULT: RefCell<Vault> = RefCell::default();
    }

    /// What stands for "no keyframe".
    const NONE: u32 = u32::MAX;

    /// Room in the vault for an image of so many bytes.
    #[unsafe(no_mangle)]
    pub extern "C" fn vault_room(bytes: usize) -> *mut u8 {
        VAULT.with_borrow_mut(|vault| vault.room(bytes).as_mut_ptr())
    }

    /// Keeps the image in the room as what differs from `parent`; the keyframe's number.
    #[unsafe(no_mangle)]
    pub extern "C" fn vault_keep(parent: u32) -> u32 {
        let parent = Some(parent).filter(|parent| *parent != NONE);
        VAULT.with_borrow_mut(|vault| vault.keep(parent)).unwrap_or(NONE)
    }

    /// Puts a keyframe's image into the room; its bytes, 0 when there is none.
    #[unsafe(no_mangle)]
    pub extern "C" fn vault_fetch(id: u32) -> usize {
        VAULT.with_borrow_mut(|vault| vault.fetch(id).map_or(0, <[u8]>::len))
    }

    /// Lets a keyframe go.
    #[unsafe(no_mangle)]
    pub extern "C" fn vault_forget(id: u32) {
        VAULT.with_borrow_mut(|vault| vault.forget(id));
    }

    /// Bytes a keyframe takes.
    #[unsafe(no_mangle)]
    pub extern "C" fn vault_bytes(id: u32) -> usize {
        VAULT.with_borrow(|vault| vault.bytes(id))
    }

    /// Why the module trapped; empty when it did not panic.
    #[unsafe(no_mangle)]
    pub extern "C" fn panic_message() -> *const Slice {
        LAST_WORDS.with_borrow(|outbox| &raw const outbox.slice)
    }

    /// From now on a panic leaves its message where `panic_message` finds it.
    fn remember_last_words() {
        thread_local!(static DONE: RefCell<bool> = const { RefCell::new(false) });
        if DONE.replace(true) {
            return;
        }
        panic::set_hook(Box::new(|info| {
            let words = info.to_string().into_bytes();
            LAST_WORDS.with_borrow_mut(|outbox| outbox.keep(words));
        }));
    }
}
