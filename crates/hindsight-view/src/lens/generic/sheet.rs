//! A method, to be read and perhaps called.

use hindsight_schema::Method;

use crate::format;

/// Cells of a signature, of a definition, of a line of documentation.
const CELLS_MAX: usize = 400;
/// Most lines of a documentation.
const LINES_MAX: usize = 12;
/// Most methods of a service.
const METHODS_MAX: usize = 200;

/// Whether a method may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The app says that it changes nothing.
    Free,
    /// The app lets it be called; it may change something, so the caller is asked first.
    Ask,
    /// The app does not let it be called.
    No,
}

/// What is shown of a method, escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodSheet {
    /// Its name.
    pub name: String,
    /// Its name as it is.
    pub key: String,
    /// `price(item: u64) -> f64 or Missing`.
    pub signature: String,
    /// Its documentation, line by line.
    pub doc: Vec<String>,
    /// What the names in the signature stand for.
    pub definitions: Vec<String>,
    /// Whether it may be called.
    pub consent: Consent,
    /// Why it cannot be called from here, though it may; none if it can.
    pub obstacle: Option<String>,
    /// Whether items come one by one.
    pub is_stream: bool,
}

/// All methods of a service: those that may be called first, else as the app lists them.
pub fn sheets(methods: &[Method]) -> Vec<MethodSheet> {
    let methods = methods.iter().take(METHODS_MAX);
    let mut sheets: Vec<MethodSheet> = methods.map(MethodSheet::of).collect();
    sheets.sort_by_key(|sheet| sheet.consent == Consent::No);
    sheets
}

impl MethodSheet {
    /// What is shown of `method`.
    pub fn of(method: &Method) -> Self {
        let consent = Consent::of(method);
        let obstacle = match &method.arguments {
            Err(error) => Some(format!("It cannot be called from here: {error}.")),
            Ok(arguments) if arguments.takes_stream() => {
                Some("It cannot be called from here: it takes a stream.".into())
            }
            Ok(_) => None,
        };
        let lines = method.doc.lines().map(str::trim);
        let lines = lines.skip_while(|line| line.is_empty()).take(LINES_MAX);
        Self {
            name: cut(&method.name),
            key: method.name.clone(),
            signature: cut(&method.signature()),
            doc: lines.map(cut).collect(),
            definitions: method.definitions().iter().map(|text| cut(text)).collect(),
            consent,
            obstacle,
            is_stream: method.items().is_some(),
        }
    }

    /// Whether there is a form for it.
    pub fn can_be_called(&self) -> bool {
        self.consent != Consent::No && self.obstacle.is_none()
    }
}

impl Consent {
    /// Of a method.
    pub fn of(method: &Method) -> Self {
        match (method.is_callable, method.is_read_only) {
            (true, true) => Self::Free,
            (true, false) => Self::Ask,
            (false, _) => Self::No,
        }
    }
}

/// What to write in an app so that a method may be called: `service.read_only(["price"])`.
pub fn refusal(method: &str) -> String {
    let name = format::truncate(&format::escape(method), CELLS_MAX).into_owned();
    format!("service.read_only([\"{name}\"])")
}

fn cut(text: &str) -> String {
    format::truncate(&format::escape(text), CELLS_MAX).into_owned()
}
