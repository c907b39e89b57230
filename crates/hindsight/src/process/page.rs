//! What is told about a page: where it came from, and what shows it.

use super::REDACTED;

/// A page's address, never with query or fragment. The path may name a person or a document, so only
/// an empty one is told, unless `all` is.
pub(crate) fn told_url(origin: &str, path: &str, all: bool) -> String {
    match all || path == "/" {
        true => format!("{origin}{path}"),
        false => format!("{origin}/{REDACTED}"),
    }
}

/// What a browser says it is: products and versions. Comments, in which it names the system and the
/// device, are left out unless `all` is told.
pub(crate) fn told_user_agent(agent: &str, all: bool) -> String {
    if all {
        return agent.to_owned();
    }
    let mut told = String::new();
    let mut depth = 0_u32;
    for c in agent.chars() {
        match c {
            '(' => {
                depth += 1;
                if depth == 1 {
                    told.push_str(REDACTED);
                }
            }
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => told.push(c),
            _ => {}
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_on_demand() {
        let told = |path, all| told_url("http://localhost:8000", path, all);
        assert_eq!(told("/", false), "http://localhost:8000/");
        assert_eq!(told("/anna", false), "http://localhost:8000/[redacted]");
        assert_eq!(told("/anna", true), "http://localhost:8000/anna");
    }

    #[test]
    fn of_a_browser_the_products_are_told() {
        let agent = "Mozilla/5.0 (X11; Linux (a) x86_64) Gecko/20100101 (b) Firefox/140.0";
        let expected = "Mozilla/5.0 [redacted] Gecko/20100101 [redacted] Firefox/140.0";
        assert_eq!(told_user_agent(agent, false), expected);
        assert_eq!(told_user_agent(agent, true), agent);
        assert_eq!(told_user_agent("A) B (c", false), "A B [redacted]");
    }
}
