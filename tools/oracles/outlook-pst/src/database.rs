//! The node database: both B-trees, and every block that a node leads to.

use outlook_pst::ndb::{
    block::{
        Block, IntermediateDataTreeEntry, IntermediateTreeBlock, UnicodeDataTree,
        UnicodeSubNodeTree,
    },
    block_id::{BlockId, UnicodeBlockId},
    block_ref::UnicodePageRef,
    header::{Header, NdbCryptMethod},
    page::{
        BTreePage, BTreePageEntry, BlockBTreeEntry, NodeBTreeEntry, UnicodeBlockBTree,
        UnicodeNodeBTree,
    },
    root::Root,
};
use outlook_pst::{PstFile, PstReader, UnicodePstFile};
use std::{collections::HashSet, error::Error, io};

#[derive(Default)]
struct Found {
    nodes: u64,
    entries: u64,
    bytes: u64,
    blocks: HashSet<u64>,
}

struct Walker<'a, R: PstReader> {
    file: &'a mut R,
    encoding: NdbCryptMethod,
    blocks: UnicodeBlockBTree,
    found: Found,
}

pub fn walk(path: &str) -> Result<serde_json::Value, Box<dyn Error>> {
    let pst = UnicodePstFile::open(path)?;
    let header = pst.header();
    let (nodes, blocks) = (*header.root().node_btree(), *header.root().block_btree());
    let mut file = pst
        .reader()
        .lock()
        .map_err(|_| "the file cannot be locked")?;
    let block_tree = UnicodeBlockBTree::read(&mut *file, blocks)?;
    let mut walker = Walker {
        file: &mut *file,
        encoding: header.crypt_method(),
        blocks: block_tree,
        found: Found::default(),
    };
    walker.block_entries(blocks)?;
    walker.node_entries(nodes)?;
    let Found {
        nodes,
        entries,
        bytes,
        blocks,
    } = walker.found;
    // A block that no node leads to would be lost space; a block that is not in the tree was an error above.
    Ok(
        serde_json::json!({ "nodes": nodes, "blockEntries": entries, "blocksRead": blocks.len(), "bytes": bytes }),
    )
}

impl<R: PstReader> Walker<'_, R> {
    fn block_entries(&mut self, page: UnicodePageRef) -> io::Result<()> {
        match UnicodeBlockBTree::read(&mut *self.file, page)? {
            UnicodeBlockBTree::Intermediate(page, ..) => page
                .entries()
                .iter()
                .try_for_each(|entry| self.block_entries(entry.block())),
            UnicodeBlockBTree::Leaf(page) => {
                self.found.entries += page.entries().len() as u64;
                self.found.bytes += page
                    .entries()
                    .iter()
                    .map(|entry| u64::from(entry.size()))
                    .sum::<u64>();
                Ok(())
            }
        }
    }

    fn node_entries(&mut self, page: UnicodePageRef) -> io::Result<()> {
        match UnicodeNodeBTree::read(&mut *self.file, page)? {
            UnicodeNodeBTree::Intermediate(page, ..) => page
                .entries()
                .iter()
                .try_for_each(|entry| self.node_entries(entry.block())),
            UnicodeNodeBTree::Leaf(page) => {
                for entry in page.entries() {
                    self.found.nodes += 1;
                    if entry.data().search_key() != 0 {
                        self.data(entry.data())?;
                    }
                    if let Some(block) = entry.sub_node() {
                        self.sub_nodes(block)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn data(&mut self, block: UnicodeBlockId) -> io::Result<()> {
        if !self.found.blocks.insert(block.search_key()) {
            return Ok(());
        }
        let entry =
            self.blocks
                .find_entry(&mut *self.file, block.search_key(), &mut Default::default())?;
        match UnicodeDataTree::read(&mut *self.file, self.encoding, &entry)? {
            UnicodeDataTree::Intermediate(tree) => tree
                .entries()
                .iter()
                .try_for_each(|entry| self.data(entry.block())),
            UnicodeDataTree::Leaf(leaf) if leaf.data().len() != usize::from(entry.size()) => {
                Err(io::Error::other(format!(
                    "{block:?} holds {} bytes, its entry says {}",
                    leaf.data().len(),
                    entry.size()
                )))
            }
            UnicodeDataTree::Leaf(_) => Ok(()),
        }
    }

    fn sub_nodes(&mut self, block: UnicodeBlockId) -> io::Result<()> {
        if !self.found.blocks.insert(block.search_key()) {
            return Ok(());
        }
        let entry =
            self.blocks
                .find_entry(&mut *self.file, block.search_key(), &mut Default::default())?;
        match UnicodeSubNodeTree::read(&mut *self.file, &entry)? {
            UnicodeSubNodeTree::Intermediate(tree) => tree
                .entries()
                .iter()
                .try_for_each(|entry| self.sub_nodes(entry.block())),
            UnicodeSubNodeTree::Leaf(leaf) => leaf.entries().iter().try_for_each(|entry| {
                self.data(entry.block())?;
                entry
                    .sub_node()
                    .map_or(Ok(()), |below| self.sub_nodes(below))
            }),
        }
    }
}
