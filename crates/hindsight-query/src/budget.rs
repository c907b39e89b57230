//! How much evaluation may cost.

/// Steps that are left. A step is one look at one span by one part of a query, so a query costs at
/// most its leaves times the spans it is put to, and more where it asks for other spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    left: u64,
    cut: bool,
}

impl Budget {
    /// At most `steps`.
    pub const fn new(steps: u64) -> Self {
        Self {
            left: steps,
            cut: false,
        }
    }

    /// For views that are small by construction.
    pub const fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// Steps that are left.
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// Whether something was not looked at for want of steps: unknown verdicts may be for that
    /// reason, and what was not found may exist.
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Takes `steps`; false, and from then on cut, if there are not as many.
    pub const fn take(&mut self, steps: u64) -> bool {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                self.cut = true;
                false
            }
        }
    }
}
