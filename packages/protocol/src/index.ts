export * from './control-messages.js';
export { DictionaryBytes } from './dictionary-bytes.js';
export * from './dictionary-codec.js';
export { encodeReset, type FrameHeader, readFrameHeader, toFrame } from './frame-header.js';
export * from './limits.js';
export * from './protocol.js';
export * from './protocol-error.js';
export * from './window-codec.js';
export * from './window-file.js';
