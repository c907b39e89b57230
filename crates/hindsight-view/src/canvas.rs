//! A trace as pixels and pieces of text: waterfall, flame graph, minimap, ruler.
//!
//! In: an [`Explorer`](crate::explore::Explorer), the viewer's [`Input`]s, a [`Theme`]. Out: a
//! [`Picture`]: a frame buffer and texts to be set over it, which any surface with pixels can
//! show. Holds: what is smaller than a pixel is drawn as a pixel, errors over everything else, so
//! that no error vanishes by zooming out; foreign text is escaped. Cost of a picture: proportional
//! to pixels and to the logarithm of the number of spans, not to the number of spans
//! (`skip`). All lengths are device pixels.

mod about;
mod axis;
mod flame;
mod frame;
mod handle;
mod hint;
mod hit;
mod input;
mod lanes;
mod metrics;
mod minimap;
mod page;
mod picture;
pub(crate) mod rows;
mod ruler;
mod skip;
mod theme;
mod waterfall;

#[cfg(test)]
mod tests;

pub use axis::TimeAxis;
pub use frame::{Color, Frame, Rect};
pub use hint::Hint;
pub use hit::Hit;
pub use input::{Changes, Command, Input};
pub use lanes::Lanes;
pub use metrics::Metrics;
pub use minimap::Minimap;
pub use page::{Mode, TracePage};
pub use picture::{Font, Picture, TextRun};
pub use theme::Theme;
