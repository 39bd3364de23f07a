/** What a text that looks like a secret looks like. */
export const secretShapes = ['sas', 'account-key', 'jwt', 'client-secret', 'private-key', 'api-token'] as const;
export type SecretShape = (typeof secretShapes)[number];

// Each shape is that of a generated value: long enough, or marked, so that no name, address or expression has it by chance. Texts may be as long as a body: where a shape begins
// with characters that may come in any number, it begins where their run does, so that no character is read again for each one before it.
const SHAPES: readonly (readonly [SecretShape, RegExp])[] = [
  // The signature of a shared access signature is 32 bytes in base64, usually percent-encoded; Service Bus and others write it alike.
  ['sas', /(?:^|[^a-z])sig=[a-z0-9%+/_-]{30,}/i],
  // 64 bytes in base64, alone or within a connection string.
  ['account-key', /(?<![a-z0-9+/])[a-z0-9+/]{86,}==(?!=)|AccountKey=[a-z0-9+/]{30,}/i],
  // Header, payload and signature; the first two begin with `{"`.
  ['jwt', /(?<![\w-])(?=[\w-]*?eyJ[\w-]{8})[\w-]+\.[\w-]{8,}\.[\w-]{8,}/],
  // Client secrets of Entra ID: a version digit, then `Q~` at the fifth place.
  ['client-secret', /[\w~.-]{3}\dQ~[\w~.-]{31,}/],
  ['private-key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['api-token', /(?:pstream|psc|pss)_[\w-]{30,}/],
];

/** Shortest text that has one of the shapes. */
const SHORTEST = 25;

/** Which secret the text holds by its shape; undefined for ordinary text. Texts that anybody may read later must hold none. */
export const secretShapeOf = (text: string): SecretShape | undefined =>
  text.length < SHORTEST ? undefined : SHAPES.find(([, shape]) => shape.test(text))?.[0];
