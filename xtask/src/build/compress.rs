//! Brotli and gzip beside each file that gets smaller by it, at the highest quality: done once, served often.

use std::{io::Write as _, path::Path};

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use super::site::Site;

/// What is text inside. Images and fonts are compressed by their own formats.
const COMPRESSIBLE: &[&str] = &[
    "css",
    "html",
    "ico",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
    "xml",
];

/// Adds `{name}.br` and `{name}.gz` for every compressible file.
pub fn all(site: &mut Site) -> Result<()> {
    let compressed = site
        .files()
        .iter()
        .filter(|(name, _)| is_compressible(name))
        .map(|(name, content)| {
            Ok([
                (format!("{name}.br"), brotli(content)?, content.len()),
                (format!("{name}.gz"), gzip(content)?, content.len()),
            ])
        })
        .collect::<Result<Vec<_>>>()?;
    let smaller = compressed
        .into_iter()
        .flatten()
        .filter(|(_, content, original)| content.len() < *original)
        .map(|(name, content, _)| (name, content));
    site.extend(smaller.collect());
    Ok(())
}

fn is_compressible(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| COMPRESSIBLE.iter().any(|known| extension == *known))
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_forms_hold_the_original() {
        let text = "a { color: red }\n".repeat(100).into_bytes();
        let mut site = Site::default();
        site.add_hashed("main", "css", text.clone());
        all(&mut site).unwrap();
        let files = site.into_files();
        let form = |end: &str| {
            let mut named = files.iter().filter(|(name, _)| name.ends_with(end));
            named.next().unwrap().1.as_slice()
        };

        let mut from_gzip = Vec::new();
        flate2::read::GzDecoder::new(form(".css.gz"))
            .read_to_end(&mut from_gzip)
            .unwrap();
        assert_eq!(from_gzip, text);

        let mut from_brotli = Vec::new();
        brotli::BrotliDecompress(&mut form(".css.br"), &mut from_brotli).unwrap();
        assert_eq!(from_brotli, text);
    }

    #[test]
    fn what_does_not_get_smaller_is_left_alone() {
        let mut site = Site::default();
        site.add_hashed("main", "css", b"a{}".to_vec());
        site.add_hashed("photo", "png", vec![0; 1000]);
        all(&mut site).unwrap();
        assert_eq!(site.files().len(), 2);
    }
}
