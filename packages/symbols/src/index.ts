export { BoundedCache } from './bounded-cache.js';
export { FileBytes, MemoryBytes } from './byte-source.js';
export { demangle } from './demangle.js';
export { type ByteSource, ElfFile, type ElfSegment } from './elf.js';
export { type AttachRefusal, askForPerfMap, hasJvmOption } from './hotspot-attach.js';
export { InlinedFrames, type InlineSummary, type SeenAddress } from './inlined-frames.js';
export {
  type AddressRange,
  type Arch,
  backlogRanges,
  type EntryOptions,
  interruptEntryRanges,
  MAX_RANGES,
  sendRanges,
  softirqActionRanges,
  softirqRanges,
  taskResumeRanges,
} from './interrupt-entry.js';
export { INTERRUPT_NAMES, type InterruptName, interruptName } from './interrupt-name.js';
export { JavaPerfMaps, type JavaPerfMapsOptions } from './java-perf-maps.js';
export { type JitName, kindOfFunction, toJitName } from './jit-names.js';
export { Kallsyms, type KernelSymbol } from './kallsyms.js';
export { isMeasuringFrame, trimMeasuringFrames } from './measuring-frames.js';
export type { NoPerfMap, OpenPerfMap, PerfMapFiles } from './perf-map-file.js';
export { type FilePlace, HOST_PROC_FILES, type ProcFiles } from './proc-files.js';
export type { ProcessImage, ProcessImages } from './process-images.js';
export { type Mapping, ProcessMaps } from './process-maps.js';
export { RecentCache } from './recent-cache.js';
export { findRuntime, type Runtime, type RuntimeName } from './runtimes.js';
export { FunctionSources, type SourceOfFunction } from './source-of-function.js';
export type { SourcePlace } from './source-place.js';
export { MAX_STACK_FRAMES, type StackEnd, stackEnd } from './stack-end.js';
export { SymbolError } from './symbol-error.js';
export {
  type FrameKind,
  offsetName,
  type SymbolicFrame,
  UNKNOWN_NAME,
  type UnnamedReason,
} from './symbolic-frame.js';
export { type JitState, Symbolizer, type SymbolizerOptions } from './symbolizer.js';
