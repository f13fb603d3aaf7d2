/**
 * Owns the judgement: rooms as read and the allowlist in, complaints out. Pure.
 * Each complaint says where, which arrow or rule, and what to do.
 */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';

const NODE_BUILTINS = new Set(builtinModules);

/**
 * @typedef {{ from: string, to: string, why: string }} Arrow
 * @typedef {{ arrows: Arrow[], only: { package: string, room: string, why: string }[], withoutNode: { room: string, why: string }[], withoutTypeScript: { room: string, why: string }[] }} Rules
 */

/**
 * @param {import('./room-imports.mjs').Room[]} rooms
 * @param {Rules} rules
 * @param {{ dependencies: Set<string> }} tree  what the root package.json gives to tests
 * @returns {string[]}
 */
export function complaintsAbout(rooms, rules, tree) {
  const complaints = [];
  const roomOfPackage = new Map(rooms.map((room) => [room.name, room]));
  const allowed = new Map(rules.arrows.map((arrow) => [`${arrow.from} → ${arrow.to}`, arrow]));
  const used = new Set();

  const takeArrow = (where, from, to, isTest) => {
    const arrow = `${from} → ${to}`;
    const testArrow = `tests → ${to}`;
    if (allowed.has(arrow)) used.add(arrow);
    else if (isTest && allowed.has(testArrow)) used.add(testArrow);
    // What drives the product from outside may look at any of it; nothing is built on it.
    else if (from !== 'e2e') {
      complaints.push(
        `${where}: ${arrow} is no allowed arrow. Move the code to a room that may know both, or add the arrow with its reason to packages/testing/rooms/rooms.json`,
      );
    }
  };

  for (const arrow of rules.arrows) {
    for (const end of [arrow.from, arrow.to]) {
      if (end !== 'tests' && !rooms.some((room) => room.room === end)) {
        complaints.push(
          `rooms.json: ${arrow.from} → ${arrow.to} names ${end}, which is no room. Remove the entry`,
        );
      }
    }
    if (!arrow.why)
      complaints.push(`rooms.json: ${arrow.from} → ${arrow.to} has no reason. Say why in one phrase`);
  }

  for (const room of rooms) {
    const withoutNode = rules.withoutNode.find((rule) => rule.room === room.room);
    const withoutTypeScript = rules.withoutTypeScript.find((rule) => rule.room === room.room);

    for (const dependency of room.dependencies) {
      const to = roomOfPackage.get(dependency);
      if (to?.room === 'e2e')
        complaints.push(`${room.room}/package.json: nothing may depend on e2e. Remove ${dependency}`);
      else if (to !== undefined) takeArrow(`${room.room}/package.json`, room.room, to.room, false);
    }

    for (const file of room.files) {
      if (withoutTypeScript && /\.[cm]?tsx?$/.test(file.path) && !file.path.endsWith('.generated.ts')) {
        complaints.push(
          `${file.path}: ${room.room} has no TypeScript: ${withoutTypeScript.why}. Move it to the room that uses it`,
        );
      }
      for (const { specifier, line } of file.imports) {
        const where = `${file.path}:${line}`;
        if (specifier.startsWith('.') || specifier.startsWith('/')) {
          const target = posix.join(posix.dirname(file.path), specifier);
          if (specifier.startsWith('/') || !target.startsWith(`${room.room}/`)) {
            complaints.push(
              `${where}: '${specifier}' leaves ${room.room}. Import the other room by its package name`,
            );
          }
          continue;
        }
        // Paths of the web framework's own alias and `#imports` stay within the room by construction.
        if (specifier.startsWith('#') || specifier.startsWith('@/')) continue;

        if (specifier.startsWith('node:') || NODE_BUILTINS.has(specifier.split('/')[0])) {
          if (withoutNode && file.inSrc && !file.isTest) {
            complaints.push(
              `${where}: ${room.room} uses no Node built-ins (${specifier}): ${withoutNode.why}. Take what is needed as an argument`,
            );
          }
          continue;
        }

        const name = packageOf(specifier);
        const owners = rules.only.filter((rule) => rule.package === name);
        if (owners.length > 0 && !owners.some((owner) => owner.room === room.room)) {
          const rooms = owners.map((owner) => owner.room).join(' and ');
          const verb = owners.length === 1 ? 'imports' : 'import';
          complaints.push(
            `${where}: only ${rooms} ${verb} ${name}: ${owners.map((owner) => owner.why).join('; ')}. Call what ${owners.length === 1 ? 'it exports' : 'they export'}`,
          );
          continue;
        }
        if (name === room.name) continue;
        const to = roomOfPackage.get(name);
        if (to?.room === 'e2e') {
          complaints.push(`${where}: nothing may import e2e. Move what is needed to packages/testing`);
          continue;
        }
        if (to !== undefined) takeArrow(where, room.room, to.room, file.isTest);
        const declared =
          room.dependencies.has(name) ||
          (file.isTest &&
            (room.devDependencies.has(name) || tree.dependencies.has(name) || to !== undefined));
        if (!declared) {
          complaints.push(
            `${where}: ${room.room} imports ${name} but does not declare it. Add it to "dependencies" in ${room.room}/package.json`,
          );
        }
      }
    }
  }

  for (const arrow of allowed.keys()) {
    if (!used.has(arrow) && !complaints.some((complaint) => complaint.startsWith(`rooms.json: ${arrow} `))) {
      complaints.push(`rooms.json: ${arrow} is not used by any import or dependency. Remove the entry`);
    }
  }
  return complaints;
}

/** `@scope/name/deep` → `@scope/name`, `name/deep` → `name`. */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
