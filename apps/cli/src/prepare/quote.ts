/** One argument of a POSIX shell. Inside single quotes only the quote itself has a meaning. */
export const shellText = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A literal of PowerShell, which takes the typographic single quotes for the plain one; each is doubled. */
export const powershellText = (text: string): string => `'${text.replaceAll(/['\u2018-\u201B]/g, '$&$&')}'`;

/** A literal of Bicep, where `${` begins an expression. */
export const bicepText = (text: string): string => `'${text.replaceAll(/[\\']|\$(?=\{)/g, String.raw`\$&`)}'`;

/** A literal of an OData filter. */
export const odataText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
