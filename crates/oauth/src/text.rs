//! Texts from a provider, made fit to be shown and logged.

const LONGEST: usize = 300;
/// Longer runs of token characters are tokens; a UUID has 36.
const LONGEST_RUN: usize = 40;

/// One line of at most 300 characters without any of `secrets` and without anything that looks
/// like a token.
pub(crate) fn presentable(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    let one_line: Vec<&str> = text.split_whitespace().collect();
    let one_line = without_tokens(&one_line.join(" "));
    match one_line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &one_line[..end]),
        None => one_line,
    }
}

fn without_tokens(text: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        out.push_str(if run.len() > LONGEST_RUN { "…" } else { run });
        let mut tail_chars = tail.chars();
        out.extend(
            tail_chars
                .next()
                .map(|c| if c.is_control() { ' ' } else { c }),
        );
        rest = tail_chars.as_str();
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_and_tokens_are_cut_out() {
        let jwt = format!("eyJ{}.{}.c2ln", "a".repeat(60), "b".repeat(50));
        let text =
            format!("bad secret hunter2 in {jwt}\r\nTrace 0f8fad5b-d9cb-469f-a165-70867728950e");
        let shown = presentable(&text, &["hunter2", ""]);
        assert_eq!(
            shown,
            "bad secret … in ….….c2ln Trace 0f8fad5b-d9cb-469f-a165-70867728950e"
        );
    }

    proptest! {
        #[test]
        fn one_short_line_without_the_secret(text in ".*", secret in "[a-z]{6,20}", tail in ".*") {
            let shown = presentable(&format!("{text}{secret}{tail}"), &[&secret]);
            prop_assert!(!shown.contains(&secret));
            prop_assert!(shown.chars().count() <= LONGEST + 1);
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
