//! What the server logs, at its most talkative, in both formats.

use server::config::{LogFormat, LogSection};
use std::{
    io,
    sync::{Arc, Mutex, OnceLock},
};
use tracing_subscriber::fmt::MakeWriter;

static LOGS: OnceLock<Lines> = OnceLock::new();

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Collects what is logged in this process from now on.
pub fn capture_logs() {
    LOGS.get_or_init(|| {
        let lines = Lines::default();
        let section = LogSection {
            format: LogFormat::Json,
            filter: "trace".to_owned(),
        };
        let subscriber = server::logging::subscriber(&section, lines.clone()).unwrap();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        lines
    });
}

/// What was logged since [`capture_logs`].
pub fn logged() -> String {
    let lines = LOGS.get().expect("capture_logs comes first");
    String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned()
}
