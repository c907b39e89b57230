//! Roles as ANSI colours: the sixteen that every terminal's theme defines.

use hindsight_view::{Line, Role};

/// The line with colours, each segment closed by a reset.
pub(crate) fn colored(line: &Line) -> String {
    let mut text = String::new();
    for segment in line.segments() {
        match code(segment.role()) {
            "" => text += segment.text(),
            code => text += &format!("\x1b[{code}m{}\x1b[0m", segment.text()),
        }
    }
    text.truncate(text.trim_end_matches(' ').len());
    text
}

fn code(role: Role) -> &'static str {
    match role {
        Role::Plain => "",
        Role::Dim => "2",
        Role::Strong => "1",
        Role::Good => "32",
        Role::Warning => "33",
        Role::Error => "31;1",
        Role::Key => "36",
        Role::Heat(level) => HEAT[usize::from(level.saturating_sub(1)).min(HEAT.len() - 1)],
        Role::Service(number) => SERVICES[number as usize % SERVICES.len()],
    }
}

/// From cold to hot, without red, which means error.
const HEAT: [&str; 4] = ["34", "36", "32", "93"];

/// Neither red nor green, which mean error and good.
const SERVICES: [&str; 8] = ["34", "35", "36", "33", "94", "95", "96", "93"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_become_colors_and_plain_text_stays() {
        let line = Line::new()
            .with(Role::Plain, "a ")
            .with(Role::Error, "✗ b")
            .with(Role::Plain, "  ");
        assert_eq!(colored(&line), "a \x1b[31;1m✗ b\x1b[0m");
    }
}
