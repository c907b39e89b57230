//! A frame buffer: colours in, bytes for a surface out.

/// A colour without transparency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Color {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Color {
    /// Of three parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Reads `#rrggbb` and `rgb(1, 2, 3)`, as style sheets compute them; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(digits) = text.strip_prefix('#') {
            let is_hex = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let bits = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
            let [_, red, green, blue] = bits.to_be_bytes();
            return Some(Self { red, green, blue });
        }
        let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let mut parts = inner.split(',').map(|part| part.trim().parse().ok());
        let color = Self {
            red: parts.next()??,
            green: parts.next()??,
            blue: parts.next()??,
        };
        parts.next().is_none().then_some(color)
    }

    /// The way from this colour to `other`: 0 is this one, 1 the other.
    pub fn mix(self, other: Self, share: f32) -> Self {
        let share = share.clamp(0.0, 1.0);
        let part = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share) as u8;
        Self {
            red: part(self.red, other.red),
            green: part(self.green, other.green),
            blue: part(self.blue, other.blue),
        }
    }

    /// Black or white, whichever is easier to read over this colour (WCAG's relative luminance).
    pub fn readable(self) -> Self {
        let linear = |part: u8| {
            let part = f32::from(part) / 255.0;
            match part <= 0.040_45 {
                true => part / 12.92,
                false => ((part + 0.055) / 1.055).powf(2.4),
            }
        };
        let [red, green, blue] = [self.red, self.green, self.blue].map(linear);
        let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        // Where black and white have the same contrast.
        match luminance > 0.179 {
            true => Self::new(0, 0, 0),
            false => Self::new(255, 255, 255),
        }
    }

    fn bytes(self) -> [u8; 4] {
        [self.red, self.green, self.blue, 255]
    }
}

/// A rectangle in pixels: left, top, right, bottom. What lies outside of a frame is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Lower edge.
    pub bottom: f32,
}

impl Rect {
    /// By its edges.
    pub const fn new(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// Whether the point lies in it.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        x >= self.left && x < self.right && y >= self.top && y < self.bottom
    }

    /// The part of it that `other` has too.
    pub fn cut_to(&self, other: &Rect) -> Rect {
        Rect {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }
}

/// Pixels, row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
}

/// Longest edge of a frame: what a surface may ask for is bounded.
pub(super) const EDGE_MAX: usize = 16_384;

impl Frame {
    /// Makes all pixels `color`, `width` by `height` of them, each at most 16,384.
    pub fn reset(&mut self, width: usize, height: usize, color: Color) {
        self.width = width.min(EDGE_MAX);
        self.height = height.min(EDGE_MAX);
        self.pixels.clear();
        let pixels = self.width * self.height;
        self.pixels.resize(pixels, color.bytes());
    }

    /// Pixels from left to right.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green, blue and opacity (always 255) of each pixel.
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// The colour of a pixel.
    pub fn pixel(&self, x: usize, y: usize) -> Option<Color> {
        let inside = x < self.width && y < self.height;
        let at = y * self.width + x;
        let [red, green, blue, _] = *self.pixels.get(at).filter(|_| inside)?;
        Some(Color { red, green, blue })
    }

    /// Fills a rectangle. Its left and right edge may lie between pixels, which then take their
    /// share of the colour; upper and lower edges are rounded.
    pub fn fill(&mut self, rect: Rect, color: Color) {
        self.paint(rect, |_, _| Some(color));
    }

    /// Fills a rectangle with diagonal stripes.
    pub fn hatch(&mut self, rect: Rect, color: Color, gap: Color) {
        self.paint(rect, |x, y| {
            let is_stripe = (x + y) % 6 < 3;
            Some(if is_stripe { color } else { gap })
        });
    }

    /// Fills a rectangle with broken lines from top to bottom.
    pub fn stripe(&mut self, rect: Rect, color: Color, gap: Color) {
        self.paint(rect, |x, _| Some(if x % 4 < 3 { color } else { gap }));
    }

    fn paint(&mut self, rect: Rect, color: impl Fn(usize, usize) -> Option<Color>) {
        let left = rect.left.clamp(0.0, self.width as f32);
        let right = rect.right.clamp(0.0, self.width as f32);
        let top = rect.top.round().clamp(0.0, self.height as f32) as usize;
        let bottom = rect.bottom.round().clamp(0.0, self.height as f32) as usize;
        if left >= right || top >= bottom {
            return;
        }
        let (first, last) = (left as usize, right.ceil() as usize);
        for y in top..bottom {
            let row = &mut self.pixels[y * self.width..][first..last];
            for (x, pixel) in (first..).zip(row) {
                let Some(color) = color(x, y) else { continue };
                let covered = (right.min(x as f32 + 1.0) - left.max(x as f32)).min(1.0);
                *pixel = match covered >= 1.0 {
                    true => color.bytes(),
                    false => {
                        let [red, green, blue, _] = *pixel;
                        Color { red, green, blue }.mix(color, covered).bytes()
                    }
                };
            }
        }
    }
}
