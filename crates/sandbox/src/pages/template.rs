//! Fills `{{name}}` in a template. Text is escaped; only markup made here goes in as it is.

/// What goes into a place of a template.
pub(super) enum Slot<'a> {
    /// Anything from outside.
    Text(&'a str),
    /// Markup that a template made.
    Html(&'a str),
}

/// The template with every `{{name}}` replaced; a name that is not given is a mistake in the program.
pub(super) fn fill(template: &str, slots: &[(&str, Slot<'_>)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        match slots.iter().find(|(given, _)| *given == name) {
            Some((_, Slot::Text(text))) => escape_into(&mut filled, text),
            Some((_, Slot::Html(markup))) => filled.push_str(markup),
            None => debug_assert!(false, "the template names '{name}', which is not given"),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn escape_into(filled: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => filled.push_str("&amp;"),
            '<' => filled.push_str("&lt;"),
            '>' => filled.push_str("&gt;"),
            '"' => filled.push_str("&quot;"),
            '\'' => filled.push_str("&#39;"),
            other => filled.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_never_filled_again() {
        let filled = fill(
            "<p title=\"{{a}}\">{{b}}</p>",
            &[("a", Slot::Text("\"><script>")), ("b", Slot::Text("{{a}}"))],
        );
        assert_eq!(filled, "<p title=\"&quot;&gt;&lt;script&gt;\">{{a}}</p>");
    }
}
