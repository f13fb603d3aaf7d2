import { expect, test } from 'vitest';
import { describeErrno } from './errno.js';

test.each([
  [-13, { errno: 13, name: 'EACCES', text: 'permission denied' }],
  [2, { errno: 2, name: 'ENOENT', text: 'no such file or directory' }],
  [-11, { errno: 11, name: 'EAGAIN', text: 'resource temporarily unavailable' }],
  [-524, { errno: 524, name: 'ENOTSUPP', text: 'operation not supported by this kernel' }],
  [-4003, { errno: 4003, name: 'LIBBPF_ERRNO__ENDIAN', text: 'the object has the other byte order' }],
  [-9999, { errno: 9999, name: 'errno 9999', text: 'error 9999' }],
])('%d', (errno, expected) => {
  expect(describeErrno(errno)).toEqual(expected);
});
