//! The folders below the IPM subtree and what is in them. Folders and tables that the crate cannot read are the end; an
//! item or attachment that it cannot open is listed with the reason, since the crate asks more of those than Outlook does.

use outlook_pst::ltp::prop_context::PropertyValue;
use outlook_pst::ltp::table_context::TableContext;
use outlook_pst::messaging::attachment::{Attachment, AttachmentData, UnicodeAttachment};
use outlook_pst::messaging::folder::{Folder, UnicodeFolder};
use outlook_pst::messaging::message::{Message, UnicodeMessage};
use outlook_pst::messaging::store::{EntryId, Store, UnicodeStore};
use outlook_pst::ndb::node_id::NodeId;
use outlook_pst::UnicodePstFile;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::{error::Error, rc::Rc};

/// The properties to read of a message: all but the named ones. The crate takes the first four bytes of a list of GUIDs for
/// a count, which [MS-PST] 2.3.3.4.1 has only where values differ in length, and then asks for gigabytes of memory.
fn properties() -> Vec<u16> {
    (0..0x8000).collect()
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub fn walk(path: &str) -> Result<Vec<Value>> {
    let store = UnicodeStore::read(Rc::new(UnicodePstFile::open(path)?))?;
    store.named_property_map()?;
    let mut found = Vec::new();
    let top = store.properties().ipm_sub_tree_entry_id()?;
    folder(&store, &top, &[], &mut found)?;
    Ok(found)
}

fn folder(
    store: &Rc<UnicodeStore>,
    entry: &EntryId,
    path: &[String],
    found: &mut Vec<Value>,
) -> Result<()> {
    let folder = UnicodeFolder::read(store.clone(), entry)?;
    let contents = folder
        .contents_table()
        .ok_or("a folder has no contents table")?;
    let items = rows(contents)
        .map(|id| item(store, id).unwrap_or_else(refused))
        .collect::<Vec<_>>();
    let associated = rows(
        folder
            .associated_table()
            .ok_or("a folder has no associated table")?,
    )
    .count();
    found.push(json!({ "path": path, "count": folder.properties().content_count()?, "items": items, "associated": associated }));
    for id in rows(
        folder
            .hierarchy_table()
            .ok_or("a folder has no hierarchy table")?,
    ) {
        let entry = store.properties().make_entry_id(id)?;
        let name = UnicodeFolder::read(store.clone(), &entry)?
            .properties()
            .display_name()?;
        self::folder(store, &entry, &[path, &[name]].concat(), found)?;
    }
    Ok(())
}

fn rows(table: &Rc<dyn TableContext>) -> impl Iterator<Item = NodeId> + '_ {
    table
        .rows_matrix()
        .map(|row| NodeId::from(u32::from(row.id())))
}

fn item(store: &Rc<UnicodeStore>, id: NodeId) -> Result<Value> {
    let message = UnicodeMessage::read(
        store.clone(),
        &store.properties().make_entry_id(id)?,
        Some(&properties()),
    )?;
    let attachments = match message.attachment_table() {
        Some(table) => rows(table)
            .map(|id| attachment(&message, id).unwrap_or_else(refused))
            .collect::<Vec<_>>(),
        None => Vec::new(),
    };
    Ok(json!({
        "class": message.properties().message_class()?,
        "subject": message.properties().get(0x0037).map(text),
        "recipients": message.recipient_table().map_or(0, |table| rows(table).count()),
        "attachments": attachments,
    }))
}

/// The SHA-256 of its bytes, the class of the embedded message, or the method of one that has neither.
fn attachment(message: &Rc<UnicodeMessage>, id: NodeId) -> Result<Value> {
    let attachment = UnicodeAttachment::read(message.clone(), id, None)?;
    Ok(match attachment.data() {
        Some(AttachmentData::Binary(value)) => {
            json!({ "sha256": hex(&Sha256::digest(value.buffer())) })
        }
        Some(AttachmentData::Message(inner)) => {
            json!({ "embedded": inner.properties().message_class()? })
        }
        None => json!({ "method": attachment.properties().attachment_method()? }),
    })
}

fn refused(error: Box<dyn Error>) -> Value {
    json!({ "refused": error.to_string() })
}

fn text(value: &PropertyValue) -> String {
    match value {
        PropertyValue::Unicode(value) => value.to_string(),
        PropertyValue::String8(value) => value.to_string(),
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
