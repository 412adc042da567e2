// What a git process is told: nothing of this process's environment but PATH, no configuration of the machine
// or the person, and settings that win over whatever the repository's own configuration says, so that reading a
// repository never runs a program that it names and never reaches a host or a file that was not checked.
import { SILENCE_SECONDS_MAX } from "./limits.ts";

/** A remote that was checked (network.ts): the protocol git may use and settings for this call alone. */
export interface RemoteAccess {
  url: string;
  protocol: "http" | "https";
  /** Configuration, as pairs. May hold a credential: it goes to the child's environment and nowhere else. */
  config: readonly (readonly [key: string, value: string])[];
  /** Texts that must never be seen: replaced in everything git says. */
  secrets: readonly string[];
}

/**
 * Settings of every call. They are command-line configuration to git (`GIT_CONFIG_COUNT`), the strongest kind.
 * - `protocol.*.allow` of a repository would win over `protocol.allow`: GIT_ALLOW_PROTOCOL wins over both.
 * - Redirects: with git's default a 302 led a fetch to another service of this machine (design, 23 Nov 2026).
 * - Old commits and tags with odd dates or mails, zero-padded modes and unusual .gitmodules are common in real
 *   repositories and harmless here, where nothing is checked out; what stays an error are names such as `.git`,
 *   `..`, duplicate or unsorted entries.
 */
const SETTINGS: readonly (readonly [string, string])[] = [
  ["safe.directory", "*"],
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.askPass", ""],
  ["core.sshCommand", "false"],
  ["core.pager", "cat"],
  ["core.alternateRefsCommand", "true"],
  ["credential.helper", ""],
  ["protocol.allow", "never"],
  ["protocol.version", "2"],
  ["http.followRedirects", "false"],
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", String(SILENCE_SECONDS_MAX)],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["transfer.fsckObjects", "true"],
  ["transfer.unpackLimit", "1"],
  ["fetch.unpackLimit", "1"],
  ["gc.auto", "0"],
  ["gc.autoDetach", "false"],
  ["maintenance.auto", "false"],
  ...[
    "badDate",
    "badDateOverflow",
    "badEmail",
    "badFilemode",
    "badName",
    "badTagName",
    "badTimezone",
    "gitmodulesLarge",
    "gitmodulesMissing",
    "gitmodulesName",
    "gitmodulesParse",
    "gitmodulesPath",
    "gitmodulesSymlink",
    "gitmodulesUpdate",
    "gitmodulesUrl",
    "missingEmail",
    "missingNameBeforeEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "missingTaggerEntry",
    "multipleAuthors",
    "nulInCommit",
    "zeroPaddedDate",
    "zeroPaddedFilemode",
  ].map((id) => [`fetch.fsck.${id}`, "ignore"] as const),
];

/** The whole environment of a git process. Without `remote` no protocol is allowed at all. */
export function gitEnvironment(searchPath: string, remote?: RemoteAccess): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: searchPath,
    HOME: "/nonexistent",
    XDG_CONFIG_HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    // Empty means "ask nobody"; a program that answers nothing would send a second, empty credential.
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    GIT_SSH_COMMAND: "false",
    GIT_ALLOW_PROTOCOL: remote?.protocol ?? "none",
    GIT_PROTOCOL_FROM_USER: "0",
    GIT_NO_LAZY_FETCH: "1",
    // An object is what its id says, in a person's folder too.
    GIT_NO_REPLACE_OBJECTS: "1",
    // Never write a person's index.
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_PAGER: "cat",
    GIT_EDITOR: "false",
  };
  const config = [
    ...SETTINGS,
    ...(remote ? [[`protocol.${remote.protocol}.allow`, "always"] as const, ...remote.config] : []),
  ];
  environment["GIT_CONFIG_COUNT"] = String(config.length);
  config.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return environment;
}
