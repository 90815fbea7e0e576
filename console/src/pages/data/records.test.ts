import { describe, expect, it } from 'vitest';
import { imageRecords, pictureType } from './records';

function record(flag: number, label: number, more: readonly number[], id: number, image: readonly number[], part = 0): number[] {
  const length = 24 + 4 * more.length + image.length;
  const bytes = new Uint8Array(8 + length + ((4 - (length % 4)) % 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xced7230a, true);
  view.setUint32(4, ((part << 29) | length) >>> 0, true);
  view.setUint32(8, flag, true);
  view.setFloat32(12, label, true);
  view.setBigUint64(16, BigInt(id), true);
  more.forEach((value, i) => view.setFloat32(32 + 4 * i, value, true));
  bytes.set(image, 32 + 4 * more.length);
  return [...bytes];
}

const jpeg = [0xff, 0xd8, 1, 2, 3];

describe('records of images', () => {
  it('are read with their labels, whatever their padding', () => {
    const bytes = Uint8Array.from([...record(0, 7, [], 12, jpeg), ...record(2, 0, [1, 0.5], 13, [0x89, 0x50])]).buffer;
    const records = imageRecords(bytes, 10);
    expect(records?.map(({ labels, id, image }) => [labels, id, pictureType(image)])).toEqual([
      [[7], 12, 'image/jpeg'],
      [[1, 0.5], 13, 'image/png'],
    ]);
  });

  it('stop where the bytes or the limit end', () => {
    const bytes = [...record(0, 1, [], 1, jpeg), ...record(0, 2, [], 2, jpeg)];
    expect(imageRecords(Uint8Array.from(bytes.slice(0, -6)).buffer, 10)).toHaveLength(1);
    expect(imageRecords(Uint8Array.from(bytes).buffer, 1)).toHaveLength(1);
  });

  it('leave out parts of a record and refuse other files', () => {
    expect(imageRecords(Uint8Array.from([...record(0, 1, [], 1, jpeg, 1), ...record(0, 2, [], 2, jpeg)]).buffer, 10)?.map((one) => one.id)).toEqual([2]);
    expect(imageRecords(new TextEncoder().encode('5,1,2,3\n1,2,3,4\n').buffer, 10)).toBeNull();
    expect(imageRecords(new ArrayBuffer(3), 10)).toBeNull();
  });
});
