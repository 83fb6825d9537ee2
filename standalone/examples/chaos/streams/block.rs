//! The blocks of a stream of server-sent events (HTML Living Standard, section 9.2).

use anyhow::{Context, bail};
use serde_json::Value;

/// Everything up to an empty line.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) id: Option<i64>,
    pub(crate) event: Option<String>,
    pub(crate) data: Value,
}

impl Block {
    fn of(text: &str) -> anyhow::Result<Self> {
        let mut block = Self::default();
        for line in text.lines() {
            match line.split_once(':').map(|(name, value)| (name, value.trim_start())) {
                Some(("id", id)) => block.id = Some(id.parse().with_context(|| line.to_owned())?),
                Some(("event", name)) => block.event = Some(name.to_owned()),
                Some(("data", data)) => block.data = serde_json::from_str(data)?,
                Some(("retry" | "", _)) => {}
                _ => bail!("a line {line:?}"),
            }
        }
        Ok(block)
    }
}

/// Takes the pieces of one connection. What is not ended by an empty line when the connection dies is no block.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    rest: String,
}

impl Blocks {
    /// Adds a piece, and returns the blocks that end in it.
    pub(crate) fn add(&mut self, piece: &[u8]) -> anyhow::Result<Vec<Block>> {
        self.rest += str::from_utf8(piece)?;
        let mut blocks = Vec::new();
        while let Some((block, rest)) = self.rest.split_once("\n\n") {
            blocks.push(Block::of(block)?);
            self.rest = rest.to_owned();
        }
        Ok(blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_with_an_empty_line_wherever_the_pieces_end() {
        let text =
            "retry: 2000\nid: 7\n\n:\nid: 8\n\nid: 9\nevent: ready\ndata: {\"image_id\":4}\n\nid: 10\nev";
        let mut blocks = Blocks::default();
        let found: Vec<_> =
            text.as_bytes().iter().flat_map(|byte| blocks.add(&[*byte]).expect("blocks")).collect();
        let ids: Vec<_> = found.iter().map(|block| block.id).collect();
        assert_eq!(ids, [Some(7), Some(8), Some(9)]);
        assert_eq!(found[2].event.as_deref(), Some("ready"));
        assert_eq!(found[2].data["image_id"], 4);
        assert!(Blocks::default().add(b"what\n\n").is_err());
    }
}
