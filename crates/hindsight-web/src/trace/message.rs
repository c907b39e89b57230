//! What page and worker tell each other, as bytes.
//!
//! In: [`Order`]s and [`Told`]s. Out: bytes in the protocol's own encoding, and back. Holds: both
//! ends are the same program, so bytes that cannot be read are a mistake of it; they are left out,
//! never a panic.

use facet::Facet;
use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{QueryProblem, Removal, TraceSummary};
use hindsight_protocol::introspection::picante::QueryGraph;
use hindsight_view::{Line, Role};

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum Order {
    /// Read this trace, and what comes of it.
    Follow(TraceId),
    /// Something happened on the canvas.
    Pointer(Pointer),
    /// A key, as `hindsight_view::keys` has them; buttons say the same.
    Key(String),
    /// Select this span, now or when it is told.
    Select(u64),
    /// Mark the spans that match; empty for none.
    Find(String),
    /// Draw with these: red, green and blue of each colour in the order of [`colors`](Self::Colors)
    /// of the worker, and the family of the font.
    Colors(Vec<u8>, String),
    /// Show this tab (`TraceTab::word`), sorted so (`listing::SortBy`).
    Tab(String, String),
    /// Tell these rows of the list: the first, and how many.
    Window(u32, u32),
    /// Show times in one clock, or as they were recorded.
    Align(bool),
    /// Keep the rows of the open list where they are, or no longer.
    Hold(bool),
}

/// Something that happened on the canvas; see `hindsight_view::canvas::Input`.
#[derive(Clone, Copy, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum Pointer {
    /// Width, height, scale.
    Resize(f32, f32, f32),
    /// Where, right, down, and whether it zooms.
    Wheel(f32, f32, f32, bool),
    /// Where, and whether it marks.
    Down(f32, f32, bool),
    /// To where.
    Move(f32, f32),
    /// Where.
    Up(f32, f32),
    /// Where.
    DoubleClick(f32, f32),
    /// Away.
    Leave,
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum Told {
    /// So many spans have been read, and whether that is all.
    Progress(u64, bool),
    /// The trace in short, once it is told; none when nothing of it is stored.
    Summary(Vec<TraceSummary>),
    /// What is known of spans that went.
    Removals(Vec<Removal>),
    /// Why there is no more to be told; empty when that is over.
    Trouble(String),
    /// What the picture shows.
    Shown(Box<Shown>),
    /// A picture of so many spans is on the canvas.
    Drawn(u64),
    /// What lies under the pointer or is selected by keys: one element, or none.
    Hint(Vec<Hint>),
    /// What a search found.
    Found(Found),
    /// Rows of a list.
    Rows(Box<Rows>),
    /// How many findings there are.
    Findings(u64),
    /// Queries of the trace.
    Queries(Box<TracedQueries>),
}

/// Queries of the trace, as far as its spans tell them.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct TracedQueries {
    /// Of which trace.
    pub trace: TraceId,
    /// Spans of queries, read or not.
    pub spans: u64,
    /// What they tell, once they were read: one element, or none.
    pub graph: Vec<QueryGraph>,
    /// Whose they are: `service.name` and process id of one of them.
    pub service: String,
    /// See `service`; 0 where it is not known.
    pub pid: u32,
    /// Why there is no more to be told; empty if that is all.
    pub trouble: String,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub enum Found {
    /// Nothing is searched.
    Nothing,
    /// So many spans, and perhaps why that may not be all.
    Spans(u64, String),
    /// What is wrong with the query.
    Refused(String, Vec<QueryProblem>),
    /// Why there is no answer.
    Trouble(String),
}

/// The state of the picture, as far as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Shown {
    /// Of which trace.
    pub trace: TraceId,
    /// Whether there is one.
    pub has_picture: bool,
    /// Rows of the waterfall.
    pub rows: u64,
    /// The selected one, from 1; 0 if none is.
    pub row: u64,
    /// The selected row in a sentence.
    pub described: String,
    /// What is selected, line by line.
    pub about: Vec<Vec<Piece>>,
    /// The selected span's id; 0 if none is.
    pub span: u64,
    /// Whether it has no end yet.
    pub is_open: bool,
    /// Whether the viewer chose it.
    pub is_chosen: bool,
    /// Whether the critical path is marked.
    pub shows_path: bool,
    /// Whether repeats are folded.
    pub is_grouped: bool,
    /// Whether clocks differ, so that aligning them shows something else.
    pub can_align: bool,
    /// What was moved to show times in one clock; empty while they are as recorded.
    pub clocks: Vec<Vec<Piece>>,
}

/// A note beside a part of the picture; see `hindsight_view::canvas::Hint`.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Hint {
    /// Where it points at, in device pixels of the canvas.
    pub x: f32,
    /// Upper edge of what it is about.
    pub top: f32,
    /// Lower edge.
    pub bottom: f32,
    /// What it says.
    pub lines: Vec<Vec<Piece>>,
    /// Whether keys led there; else the pointer.
    pub is_of_keys: bool,
}

/// A window of a list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Rows {
    /// Whose: `TraceTab::word`.
    pub tab: String,
    /// Names of the columns in links, empty for those that do not sort.
    pub keys: Vec<String>,
    /// Names of the columns for people.
    pub titles: Vec<String>,
    /// Whether a column holds numbers.
    pub are_numbers: Vec<bool>,
    /// Rows of the whole list.
    pub total: u64,
    /// What is to be said of it; perhaps nothing.
    pub note: String,
    /// Number of the first row here.
    pub first: u64,
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the selected span is, from 1, if the list should go there; else 0.
    pub go_to: u64,
}

/// A row of a list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Row {
    /// The span that a click selects; 0 if none.
    pub span: u64,
    /// Its cells.
    pub cells: Vec<Vec<Piece>>,
}

/// A piece of text and what it is.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Piece {
    /// A number for its [`Role`].
    pub role: u8,
    /// Escaped text.
    pub text: String,
}

/// Where roles of services and shades begin among the numbers.
const SERVICES: u8 = 64;
const SHADES: u8 = 128;

impl Piece {
    /// What it is.
    pub fn role(&self) -> Role {
        match self.role {
            1 => Role::Dim,
            2 => Role::Strong,
            3 => Role::Good,
            4 => Role::Warning,
            5 => Role::Error,
            6 => Role::Key,
            service @ SERVICES..SHADES => Role::Service(service - SERVICES),
            shade @ SHADES.. => Role::Heat(shade - SHADES),
            _ => Role::Plain,
        }
    }

    /// The pieces of a line.
    pub fn of_line(line: &Line) -> Vec<Self> {
        let piece = |segment: &hindsight_view::Segment| Self {
            role: number(segment.role()),
            text: segment.text().to_owned(),
        };
        line.segments().iter().map(piece).collect()
    }
}

fn number(role: Role) -> u8 {
    match role {
        Role::Plain => 0,
        Role::Dim => 1,
        Role::Strong => 2,
        Role::Good => 3,
        Role::Warning => 4,
        Role::Error => 5,
        Role::Key => 6,
        Role::Service(place) => SERVICES + place.min(SHADES - SERVICES - 1),
        Role::Heat(shade) => SHADES + shade.min(SHADES - 1),
    }
}

/// A message as bytes; empty if it cannot be written, which is a mistake of this program.
pub fn encode<'a, T: Facet<'a>>(message: &T) -> Vec<u8> {
    vox_phon::to_vec(message).unwrap_or_default()
}

/// The message that `bytes` hold.
pub fn decode<T: Facet<'static>>(bytes: &[u8]) -> Option<T> {
    vox_phon::from_slice(bytes).ok()
}
