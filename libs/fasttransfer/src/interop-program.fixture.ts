/** A program for the independent codec in the reference folder: takes `{ tools, decode: base64 files }` and answers with the neutral lines
 *  (neutral.fixture.ts) of what it decodes, and with its own encodings of its own test messages and their lines. */
export const INTEROP_PROGRAM = `
import base64, hashlib, json, struct, sys
request = json.load(sys.stdin)
sys.path.insert(0, request['tools'])
import fts

def raw(base, value):
    if base == fts.PT_BOOL:
        return bytes([1 if value else 0])
    if base == fts.PT_GUID:
        return value.bytes_le
    if base in fts.FIXED:
        return struct.pack(fts.FIXED[base], value)
    if isinstance(value, fts.RawString):
        return ''.join(bytes([b]).decode('cp1252', 'ignore') or chr(b) for b in value.data).encode('utf-16-le')
    if isinstance(value, str):
        return value.encode('utf-16-le', 'surrogatepass')
    return bytes(value)

def line(p):
    base, multi = p.type & ~0x1000, p.type & 0x1000
    counted = base not in fts.FIXED
    values = [raw(base, v) for v in (p.value if multi else [p.value])]
    data = b''.join((struct.pack('<I', len(v)) if multi and counted else b'') + v for v in values)
    kind = (0x1F if base == 0x1E else base) | multi
    called = '-'
    if isinstance(p.tag, fts.NamedTag):
        name = p.tag.name
        called = p.tag.guid.bytes_le.hex() + ' ' + (str(name) if isinstance(name, int) else name.encode('utf-16-le', 'surrogatepass').hex())
    return f'{p.id:04x} {kind:04x} {called} {hashlib.sha256(data).hexdigest()}'

def neutral(m):
    flags = next((p.value for p in m.props if p.tag == 0x0E070003), 0)
    out = ['message ' + ('associated' if m.associated or flags & 0x40 else 'plain')] + [line(p) for p in m.props]
    for r in m.recipients:
        out += ['recipient'] + [line(p) for p in r.props]
    for a in m.attachments:
        out += ['attachment'] + [line(p) for p in a.props] + (neutral(a.embedded) if a.embedded is not None else [])
    return out + ['end']

answer = {'decoded': [], 'encoded': []}
for file in request['decode']:
    try:
        answer['decoded'].append(neutral(fts.decode(base64.b64decode(file))))
    except fts.FtsError as error:
        answer['decoded'].append(['error ' + str(error)])
messages = [fts.example_message(), fts.rich_message()]
for chunk in (2, 7, 4096, 31680):
    for m in messages:
        wire = fts.encode(m, chunk=chunk)
        answer['encoded'].append({'file': base64.b64encode(wire).decode(), 'lines': neutral(fts.decode(wire))})
json.dump(answer, sys.stdout)
`;
