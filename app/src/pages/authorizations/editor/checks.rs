//! Which errors show, and for how long: the browser's own, and what the server objected to.

use super::form::{Form, Tab};
use model::problem::FieldError;

/// What the server objected to, and the form it objected to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The form as it was sent.
    pub form: Form,
    /// The fields and why.
    pub errors: Vec<FieldError>,
}

/// One press of Save or Authorize that found errors; the number tells one press from the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// 0 before the first one.
    pub number: u32,
    /// What was found.
    pub errors: Vec<FieldError>,
}

/// The attempt whose errors the summary lists: the last one, until the form had no error once.
/// An error that is made later shows at its field and does not take the focus from it.
pub fn summarise(before: Option<&Attempt>, last: &Attempt, mended: bool) -> Attempt {
    let closed = before.is_some_and(|b| b.number == last.number && b.errors.is_empty());
    Attempt {
        number: last.number,
        errors: if closed || mended {
            Vec::new()
        } else {
            last.errors.clone()
        },
    }
}

impl Refusal {
    /// The objections whose fields still hold what was objected to.
    pub fn standing(&self, form: &Form) -> Vec<FieldError> {
        self.errors
            .iter()
            .filter(|error| self.form.agrees_on(form, &error.field))
            .cloned()
            .collect()
    }
}

/// One error a field, the browser's before the server's, in the order of the tabs.
pub fn merge_errors(
    local: impl Iterator<Item = FieldError>,
    remote: Vec<FieldError>,
) -> Vec<FieldError> {
    let mut merged: Vec<FieldError> = Vec::new();
    for error in local.chain(remote) {
        if merged.iter().all(|known| known.field != error.field) {
            merged.push(error);
        }
    }
    merged.sort_by_key(|error| Tab::of(&error.field));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objection_stands_until_its_field_changes() {
        let form = Form {
            name: "Boards".to_owned(),
            ..Form::default()
        };
        let refusal = Refusal {
            form: form.clone(),
            errors: vec![FieldError::new("name", "The name is taken.")],
        };
        assert_eq!(refusal.standing(&form).len(), 1);
        let renamed = Form {
            name: "Boards 2".to_owned(),
            ..form
        };
        assert!(refusal.standing(&renamed).is_empty());
    }

    #[test]
    fn the_summary_goes_once_all_is_mended_and_comes_back_with_the_next_attempt() {
        let first = Attempt {
            number: 1,
            errors: vec![FieldError::new("name", "Give it a name.")],
        };
        let open = summarise(None, &first, false);
        assert_eq!(open, first);
        let closed = summarise(Some(&open), &first, true);
        assert!(closed.errors.is_empty());
        assert!(summarise(Some(&closed), &first, false).errors.is_empty());
        let second = Attempt { number: 2, ..first };
        assert_eq!(summarise(Some(&closed), &second, false), second);
    }

    #[test]
    fn one_error_a_field_in_the_order_of_the_tabs() {
        let local = [FieldError::new("scopes", "local")];
        let remote = vec![
            FieldError::new("scopes", "remote"),
            FieldError::new("name", "remote"),
        ];
        let merged = merge_errors(local.into_iter(), remote);
        assert_eq!(
            merged,
            [
                FieldError::new("name", "remote"),
                FieldError::new("scopes", "local")
            ]
        );
    }
}
