/** Owns what is said where a program has no debug information: where it was looked for, and what would put it there. */

/** Characters of a path that are said: the words around it must fit a note. */
const MAX_PATH_CHARS = 160;

/** @param where undefined of what is no file */
export function missingDebugInfo(
  module: string,
  where: { path: string; buildId: string; debugFiles: readonly string[] } | undefined,
): string {
  if (where === undefined) return `${module} is no file, and has no debug information.`;
  const path = cut(where.path);
  const looked = where.debugFiles.slice(0, 2).map(cut);
  const sentences = [
    looked.length === 0
      ? `${path} has no debug information, and neither a build id nor a link by which a debug file of it could be found.`
      : `${path} has no debug information, and no debug file of it is at ${looked.join(' or ')}.`,
    'Build it with -g, or install its debug package: on Debian and Ubuntu the -dbgsym or -dbg package that ' +
      '“find-dbgsym-packages” names for it, on Fedora “dnf debuginfo-install” of the package that “rpm -qf” names.',
  ];
  if (where.buildId !== '' && looked.length > 0) {
    sentences.push(
      `No debuginfod server is asked; the file that “debuginfod-find debuginfo ${where.buildId}” fetches is found once it is at ${looked.length > 1 ? 'the first of these paths' : 'that path'}.`,
    );
  }
  return sentences.join(' ');
}

function cut(path: string): string {
  return path.length <= MAX_PATH_CHARS ? path : `…${path.slice(-MAX_PATH_CHARS)}`;
}
