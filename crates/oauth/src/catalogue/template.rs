//! `{name}` placeholders.

/// `template` with every `{name}` replaced; `None` when a value is missing or a brace is open.
pub(crate) fn fill(
    template: &str,
    mut value: impl FnMut(&str) -> Option<String>,
) -> Option<String> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once('{') {
        let (name, after) = tail.split_once('}')?;
        out.push_str(before);
        out.push_str(&value(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// Whether the template is one placeholder and nothing else: its value is then taken as it is,
/// not as a part of something.
pub(crate) fn sole_placeholder(template: &str) -> Option<&str> {
    let name = template.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_or_the_whole_is_absent() {
        let value = |name: &str| (name != "none").then(|| name.to_uppercase());
        assert_eq!(fill("{a}/x/{b}", value).as_deref(), Some("A/x/B"));
        assert_eq!(fill("plain", value).as_deref(), Some("plain"));
        assert_eq!(fill("{a}/{none}", value), None);
        assert_eq!(fill("{a", value), None);
    }

    #[test]
    fn a_sole_placeholder_is_recognised() {
        assert_eq!(sole_placeholder("{token_url}"), Some("token_url"));
        assert_eq!(sole_placeholder("{a}{b}"), None);
        assert_eq!(sole_placeholder("{a}/b"), None);
    }
}
