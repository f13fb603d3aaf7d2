export { type Batch, BatchBuffer } from './batch-buffer.js';
export { BpfError, type BpfErrorFacts } from './bpf-error.js';
export type { BpfLink } from './bpf-link.js';
export {
  BpfMap,
  type MapCreation,
  type MapKey,
  type MapValue,
  possibleCpuCount,
  type UpdateMode,
} from './bpf-map.js';
export { BpfObject, type OpenOptions } from './bpf-object.js';
export type { BpfProgram } from './bpf-program.js';
export { Btf, type BtfField, BtfFormatError, type BtfStruct, type BtfVariable } from './btf.js';
export type { GlobalValue, GlobalValues } from './global-variables.js';
export { type IterOptions, type IterOutput, readIter, readIterAsync } from './iter-reader.js';
export {
  type BpfAccess,
  kernelHasBtf,
  libbpfVersion,
  PROGRAM_TYPES,
  type ProgramType,
  probeBpf,
  probeProgramType,
  probeTracing,
  readKernelBtf,
  type TracingHook,
  tracepointArgumentCount,
} from './kernel-features.js';
export { MAP_FLAGS, MAP_TYPES, type MapType } from './map-types.js';
export { LIBBPF_FILE, LIBBPF_HINT, registeredCallbackCount } from './native.js';
export { openPerfEvent, type PerfEventAttributes, readOnlineCpus } from './perf-event.js';
export {
  enableRunTimeStats,
  listMaps,
  listPrograms,
  type MapInfo,
  type ProgramInfo,
  readMapInfo,
  readProgramInfo,
} from './program-info.js';
export { type RecordHandler, RingBuffer } from './ring-buffer.js';
export {
  isCpuOffline,
  isUnsupported,
  SamplingEvent,
  type SamplingOptions,
  type SamplingSource,
} from './sampling-event.js';
export { decodeTaskEvents, type TaskEvent } from './task-event.js';
export { TaskEventReader, type TaskEvents } from './task-event-reader.js';
export type { UprobePlace } from './uprobe.js';
