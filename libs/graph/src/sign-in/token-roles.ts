/** The application permissions that a token names (claim `roles`); none where the token is no readable JWT. A hint only: the token is
 *  Graph's to judge, its signature is not checked here. */
export const rolesOf = (token: string): readonly string[] => {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const roles: unknown = typeof claims === 'object' && claims !== null ? (claims as { roles?: unknown }).roles : undefined;
    return Array.isArray(roles) ? roles.filter((role): role is string => typeof role === 'string') : [];
  } catch {
    return [];
  }
};
