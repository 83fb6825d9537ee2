//! A multipart body that a test builds byte by byte.

pub(crate) const JSON: &str = "application/json";
pub(crate) const URLENCODED: &str = "application/x-www-form-urlencoded";

#[derive(Default)]
pub(crate) struct Form(Vec<u8>);

impl Form {
    pub(crate) const TYPE: &str = "multipart/form-data; boundary=frontier";

    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn file(self, field: &str, name: &str, bytes: &[u8]) -> Self {
        let disposition = format!("form-data; name=\"{field}\"; filename=\"{name}\"");
        self.part(&disposition, "application/octet-stream", bytes)
    }

    pub(crate) fn text(mut self, field: &str, text: &str) -> Self {
        let part =
            format!("--frontier\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n");
        self.0.extend(part.into_bytes());
        self
    }

    pub(crate) fn part(mut self, disposition: &str, content_type: &str, bytes: &[u8]) -> Self {
        let head = format!(
            "--frontier\r\nContent-Disposition: {disposition}\r\nContent-Type: {content_type}\r\n\r\n"
        );
        self.0.extend(head.into_bytes());
        self.0.extend(bytes);
        self.0.extend(b"\r\n");
        self
    }

    pub(crate) fn body(mut self) -> Vec<u8> {
        self.0.extend(b"--frontier--\r\n");
        self.0
    }
}
