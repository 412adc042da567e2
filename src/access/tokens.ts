// What a token of Supabase Auth looks like, and who issues them.

/** Whether `text` could be a JSON Web Token: three parts, the first of them a header. */
export function isTokenShaped(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(text);
}

/** The issuer of a Supabase project's tokens; its OAuth 2.1 authorization server too. */
export function issuerOf(supabaseUrl: string): string {
  return `${supabaseUrl}/auth/v1`;
}
