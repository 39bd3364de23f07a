"""Prints one JSON object: the folders below the top of a PST's mailbox and what is in them, as libpff's Python module shows it.

An attachment is the SHA-256 of its data, "message" when it is one, or "none". Ends with exit code 1 and a line on standard error
at the first thing the module does not accept. Usage: pst_walk.py FILE.pst
"""
import hashlib
import json
import sys

import pypff

CLASS, SUBJECT, METHOD, DATA = 0x001A, 0x0037, 0x3705, 0x3701
EMBEDDED = 5
PIECE = 1 << 20


def entry(item, kind):
    for record_set in item.record_sets:
        found = record_set.get_entry_by_type(kind) if hasattr(record_set, "get_entry_by_type") else None
        if found is not None:
            return found
    return None


def text(item, kind):
    found = entry(item, kind)
    return "" if found is None or found.data is None else found.data_as_string or ""


def digest(attachment):
    """The bytes in pieces: the module gives no more than it is asked for."""
    found, left = hashlib.sha256(), attachment.size
    while left > 0:
        piece = attachment.read_buffer(min(left, PIECE))
        if not piece:
            raise OSError("attachment ends early")
        found.update(piece)
        left -= len(piece)
    return found.hexdigest()


def attachment(one):
    method = entry(one, METHOD)
    if method is not None and method.data_as_integer == EMBEDDED:
        return "message"
    return "none" if entry(one, DATA) is None else digest(one)


def described(folder, item):
    recipients = getattr(item, "recipients", None)
    return {
        "folder": folder,
        "messageClass": text(item, CLASS),
        "subject": text(item, SUBJECT),
        "recipients": 0 if recipients is None else recipients.number_of_record_sets,
        "attachments": [attachment(one) for one in getattr(item, "attachments", [])],
    }


def walk(folder, names, folders, items):
    path = "/".join(names)
    if names:
        folders.append(path)
    for message in folder.sub_messages:
        items.append(described(path, message))
    for child in folder.sub_folders:
        walk(child, [*names, child.name], folders, items)


def main(path):
    store = pypff.file()
    store.open(path)
    top = next(child for child in store.root_folder.sub_folders if child.name == "Top of Personal Folders")
    folders, items = [], []
    walk(top, [], folders, items)
    json.dump({"folders": folders, "items": items, "orphans": store.number_of_orphan_items}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
