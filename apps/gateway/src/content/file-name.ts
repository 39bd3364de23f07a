/** Longest name that an attachment is offered under. */
const MOST_NAME = 150;

/** The header that has an attachment kept under its own name, without what would lead elsewhere, hide its ending or end the header. */
export const attachmentHeader = (name: string | null): string => {
  const plain = (name ?? '')
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}"*/:<>?\\|]/gu, '_')
    .replaceAll(/^[.\s]+|(?<![.\s])[.\s]+$/g, '');
  const dot = plain.lastIndexOf('.');
  const ending = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  const kept = plain.length <= MOST_NAME ? plain : plain.slice(0, MOST_NAME - ending.length) + ending;
  const shown = kept === '' ? 'attachment' : kept;
  const encoded = encodeURIComponent(shown.toWellFormed()).replaceAll(
    /['()]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="attachment"; filename*=UTF-8''${encoded}`;
};
