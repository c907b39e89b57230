//! Values of dodeca as they are, and as another version may have them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use facet::Facet;
use facet_reflect::Peek;

use super::{built, image, page_error, tree};

#[derive(Facet, PartialEq, Eq, PartialOrd, Ord, Hash, Clone)]
struct Route {
    inner: String,
}

fn route(text: &str) -> Route {
    Route {
        inner: text.to_owned(),
    }
}

#[derive(Facet)]
struct SourceMap {
    source_path: Option<String>,
}

#[derive(Facet)]
struct Page {
    route: Route,
    title: String,
    template: Option<String>,
    source_map: SourceMap,
    weight: i32,
}

#[derive(Facet)]
struct SiteTree {
    sections: BTreeMap<Route, Page>,
    pages: HashMap<Route, Page>,
}

#[derive(Facet)]
struct Message {
    message: String,
}

#[derive(Facet)]
struct ParseError {
    path: String,
    error: Message,
}

#[derive(Facet)]
struct RenderError {
    route: Route,
    error: Message,
}

#[derive(Facet)]
#[repr(u8)]
#[expect(dead_code, reason = "read by reflection")]
enum SiteError {
    Parse(Vec<ParseError>),
    Render(RenderError),
    Other,
}

fn page(at: &str, title: &str) -> Page {
    Page {
        route: route(at),
        title: title.to_owned(),
        template: Some("special.html".to_owned()),
        source_map: SourceMap {
            source_path: Some(format!("{title}.md")),
        },
        weight: 3,
    }
}

#[test]
fn a_tree_is_read() {
    let value: Result<SiteTree, Vec<ParseError>> = Ok(SiteTree {
        sections: [(route("/"), page("/", "Home"))].into(),
        pages: [(route("/a"), page("/a", "A"))].into(),
    });
    let read = tree(Peek::new(&value));
    assert_eq!((read.error, read.warnings), (None, Vec::new()));
    let [home, a] = &read.pages[..] else {
        panic!("{:?}", read.pages);
    };
    assert_eq!((home.route.as_str(), home.is_section), ("/", true));
    assert_eq!((a.title.as_str(), a.is_section), ("A", false));
    assert_eq!(a.source_path, "content/A.md");
    assert_eq!(a.template, "special.html");
}

#[test]
fn errors_are_values_and_say_where_and_what() {
    let error = |path: &str| ParseError {
        path: path.to_owned(),
        error: Message {
            message: "not closed".to_owned(),
        },
    };
    let value: Result<SiteTree, Vec<ParseError>> = Err(vec![error("a.md"), error("b.md")]);
    assert_eq!(
        tree(Peek::new(&value)).error.as_deref(),
        Some("a.md: not closed")
    );
    let render = |error| -> Result<Option<String>, SiteError> { Err(error) };
    let text = |error| page_error(Peek::new(&render(error)));
    let at_a = RenderError {
        route: route("/a"),
        error: Message {
            message: "no name".to_owned(),
        },
    };
    assert_eq!(
        text(SiteError::Render(at_a)).as_deref(),
        Some("/a: no name")
    );
    let parse = SiteError::Parse(vec![error("c.md")]);
    assert_eq!(text(parse).as_deref(), Some("c.md: not closed"));
    assert_eq!(text(SiteError::Other).as_deref(), Some("Other"));
    let fine: Result<Option<String>, SiteError> = Ok(None);
    assert_eq!(page_error(Peek::new(&fine)), None);
}

#[test]
fn another_version_is_a_warning() {
    #[derive(Facet)]
    struct Leaf {
        route: String,
        name: String,
    }
    #[derive(Facet)]
    struct Renamed {
        pages: BTreeMap<String, Leaf>,
        chapters: Vec<String>,
    }
    let leaf = Leaf {
        route: "/x".to_owned(),
        name: "X".to_owned(),
    };
    let value: Arc<Renamed> = Arc::new(Renamed {
        pages: [("/x".to_owned(), leaf)].into(),
        chapters: Vec::new(),
    });
    let read = tree(Peek::new(&value));
    assert_eq!(read.pages.len(), 1);
    assert_eq!(read.pages[0].route, "/x");
    assert_eq!(
        read.warnings,
        [
            "build_tree has no map `sections`: its pages are not listed",
            "build_tree: a page has no field `template`",
            "build_tree: a page has no text `title`",
        ]
    );
}

#[test]
fn values_of_any_type_are_no_panic() {
    fn check<'f, T: Facet<'f>>(value: &'f T) {
        let peek = Peek::new(value);
        let _ = (tree(peek), built(peek), page_error(peek), image(peek));
    }
    check(&3_u64);
    check(&"text".to_owned());
    check(&Some(Some(1_u8)));
    check(&Err::<u8, Vec<String>>(Vec::new()));
    check(&vec![1.5_f64]);
    check(&());
    check(&SourceMap { source_path: None });
    check(&Box::new(SiteError::Other));
}

#[test]
fn files_that_are_no_pages_are_counted_and_images_described() {
    #[derive(Facet)]
    #[repr(C)]
    #[expect(dead_code, reason = "read by reflection")]
    enum File {
        Html { route: Route, content: String },
        Css { path: String },
        Static { path: String },
    }
    #[derive(Facet)]
    struct SiteOutput {
        files: Vec<File>,
    }
    let html = File::Html {
        route: route("/"),
        content: String::new(),
    };
    let css = File::Css {
        path: "a".to_owned(),
    };
    let other = File::Static {
        path: "b".to_owned(),
    };
    let value: Result<SiteOutput, SiteError> = Ok(SiteOutput {
        files: vec![html, css, other],
    });
    assert_eq!(built(Peek::new(&value)).assets, 2);
    #[derive(Facet)]
    struct Images {
        original_width: u32,
        original_height: u32,
        jxl_variants: Vec<u8>,
        webp_variants: Vec<u8>,
    }
    let value = Some(Images {
        original_width: 640,
        original_height: 480,
        jxl_variants: vec![1],
        webp_variants: vec![1, 2],
    });
    let text = image(Peek::new(&value));
    assert_eq!(text.as_deref(), Some("640 × 480; 1 JXL, 2 WebP"));
}
