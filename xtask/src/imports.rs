//! What a WebAssembly module imports, read from its bytes.
//!
//! * The engine must import nothing: an import would be a way for time or chance to come in, and a
//!   copy of its memory would no longer be all of it.
//!
//! Caveats: reads only as far as the import section; the rest of the module is not checked.
//!
//! Architecture invariant: pure; bytes in, names out.

use crate::project::Outcome;

const IMPORT_SECTION: u8 = 2;

/// The imports as `module.name`, in order.
pub fn names(wasm: &[u8]) -> Outcome<Vec<String>> {
    let mut bytes = Bytes(wasm);
    if bytes.take(8)? != b"\0asm\x01\0\0\0" {
        return Err("not a WebAssembly module of version 1".into());
    }
    while !bytes.0.is_empty() {
        let section = bytes.byte()?;
        let length = bytes.number()?;
        let content = bytes.take(length)?;
        if section == IMPORT_SECTION {
            return read_section(Bytes(content));
        }
    }
    Ok(Vec::new())
}

fn read_section(mut bytes: Bytes) -> Outcome<Vec<String>> {
    let count = bytes.number()?;
    let mut names = Vec::new();
    for _ in 0..count {
        let module = bytes.name()?;
        let name = bytes.name()?;
        bytes.skip_description()?;
        names.push(format!("{module}.{name}"));
    }
    Ok(names)
}

/// Bytes not read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Outcome<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or("the module ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Outcome<u8> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> Outcome<usize> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(value).map_err(|_| "a number is too large".to_string());
            }
        }
        Err("a number is too long".into())
    }

    fn name(&mut self) -> Outcome<String> {
        let length = self.number()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// What kind of thing is imported: WebAssembly core specification 5.5.5.
    fn skip_description(&mut self) -> Outcome {
        match self.byte()? {
            // A function: its type.
            0 => drop(self.number()?),
            // A table: the type of its elements, its limits.
            1 => {
                self.byte()?;
                self.skip_limits()?;
            }
            // A memory: its limits.
            2 => self.skip_limits()?,
            // A global: its type and whether it may change.
            3 => drop(self.take(2)?),
            kind => return Err(format!("an import of unknown kind {kind}")),
        }
        Ok(())
    }

    fn skip_limits(&mut self) -> Outcome {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn names_every_import() {
        // A memory `env.m` with limits 1..2, then a function `env.now` of type 0.
        let imports = b"\x02\x03env\x01m\x02\x01\x01\x02\x03env\x03now\x00\x00";
        let length = [u8::try_from(imports.len()).unwrap()];
        let wasm = [HEAD, b"\x02", &length, imports].concat();
        assert_eq!(names(&wasm).unwrap(), ["env.m", "env.now"]);
    }

    #[test]
    fn a_module_without_imports_has_none() {
        assert_eq!(names(&[HEAD, b"\x01\x01\x00"].concat()).unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_module_is_told() {
        assert!(names(b"<!DOCTYPE html>").is_err());
        assert!(names(&[HEAD, b"\x02\x7f\x01"].concat()).is_err());
    }
}
