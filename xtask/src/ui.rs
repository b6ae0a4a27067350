//! What a person sees: headings, notes, times. Everything goes to standard error; standard output is the programs'.

use std::time::{Duration, Instant};

/// One line about what was found or done.
pub fn note(text: &str) {
    eprintln!("  {text}");
}

/// A line that starts a part of the work.
pub fn heading(text: &str) {
    eprintln!("\n== {text}");
}

/// Measures how long a person waits.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the time a person waits is real time"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// `4.2 s`, `3 min 05 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// `812 B`, `96.4 KB`, `11.2 MB` (decimal, as browsers show them).
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let value = bytes * 10 / unit;
        format!("{}.{}", value / 10, value % 10)
    };
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", tenths(1_000)),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_read_well() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(96_449), "96.4 KB");
        assert_eq!(size(11_200_000), "11.2 MB");
        assert_eq!(duration(Duration::from_millis(4_240)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
