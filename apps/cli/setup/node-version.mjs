/**
 * Owns the oldest Node that the project runs on. Written in syntax that older versions parse too, so that they reach
 * the message instead of a SyntaxError; whoever imports this loads everything else dynamically, after the check.
 */
export const OLDEST_NODE = [20, 19];

/** What to tell someone whose Node is too old; undefined when `version` (as in `process.versions.node`) will do. */
export function nodeVersionProblem(version) {
  const parts = version.split('.').map(Number);
  const [major, minor] = OLDEST_NODE;
  if (parts[0] > major || (parts[0] === major && parts[1] >= minor)) return undefined;
  return `Node ${version} is too old: Stallscope needs Node ${major}.${minor} or later. Get one from https://nodejs.org/ or with: nvm install ${major}`;
}
