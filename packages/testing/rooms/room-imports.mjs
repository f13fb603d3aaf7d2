/**
 * Owns reading a tree of rooms: which rooms there are, what each declares, and every module that its files name.
 * A room is a workspace: a folder with a package.json under apps/ or packages/, and probes/ and e2e/ themselves.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOM_PARENTS = ['apps', 'packages'];
const ROOMS_AT_TOP = ['probes', 'e2e'];
const MADE_BY_BUILDS = new Set(['node_modules', 'dist', 'out', 'build', '.next', '.turbo', 'test-results']);
const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/**
 * @typedef {{ specifier: string, line: number }} Import
 * @typedef {{ path: string, isTest: boolean, inSrc: boolean, imports: Import[] }} SourceFile  path from the tree's root
 * @typedef {{ room: string, name: string, dependencies: Set<string>, devDependencies: Set<string>, files: SourceFile[] }} Room
 */

/** @returns {Room[]} */
export function readRooms(root) {
  const folders = [
    ...ROOM_PARENTS.flatMap((parent) => namesIn(join(root, parent)).map((name) => `${parent}/${name}`)),
    ...ROOMS_AT_TOP,
  ];
  return folders
    .filter((room) => existsSync(join(root, room, 'package.json')))
    .map((room) => {
      const description = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8'));
      return {
        room,
        name: description.name,
        dependencies: new Set([
          ...Object.keys(description.dependencies ?? {}),
          ...Object.keys(description.optionalDependencies ?? {}),
          ...Object.keys(description.peerDependencies ?? {}),
        ]),
        devDependencies: new Set(Object.keys(description.devDependencies ?? {})),
        files: sourcePaths(root, room).map((path) => ({
          path,
          isTest: isTestPath(room, path),
          inSrc: path.startsWith(`${room}/src/`),
          imports: importsOf(path, readFileSync(join(root, path), 'utf8')),
        })),
      };
    });
}

/** Everything in e2e drives the product from outside; elsewhere a test says so in its name or its folder; configuration and what runs at build time are like it. */
function isTestPath(room, path) {
  return (
    room === 'e2e' ||
    /\.test\.[cm]?[jt]sx?$|\.config\.[cm]?[jt]s$|\/(?:generate|build)\.mjs$|\/(?:fixtures|rooms|gallery|truth)\//.test(
      path,
    )
  );
}

function sourcePaths(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return MADE_BY_BUILDS.has(entry.name) ? [] : sourcePaths(root, path);
    return SOURCE.test(entry.name) && entry.name !== 'next-env.d.ts' ? [path] : [];
  });
}

function namesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** Every module named in a file: import, export from, import(), import('…').Type, require(), import.meta.resolve(). */
export function importsOf(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = [];
  const add = (node) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    imports.push({ specifier: node.text, line });
  };
  const visit = (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      add(node.moduleSpecifier);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal);
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression);
    } else if (ts.isCallExpression(node) && namesModule(node)) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteralLike(argument)) add(argument);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function namesModule(call) {
  const callee = call.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return (
    ts.isPropertyAccessExpression(callee) && /^(?:import\.meta|require)\.resolve$/.test(callee.getText())
  );
}
