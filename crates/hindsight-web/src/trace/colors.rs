//! The colours of a picture as bytes, for the way to the worker.

use hindsight_view::canvas::{Color, Theme};

/// Red, green and blue of each colour.
pub fn colors_of(theme: &Theme) -> Vec<u8> {
    let mut theme = *theme;
    let colors = all(&mut theme).into_iter();
    colors
        .flat_map(|color| [color.red, color.green, color.blue])
        .collect()
}

/// The colours that [`colors_of`] wrote; what is missing is black.
pub fn theme_of(bytes: &[u8]) -> Theme {
    let mut theme = Theme::default();
    for (color, parts) in all(&mut theme).into_iter().zip(bytes.chunks_exact(3)) {
        *color = Color::new(parts[0], parts[1], parts[2]);
    }
    theme
}

fn all(theme: &mut Theme) -> Vec<&mut Color> {
    let mut colors = vec![
        &mut theme.background,
        &mut theme.sunk,
        &mut theme.rule,
        &mut theme.text,
        &mut theme.dim,
        &mut theme.accent,
        &mut theme.bad,
        &mut theme.good,
        &mut theme.warning,
    ];
    colors.extend(&mut theme.services);
    colors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_back_and_missing_ones_are_black() {
        let bytes: Vec<u8> = (1..=51).collect();
        assert_eq!(colors_of(&theme_of(&bytes)), bytes);
        assert_eq!(theme_of(&bytes[..5]).sunk, Color::new(0, 0, 0));
    }
}
