import { attachmentHeader } from './file-name.js';

const nameIn = (name: string | null): string => decodeURIComponent(attachmentHeader(name).split("UTF-8''")[1]!);

describe('the name of an attachment', () => {
  it.each([
    ['invoice.pdf', 'invoice.pdf'],
    ['Übersicht (1).xlsx', 'Übersicht (1).xlsx'],
    ['..\\..\\Windows\\run.exe', '_.._Windows_run.exe'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['photo\u202egnp.exe', 'photo_gnp.exe'],
    ['a"; filename=b\r\nSet-Cookie: x', 'a_; filename=b__Set-Cookie_ x'],
    ['', 'attachment'],
    [null, 'attachment'],
    ['...', 'attachment'],
    ['\ud800.txt', '_.txt'],
  ])('%j is kept as %j', (name, kept) => expect(nameIn(name)).toBe(kept));
  it('is cut before its ending', () => {
    expect(nameIn(`${'x'.repeat(300)}.docx`)).toBe(`${'x'.repeat(145)}.docx`);
    expect(nameIn(`x${'. '.repeat(500_000)}x.docx`)).toBe(`x${'. '.repeat(72)}.docx`);
  });
  it('is one line of ASCII as it travels', () => {
    expect(attachmentHeader("日本's\n.txt")).toMatch(/^[!-~ ]+$/);
  });
});
