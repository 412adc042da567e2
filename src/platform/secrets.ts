// What must never be read in a log or a message.

// Keys of ours, GitHub, Stripe and Supabase, JWTs, and credentials in headers or URLs. The final line is
// scrubbed because pino's `redact` reaches neither deep keys nor message text.
const SECRET =
  /\bkota_[a-z]+_[A-Za-z0-9]{20,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\b(?:sk|rk|whsec|pk)_(?:live_|test_)?[A-Za-z0-9]{10,}|\bsb_(?:secret|publishable)_\w{10,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|((?:bearer|basic) )[\w+/=.~-]{8,}|(:\/\/[^\s/:@"]*:)[^\s/@"]+(?=@)|("(?:password|secret|token|authorization|api_?key|pepper)"\s*:\s*")[^"]+/gi;

/** `text` with every secret replaced by `***`; what surrounds it stays. */
export function maskSecrets(text: string): string {
  return text.replace(
    SECRET,
    (_match, scheme: string | undefined, user: string | undefined, key: string | undefined) =>
      `${scheme ?? user ?? key ?? ""}***`,
  );
}
