//! Index in the source -> index in the builder, filled as needed.

#[derive(Debug)]
pub(super) struct Remap {
    /// Index plus one; 0 = not known.
    known: Vec<u32>,
    filled: Vec<u32>,
}

impl Remap {
    pub(super) fn new(len: usize) -> Self {
        Self {
            known: vec![0; len],
            filled: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<u32> {
        self.known.get(index)?.checked_sub(1)
    }

    /// Outside the source's table nothing is remembered.
    pub(super) fn set(&mut self, index: usize, to: u32) {
        if let Some(known) = self.known.get_mut(index) {
            *known = to + 1;
            self.filled.push(index as u32);
        }
    }

    pub(super) fn clear(&mut self) {
        for index in self.filled.drain(..) {
            self.known[index as usize] = 0;
        }
    }
}
