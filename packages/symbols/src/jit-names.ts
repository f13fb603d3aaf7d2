/**
 * Owns what the names in perf maps say: which kind of code a frame is, and its name without the run-time's own marks.
 *
 *     JS:*hotLoop /srv/app.js:2:17          jit            hotLoop app.js:2           in /srv/app.js
 *     LazyCompile:~tick /srv/app.js:5:26    interpreted    tick app.js:5              in /srv/app.js
 *     py::Shop.total:/srv/shop.py           interpreted    Shop.total shop.py         in /srv/shop.py
 *     long Busy.spinHot(long)               jit            long Busy.spinHot(long)
 *     Interpreter                           interpreted    Interpreter                JVM: which method is not written
 *     I2C/C2I adapters                      stub           I2C/C2I adapters
 *
 * A line belongs to the name, as there are many functions of one name, and of none, in a file.
 */
import type { FrameKind } from './symbolic-frame.js';

export interface JitName {
  name: string;
  /** The script it was compiled from, as the run-time names it; '' when it does not. */
  module: string;
  kind: FrameKind;
}

/** V8: what it logs as, what compiled it (~ nothing yet, ^ Sparkplug, + Maglev, * Turbofan), function and place. */
const V8_FUNCTION = /^(JS|LazyCompile|Function|InterpretedFunction|Eval|Script|Module):([~^+*]?)'?(.*)$/;
const V8_CODE = /^(Builtin|BytecodeHandler|Stub|Handler|RegExp):(.+)$/;
const V8_PLACE = /^(.*):(\d+):(\d+)$/;
/** Characters in which a URL's scheme is looked for. */
const MAX_SCHEME = 24;
/** How scripts begin: a path, a URL, `[eval]`. */
const SCRIPT_START = /^(?:[/.[]|[\w-]+:)/;
/** A qualified name holds no colon. */
const PYTHON = /^py::([^:]*):(.*)$/;
/** A JVM's method: what it returns, a class and a method, the types that it takes. */
const JAVA_METHOD = /^\S+ \S+\.\S+\(.*\)$/;
/** What else the JVM puts into its code cache, all made by itself. */
const JAVA_STUB =
  /(\bstubs?\b|_stub\b|^StubRoutines|adapters?\b|Blob\b|throw_exception$|^(DeoptimizationBlob|UncommonTrapBlob|ExceptionBlob|SafepointBlob|RuntimeStub)|_Java$|^vtable |^itable )/;

export function toJitName(raw: string): JitName {
  const v8 = V8_FUNCTION.exec(raw);
  if (v8 !== null) return ofV8Function(v8[1]!, v8[2]!, v8[3]!);
  const code = V8_CODE.exec(raw);
  if (code !== null) {
    const [, type, name] = code as unknown as [string, string, string];
    if (type === 'RegExp') return { name: raw, module: '', kind: 'jit' };
    const isInterpreter = type === 'BytecodeHandler' || name.startsWith('Interpreter');
    return { name, module: '', kind: isInterpreter ? 'interpreted' : 'stub' };
  }
  const python = PYTHON.exec(raw);
  if (python !== null) {
    const [, name, file] = python as unknown as [string, string, string];
    return { name: withPlace(name, basename(file)), module: file, kind: 'interpreted' };
  }
  if (raw === 'Interpreter') return { name: raw, module: '', kind: 'interpreted' };
  if (!JAVA_METHOD.test(raw) && JAVA_STUB.test(raw)) return { name: raw, module: '', kind: 'stub' };
  return { name: raw, module: '', kind: 'jit' };
}

/** Functions of files that are the loop of an interpreter, or its way into it: what it interprets is not known. */
const INTERPRETER_LOOP =
  /^(Builtins_Interpreter\w*|Builtins_\w+Handler|_?PyEval_EvalFrameDefault(\.\w+)*|vm_exec_core|execute_ex|Perl_runops_standard|luaV_execute|lj_BC_\w+)$/;

/** Of a function that a file has a symbol for. */
export function kindOfFunction(name: string): FrameKind {
  return INTERPRETER_LOOP.test(name) ? 'interpreted' : 'native';
}

function ofV8Function(type: string, mark: string, rest: string): JitName {
  const kind = mark === '~' || type === 'InterpretedFunction' ? 'interpreted' : 'jit';
  const place = V8_PLACE.exec(rest);
  if (place === null) return { name: rest.trim() || '(anonymous)', module: '', kind };
  const [, text, line] = place as unknown as [string, string, string];
  const { name, script } = splitAtScript(text);
  return {
    name: withPlace(
      name || (type === 'Script' || type === 'Module' ? '(script)' : '(anonymous)'),
      `${basename(script)}:${line}`,
    ),
    module: script,
    kind,
  };
}

/** Functions and scripts may both hold spaces: `get size node:internal/url`, `f /srv/my app.js`. */
function splitAtScript(text: string): { name: string; script: string } {
  for (let at = 0; at >= 0; at = text.indexOf(' ', at) + 1 || -1) {
    if (SCRIPT_START.test(text.slice(at, at + MAX_SCHEME))) {
      return { name: text.slice(0, Math.max(0, at - 1)), script: text.slice(at) };
    }
  }
  const lastSpace = text.lastIndexOf(' ');
  return { name: text.slice(0, Math.max(0, lastSpace)), script: text.slice(lastSpace + 1) };
}

function withPlace(name: string, place: string): string {
  return place === '' ? name : `${name} ${place}`;
}

/** Of a path or a URL; `node:internal/timers` stays whole up to its last part. */
function basename(script: string): string {
  const path = script.replace(/[?#].*$/, '');
  return path.slice(path.lastIndexOf('/') + 1);
}
