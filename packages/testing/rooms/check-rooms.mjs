/** `npm run check:rooms`: the arrows between rooms, from package.json files and real imports, against rooms.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRooms } from './room-imports.mjs';
import { complaintsAbout } from './room-rules.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const rules = JSON.parse(readFileSync(new URL('rooms.json', import.meta.url), 'utf8'));
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const rooms = readRooms(root);
const complaints = complaintsAbout(rooms, rules, {
  dependencies: new Set(Object.keys({ ...description.dependencies, ...description.devDependencies })),
});
for (const complaint of complaints) console.error(complaint);
const files = rooms.reduce((sum, room) => sum + room.files.length, 0);
console.log(
  complaints.length === 0
    ? `rooms: ${rules.arrows.length} arrows between ${rooms.length} rooms hold in ${files} files`
    : `rooms: ${complaints.length} complaints`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;
