/**
 * Owns the two forms of a blocked thread's stack: with the thread's name and separator in the path, as our views have it,
 * and without, as pprof has it, where the name is a label.
 *
 *     app; main; read; -; vfs_read; [marker]   ⇄   main; read; vfs_read; [marker]   and comm=app
 */
import type { Role, SampleProfile } from '@stallscope/profile';
import { framesRootFirst } from '../sample-paths.js';

/**
 * Frames by stack, leaf first, without names of threads and separators, when every sample of the profile can be put
 * together again from them; else undefined, and the paths are to be kept as they are.
 */
export function toOffCpuFrames(profile: SampleProfile): Map<number, number[]> | undefined {
  const framesOf = new Map<number, number[]>();
  const commOf = new Map<number, string>();
  for (const [sample, stack] of profile.sampleStack.entries()) {
    const { comm } = profile.labelSets[profile.sampleLabels[sample]!]!;
    if (comm === undefined) return undefined;
    if (!framesOf.has(stack)) {
      const path = framesRootFirst(profile, stack);
      const roles = path.map((frame) => profile.frames[frame]!.role);
      const kept = path.filter((_, at) => KEPT.has(roles[at]!));
      const restored = withSeparator(kept.map((frame) => profile.frames[frame]!.role));
      if (restored.length !== roles.length - 1 || restored.some((role, at) => role !== roles[at + 1])) {
        return undefined;
      }
      if (roles[0] !== 'comm') return undefined;
      framesOf.set(stack, kept.reverse());
      commOf.set(stack, profile.frames[path[0]!]!.name);
    }
    if (commOf.get(stack) !== comm) return undefined;
  }
  return framesOf.size === 0 ? undefined : framesOf;
}

/** Roles with a separator put where user frames meet kernel frames. */
export function withSeparator(roles: readonly Role[]): Role[] {
  return roles.flatMap((role, at): Role[] =>
    role === 'kernel' && roles[at - 1] === 'user' ? ['separator', 'kernel'] : [role],
  );
}

const KEPT: ReadonlySet<Role> = new Set<Role>(['user', 'kernel', 'marker']);
