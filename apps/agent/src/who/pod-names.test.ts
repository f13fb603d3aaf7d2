import { describe, expect, it } from 'vitest';
import { PodNames, readPodDirectories } from './pod-names.js';

const UID = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';
const HASH = '0123456789abcdef0123456789abcdef';

describe('directories of logs', () => {
  it.each<[what: string, directory: string, uid: string, name: string | undefined]>([
    ['a pod of a deployment', `shop_cart-7d9c5b6f8-x2x9z_${UID}`, UID, 'shop/cart-7d9c5b6f8-x2x9z'],
    ['a static pod', `kube-system_etcd-node1_${HASH}`, HASH, 'kube-system/etcd-node1'],
    ['a name with dots', `a_web-0.example.org_${UID}`, UID, 'a/web-0.example.org'],
    ['no uid', 'shop_cart', UID, undefined],
    ['more parts', `a_b_c_${UID}`, UID, undefined],
    ['what no pod is called', `shop_Cart_${UID}`, UID, undefined],
    ['a way out', `.._.._${UID}`, UID, undefined],
    ['a terminal’s codes', `a_\u001b[31mb_${UID}`, UID, undefined],
    ['too long a namespace', `${'a'.repeat(64)}_b_${UID}`, UID, undefined],
    ['a uid in capitals', `a_b_${UID.toUpperCase()}`, UID, undefined],
  ])('%s', (_what, directory, uid, name) => {
    expect(readPodDirectories([directory]).get(uid)).toBe(name);
  });

  it('are read to a bound', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `a_b_${n.toString(16).padStart(32, '0')}`);
    expect(readPodDirectories(many).size).toBe(4_096);
  });
});

it('a pod that comes is named after a while, one without logs is its uid', () => {
  let nowMs = 0;
  const directories: string[] = [];
  const pods = new PodNames(
    { version: () => String(directories.length), names: () => directories },
    () => nowMs,
  );
  expect([pods.wordsOf(''), pods.wordsOf(UID)]).toEqual(['', UID]);
  directories.push(`shop_cart_${UID}`);
  nowMs = 10_000;
  expect(pods.wordsOf(UID)).toBe(`shop/cart ${UID}`);
});

it('a host that is no node of Kubernetes has uids', () => {
  const pods = new PodNames({ version: () => undefined, names: () => expect.fail('read') });
  expect(pods.wordsOf(UID)).toBe(UID);
});
